"""How an alert lands: live without a reload, every number with its list, doubts decided by an officer, and the record to print."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.database import reading, writing
from notify.store.alerts import VERSIONS
from notify.store.deliveries import DELIVERIES
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafted import audited, calls, hidden, put, sent, submitted
from tests.console.pages.surfer import Surfer

NAMES = ("孙悟空", "猪八戒", "林黛玉", "贾宝玉")


def polled(surfer: Surfer, number: int, mark: str = "") -> tuple[int, str]:
    """Ask for the live part as the script does."""
    answer = surfer.ask("GET", f"/office/alerts/{number}", params={"seen_mark": mark}, headers={"HX-Request": "true"})
    return answer.status_code, answer.text


def numbers(desk: Desk) -> list[int]:
    """Return the numbers of the notices of the newest alert."""
    with reading(desk.office.engine) as connection:
        found = connection.execute(select(DELIVERIES.c.id, DELIVERIES.c.version_id).order_by(DELIVERIES.c.id)).all()
    return [row.id for row in found if row.version_id == found[-1].version_id]


def test_the_page_is_told_only_what_is_new(office_desk: Desk) -> None:
    """A poll is answered with nothing while nothing changed, with the figures when a receipt came, and ends when all is over."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    put(office_desk, number, provider_status="sent", provider_rank=4)
    page = wang.get(f"/office/alerts/{number}")
    assert 'hx-trigger="every 2s"' in page
    mark = hidden(wang, "seen_mark")
    assert polled(wang, number, mark) == (204, "")
    put(office_desk, number, provider_status="sending", state="sending")
    status, part = polled(wang, number, mark)
    assert (status, "<html" in part) == (200, False)
    assert "on its way out" in part
    assert 'hx-swap-oob="innerHTML:#progress"' in part
    put(office_desk, number, provider_status="read", state="accepted")
    status, part = polled(wang, number, mark)
    assert status == 286
    assert "4 of 4 notices delivered" in part


def test_a_poll_of_who_is_signed_out_leads_to_the_sign_in(office_desk: Desk) -> None:
    """The part of a page is no place for a sign-in."""
    number = submitted(office_desk)
    stranger = office_desk.stranger()
    answer = stranger.ask("GET", f"/office/alerts/{number}", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/office/sign-in")


def test_every_number_opens_its_list_by_name(office_desk: Desk) -> None:
    """Notices and people behind a number are named, with the reason in words and what to do; the look is in the audit."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    put(office_desk, number, provider_status="undelivered", error_code="30005")
    page = wang.get(f"/office/alerts/{number}")
    assert "unknown number" in page
    assert "have it corrected in the register" in page
    for link in wang.links(f"/office/alerts/{number}/notices") + wang.links(f"/office/alerts/{number}/people"):
        shown = wang.get(link)
        assert [name for name in NAMES if name not in shown] == [], link
    assert set(audited(office_desk, "people.view")) >= {"1,2,4,6"}


def test_a_doubt_is_decided_once(office_desk: Desk) -> None:
    """What no machine can settle an officer sends again, marked as perhaps doubled, or lets be; the second officer is told."""
    number, wang, sun = sent(office_desk), office_desk.as_(Role.OFFICER), office_desk.as_("sun")
    put(
        office_desk,
        number,
        state="unresolved",
        reason="no-lookup",
        provider_status="",
        provider_id=None,
        provider_rank=0,
    )
    address = f"/office/alerts/{number}/notices"
    page = wang.get(f"{address}?state=unresolved")
    assert "Nobody can tell whether it arrived" in page
    sun.get(f"{address}?state=unresolved")
    one, other, *rest = numbers(office_desk)
    assert "Choose which notices you decide of" in wang.post(address, 422, verdict="again")
    assert "sent again, marked as perhaps doubled" in wang.post(address, verdict="again", notice=[one])
    assert calls(office_desk, number) == 5
    assert "Somebody else decided" in sun.post(address, verdict="let-be", notice=[one])
    assert "They are let be" in sun.post(address, verdict="let-be", notice=[other, *rest])
    states = {row.id: (row.state, row.doubtful) for row in office_desk.house.rows() if row.id in (one, other)}
    assert states == {one: ("accepted", True), other: ("canceled", False)}
    assert (audited(office_desk, "delivery.again"), audited(office_desk, "delivery.let-be")) == (
        [str(one)], [",".join(map(str, [other, *rest]))],
    )  # fmt: skip
    wang.post(address, 404, verdict="explode", notice=[one])


def test_a_doubt_past_its_time_is_not_sent_again(office_desk: Desk) -> None:
    """Old warnings are not sent: the officer is told to call."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    put(office_desk, number, state="unresolved", reason="no-lookup")
    clock = office_desk.office.clock
    assert isinstance(clock, FixedClock)
    wang.get(f"/office/alerts/{number}/notices?state=unresolved")
    put(office_desk, number, state="unresolved")
    with writing(office_desk.office.engine) as connection:
        connection.execute(VERSIONS.update().values(send_by=clock.now() - timedelta(minutes=1)))
    page = wang.post(f"/office/alerts/{number}/notices", 422, verdict="again", notice=numbers(office_desk))
    assert "Their time is over" in page
    assert calls(office_desk, number) == 4


def test_a_notice_of_another_alert_is_not_decided_here(office_desk: Desk) -> None:
    """The numbers in a form count only for the alert of the page."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    put(office_desk, number, state="unresolved", reason="no-lookup")
    wang.get("/office/alerts/1/notices?state=unresolved")
    page = wang.post("/office/alerts/1/notices", verdict="let-be", notice=numbers(office_desk))
    assert "nothing was done now" in page
    assert {row.state for row in office_desk.house.rows() if row.id in numbers(office_desk)} == {"unresolved"}


@pytest.mark.parametrize("kind", ["update", "correction"])
def test_what_follows_is_seen_before_it_is_drafted(office_desk: Desk, kind: str) -> None:
    """The preview tells whom it goes to and keeps nothing; drafting leads to the alert, where another person must approve it."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    address = f"/office/alerts/{number}/follow?kind={kind}"
    assert "Say what is new" in _post(wang, address, 422)
    page = _post(wang, address, body_zh="水位已下降。", look="yes")
    assert "say it in English too" in page
    page = _post(wang, address, body_zh="水位已下降。", body_en="The water falls.", look="yes")
    assert "4 people who were told, or may have been; 0 who were not yet." in page
    assert "Draft it for 4 people" in page
    assert "version 2" not in wang.get(f"/office/alerts/{number}")
    page = _post(wang, address, body_zh="水位已下降。", body_en="The water falls.", save="yes")
    assert "Drafted. It goes through the same hands" in page
    assert "Version 2 has not been sent yet" in page
    assert "Submit for approval" in page
    assert "A version waits already" in wang.get(address)


def test_an_update_can_ask_everybody_anew(office_desk: Desk) -> None:
    """Chosen in the form of an update, its version asks whether people are safe, though the first did not."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    _post(wang, f"/office/alerts/{number}/follow?kind=update", ask_safe="yes", save="yes")
    with reading(office_desk.office.engine) as connection:
        asks = select(VERSIONS.c.ask_safe).where(VERSIONS.c.alert_id == number).order_by(VERSIONS.c.no)
        assert list(connection.execute(asks).scalars()) == [False, True]


def test_the_second_of_two_who_follow_is_told_and_keeps_what_they_typed(office_desk: Desk) -> None:
    """Two officers draft the next version: the later one sees that, with their own words still in the fields."""
    number, wang, sun = sent(office_desk), office_desk.as_(Role.OFFICER), office_desk.as_("sun")
    address = f"/office/alerts/{number}/follow?kind=all-clear"
    for one in (wang, sun):
        one.get(address)
    newest = hidden(sun, "newest")
    wang.post(address, newest=newest, save="yes")
    page = sun.post(address, 422, newest=newest, title_zh="警报已经解除", save="yes")
    assert "Somebody drafted another version meanwhile" in page
    assert "警报已经解除" in page


def test_the_record_prints_who_was_told_and_the_gaps(office_desk: Desk) -> None:
    """Shortened names unless asked for, the account as an equation, gaps, and the newest seal; the look is in the audit."""
    number, wang = sent(office_desk), office_desk.as_(Role.OFFICER)
    page = wang.get(f"/office/alerts/{number}/report")
    assert [name for name in NAMES if name in page] == []
    for words in (
        "expected 4 = planned 4",
        "Everything is accounted for",
        "written by wang",
        "approved by li",
        "Printed by wang",
    ):
        assert words in page, words
    page = wang.get(f"/office/alerts/{number}/report?names=full")
    assert [name for name in NAMES if name not in page] == []
    assert audited(office_desk, "ledger.export") == ["", "plain"]


def _post(who: Surfer, address: str, status: int = 0, **fields: object) -> str:
    who.get(address)
    given = {"newest": hidden(who, "newest"), "level": "4", "title_zh": "", "title_en": ""} | fields
    if not status:
        status = 422 if "body_zh" in fields and "body_en" not in fields else 200
    return who.post(address, status, **given)
