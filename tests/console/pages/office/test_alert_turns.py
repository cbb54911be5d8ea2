"""Turns an alert's pages must bear: a version that follows is cancelled, a schedule is withdrawn, the office changes its mode."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.database import set_mode, writing
from core.errors import BadInput
from core.tables import Mode
from notify import alerts
from notify.edit import Edit, edit
from notify.own.schedule import set_schedule, withdraw
from notify.send_off import likeness, send_off
from notify.store import alerts as store
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafted import calls, draft, hidden, press, put, sent, submitted

NEW = "示例：请留在室内"


def _follow(desk: Desk, number: int, kind: str = "update", **more: object) -> str:
    wang = desk.as_(Role.OFFICER)
    wang.get(f"/office/alerts/{number}/follow?kind={kind}")
    given = (
        {name: hidden(wang, name) for name in ("newest",)}
        | {"title_zh": NEW, "title_en": "Stay inside", "save": ""}
        | more
    )
    return wang.post(f"/office/alerts/{number}/follow?kind={kind}", **given)


def _cancel(desk: Desk, number: int) -> None:
    wang = desk.as_(Role.OFFICER)
    wang.get(f"/office/alerts/{number}/cancel")
    wang.post(f"/office/alerts/{number}/cancel", seen=hidden(wang, "seen"))


def test_the_next_version_begins_with_what_people_were_told(office_desk: Desk) -> None:
    """A cancelled draft is not what people read: the form shows what is out, and what is left as it stands is that."""
    number = sent(office_desk)
    assert "Drafted." in _follow(office_desk, number)
    _cancel(office_desk, number)
    page = office_desk.as_(Role.OFFICER).get(f"/office/alerts/{number}/follow?kind=update")
    assert 'value="Leave the coast"' in page
    assert 'value="Stay inside"' not in page
    assert "Drafted." in _follow(office_desk, number, title_zh=NEW, body_zh="请留在室内。", body_en="Stay inside.")
    with writing(office_desk.office.engine) as connection:
        assert (
            alerts.find(connection, number).title_zh == NEW
        )  # the words of the cancelled draft, typed once more, are new


@pytest.mark.parametrize("cancelled", [False, True])
def test_what_is_out_can_be_stopped_while_a_later_version_waits(office_desk: Desk, cancelled: bool) -> None:
    """A mistake is seen, a correction drafted, perhaps put away again: the first word can still be paused, and let go on."""
    number = sent(office_desk)
    put(office_desk, number, state="ready")
    _follow(office_desk, number, "correction")
    if cancelled:
        _cancel(office_desk, number)
    wang = office_desk.as_(Role.OFFICER)
    assert "Pause sending" in wang.get(f"/office/alerts/{number}")
    assert "was paused by wang" in wang.post(f"/office/alerts/{number}/pause", seen=hidden(wang, "seen"))
    assert "hx-get" in wang.page.text  # somebody else may let it go on
    assert "It goes on where it stood" in wang.post(f"/office/alerts/{number}/resume", seen=hidden(wang, "seen"))
    assert "paused by wang" not in wang.get(f"/office/alerts/{number}")


def test_doubts_of_an_earlier_version_are_found_and_decided(office_desk: Desk) -> None:
    """Tonight counts what is in doubt of every version: the list it opens has them all, and each can be let be."""
    number = sent(office_desk)
    put(office_desk, number, state="unresolved")
    _follow(office_desk, number, "correction")
    _submit(office_desk, number)
    press(office_desk.as_(Role.APPROVER), number)
    wang = office_desk.as_(Role.OFFICER)
    assert f"Alert {number}: 4 in doubt, a person must decide" in wang.get("/office/?part=live")
    [address] = [one for one in wang.links(f"/office/alerts/{number}/notices") if "unresolved" in one]
    page = wang.get(address)
    assert page.count('name="notice"') == 4
    assert "4 notices of earlier versions are in doubt" in wang.get(f"/office/alerts/{number}")
    wang.get(address)
    chosen = [one.split('"')[0] for one in wang.page.text.split('name="notice" value="')[1:]]
    assert "They are let be" in wang.post(f"/office/alerts/{number}/notices", verdict="let-be", notice=chosen)
    assert "in doubt, a person must decide" not in wang.get("/office/?part=live")


def test_a_schedule_that_was_withdrawn_is_no_order_to_send_now(office_desk: Desk) -> None:
    """The button said "it leaves at": taken back meanwhile, the alert would leave at once, and so it is shown anew."""
    number = submitted(office_desk)
    acting = office_desk.office.acting(office_desk.actor(Role.OFFICER))
    with writing(office_desk.office.engine) as connection:
        version = alerts.find(connection, number).id or 0
        set_schedule(connection, version, acting.now + timedelta(hours=3), timedelta(hours=2), acting)
    li = office_desk.as_(Role.APPROVER)
    assert "it leaves at" in li.get(f"/office/alerts/{number}/release")
    given = {"mark": hidden(li, "mark"), "people": hidden(li, "people"), "confirm": "TJ"}
    with writing(office_desk.office.engine) as connection:
        withdraw(connection, version, acting)
    assert "It was changed since you opened this page" in li.post(f"/office/alerts/{number}/release", 422, **given)
    assert calls(office_desk, number) == 0


def test_an_edit_between_the_last_look_and_the_sending_stops_it(both_desks: Desk) -> None:
    """What was looked at is compared once more in the transaction that sends, so that no edit slips between."""
    number = draft(both_desks)
    acting = both_desks.office.acting(both_desks.actor(Role.OFFICER))
    with writing(both_desks.office.engine) as connection:
        version = alerts.find(connection, number)
        seen = likeness(connection, version)
        edit(connection, version, Edit(body_zh="别的话。"), acting)
    with pytest.raises(BadInput, match="changed since"), writing(both_desks.office.engine) as connection:
        send_off(connection, version.id or 0, acting, seen=seen)


def test_an_alert_of_another_mode_is_not_sent_into_nothing(office_desk: Desk) -> None:
    """Written while the office tried things out, it would fail at the last gate for everybody: it is refused in words before."""
    number = submitted(office_desk)
    with writing(office_desk.office.engine) as connection:
        set_mode(connection, Mode.LIVE)
    page = press(office_desk.as_(Role.APPROVER), number, status=422)
    assert "written in trial operation (sandbox), and the office is in live operation" in page
    with writing(office_desk.office.engine) as connection:
        assert alerts.find(connection, number).released_at is None


def test_a_drill_says_so_in_every_title(office_desk: Desk) -> None:
    """No page of an alert that is a drill can be taken for the real thing, by its tab or by its heading."""
    number = submitted(office_desk)
    _as_drill(office_desk, number)
    li = office_desk.as_(Role.APPROVER)
    pages = [li.get(f"/office/alerts/{number}{path}") for path in ("", "/release", "/cancel")]
    released = sent(office_desk)
    _as_drill(office_desk, released)
    shown = (
        "/report",
        "/people",
        "/notices?state=delivered",
        "/follow?kind=update",
        "/safety",
        "/safety/phone",
        "/safety/strangers",
    )
    pages += [li.get(f"/office/alerts/{released}{path}") for path in shown]
    for page in pages:
        title, heading = page.split("<title>")[1].split("</title>")[0], page.split("<h1>")[1].split("</h1>")[0]
        assert title.count("[DRILL]") == 1, title
        assert heading.count("[DRILL]") == 1, heading


def _submit(desk: Desk, number: int) -> None:
    with writing(desk.office.engine) as connection:
        alerts.submit(connection, alerts.find(connection, number).id or 0, desk.office.acting(desk.actor(Role.OFFICER)))


def _as_drill(desk: Desk, number: int) -> None:
    with writing(desk.office.engine) as connection:
        connection.execute(update(store.ALERTS).where(store.ALERTS.c.id == number).values(mode=Mode.DRILL))
