"""`/office/`: what needs a person now stands first, each line says who must act, and nothing jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.database import writing
from core.i18n import t
from notify import alerts
from notify.alerts import Acting
from notify.duty import shift_store
from notify.duty.paging import page
from notify.duty.shifts import Shift
from notify.manual import ManualAlert, draft_manual
from notify.store import claims
from notify.store.alerts import set_places
from notify.tables import AlertStatus, DeliveryState
from notify.tonight.drafts import FRESH, Sizes, waiting
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.nights import night

HX = {"HX-Request": "true"}


def draft(desk: Desk, by: str = "wang", countries: tuple[str, ...] = ("TJ",), **more: object) -> int:
    """Open a draft; return its version."""
    office = desk.office
    manual = ManualAlert.model_validate({"countries": ["TJ"], "level": 4, "title_zh": "示例：请尽快离开", **more})
    new = draft_manual(manual, office.name, office.clock.now())
    with writing(office.engine) as connection:
        number = alerts.open_alert(connection, new, acting(desk, by))
        assert number is not None
        if not countries:
            set_places(connection, number, replace(new, countries=()))
    return number


def acting(desk: Desk, who: str) -> Acting:
    """Return somebody of the desk as one who acts."""
    return desk.office.acting(desk.actor(who))


def test_a_new_office_is_shown_its_first_steps(office_desk: Desk) -> None:
    """Before any night the page leads on: read the sources, register people (done here), say who is on duty."""
    shown = office_desk.as_(Role.OFFICER).get("/office/")
    assert "The first three steps" in shown
    assert "no night was worked to its end yet" in shown
    assert shown.count('<span class="tag good">done</span>') == 1


def test_a_quiet_night_is_said_in_one_line(office_desk: Desk) -> None:
    """All sources read, when, no draft, no doubt: said, with the numbers, in the language of the reader."""
    house = office_desk.house
    house.put(state=DeliveryState.ACCEPTED)
    night(office_desk)
    officer = office_desk.as_(Role.OFFICER)
    on = sum(one.CARD.enabled for one in office_desk.office.sources.values())
    assert f"all {on} sources were read (08:01) · no draft waits · no notice in doubt" in officer.get("/office/")
    assert f"{on} 个来源均已读取（08:01） · 无待处理草稿 · 无结果不明" in officer.get("/office/?lang=zh")


def test_drafts_say_who_must_act(office_desk: Desk) -> None:
    """A draft without a country, one to submit, one for an approver who is none of its authors, one to send: each says so."""
    desk = office_desk
    draft(desk, countries=())
    draft(desk)
    submitted, approved = draft(desk), draft(desk)
    with writing(desk.office.engine) as connection:
        for number in (submitted, approved):
            alerts.submit(connection, number, acting(desk, "wang"))
        alerts.approve(connection, approved, acting(desk, "li"))
    sizes = Sizes()
    with desk.office.engine.connect() as connection:
        found = {one.status: one for one in waiting(connection, desk.office, sizes) if one.countries}
        unplaced = [one for one in waiting(connection, desk.office, sizes) if not one.countries]
    words = {status: str(one.who) for status, one in found.items()}
    assert words == {
        AlertStatus.DRAFT: "an officer: check and submit it", AlertStatus.SUBMITTED: "an approver, but not wang",
        AlertStatus.APPROVED: "an officer: send it",
    }  # fmt: skip
    assert [str(one.who) for one in unplaced] == ["an officer: name the country"]
    shown = desk.as_(Role.OFFICER).get("/office/")
    assert "4 drafts wait" in shown
    assert "1 of them name no country" in shown


def test_people_are_counted_a_few_drafts_at_a_time(office_desk: Desk) -> None:
    """Two drafts are counted in one look, the next two in the next, and a count is forgotten after a minute."""
    desk, sizes = office_desk, Sizes()
    for _ in range(3):
        draft(desk)
    clock = desk.office.clock
    assert isinstance(clock, FixedClock)

    def counted() -> list[int | None]:
        """Return the people of each draft."""
        with desk.office.engine.connect() as connection:
            return [one.people for one in waiting(connection, desk.office, sizes)]

    assert [counted(), counted()] == [[4, 4, None], [4, 4, 4]]
    clock.advance(FRESH + timedelta(seconds=1))
    assert counted() == [4, 4, None]


def test_what_cannot_wait_stands_on_the_page(office_desk: Desk) -> None:
    """Notices in doubt, an open call, a sick source, who is on duty and who is next: all there, each with its way on."""
    desk, now = office_desk, office_desk.office.clock.now()
    night(desk, broken="cn-mfa")
    desk.house.put(state=DeliveryState.UNRESOLVED)
    with writing(desk.office.engine) as connection:
        page(connection, "help/1/2", t("Somebody needs help."), now)
        for name, begins, ends in (("张三", -1, 2), ("李四", 2, 8)):
            shift = Shift(0, name, f"+8613800000{ends:03}", now + timedelta(hours=begins), now + timedelta(hours=ends))
            shift_store.add(connection, shift, desk.office.keys, by="chief", now=now)
    shown = desk.as_(Role.OFFICER).get("/office/")
    for words in ("/notices?state=unresolved", "Somebody needs help.", "nobody was called yet", "blocked", "张三", "next: 李四",
                  "1 of ", "1 calls nobody has answered"):  # fmt: skip
        assert words in shown, words


def test_nothing_is_swapped_while_nothing_changes(office_desk: Desk) -> None:
    """The script of the page asks with a mark: as it was, the answer is empty; else the fresh part, and the verdict beside it."""
    officer = office_desk.as_(Role.OFFICER)
    first = officer.get("/office/")
    mark = first.partition('name="mark" value="')[2].partition('"')[0]
    officer.headers = {**officer.headers, **HX}
    assert officer.ask("GET", f"/office/?part=live&mark={mark}").status_code == 204
    draft(office_desk)
    fresh = officer.ask("GET", f"/office/?part=live&mark={mark}")
    assert fresh.status_code == 200
    assert "1 drafts wait" in fresh.text
    assert "<html" not in fresh.text
    assert 'hx-swap-oob="innerHTML:#verdict"' in fresh.text
    told = fresh.text.partition('name="mark" value="')[2].partition("-")[0]
    assert "hx-swap-oob" not in officer.ask("GET", f"/office/?part=live&mark={told}-other").text


def test_the_brief_of_a_day_is_a_page(office_desk: Desk) -> None:
    """The last night as it stands now, the day before as it was written down, and no page for a day without a night."""
    desk, officer = office_desk, office_desk.as_(Role.OFFICER)
    assert "No brief yet" in officer.get("/office/brief")
    night(desk)
    clock = desk.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=1))
    night(desk, broken="cn-mfa")
    clock.advance(timedelta(days=-1))
    last = officer.get("/office/brief")
    assert "Morning brief 2026-11-23" in last
    assert "day=2026-11-22" in last
    assert "Morning brief 2026-11-22" in officer.get("/office/brief?day=2026-11-22")
    officer.get("/office/brief?day=2026-11-20", 404)
    for day in ("yesterday", "0001-01-01", "9999-12-31", "2026-02-30"):
        officer.get(f"/office/brief?day={day}", 422)


def test_tonight_and_the_sources_on_both_databases(both_desks: Desk) -> None:
    """The figures of runs, doubts, drafts and changes come out of SQLite and of PostgreSQL alike, and one reads a source at a time."""
    desk, now = both_desks, both_desks.office.clock.now()
    desk.house.put(state=DeliveryState.UNRESOLVED)
    night(desk, broken="cn-mfa")
    draft(desk)
    officer = desk.as_(Role.OFFICER)
    shown = officer.get("/office/")
    assert "1 drafts wait" in shown
    assert "a person must decide" in shown
    assert "read without fault" in officer.get("/office/sources/us-state")
    assert "broken" in officer.get("/office/sources/cn-mfa")
    for path in ("/office/sources", "/office/brief", "/office/bulletin"):
        officer.get(path)
    with writing(desk.office.engine) as connection:
        assert [claims.take(connection, "read/x", now) for _ in range(2)] == [True, False]
        assert claims.taken_at(connection, "read/x", now) == now
        later = now + claims.LEASE + timedelta(seconds=1)
        assert claims.take(connection, "read/x", later)
        claims.give_back(connection, "read/x", now)
        assert claims.taken_at(connection, "read/x", later) == later
        claims.give_back(connection, "read/x", later)
        assert claims.taken_at(connection, "read/x", later) is None


@pytest.mark.parametrize(
    "path", ["/office/brief", "/office/bulletin", "/office/bulletin/2026-W47", "/office/bulletin/2026-W47/release"]
)
def test_an_auditor_is_led_to_the_ledger(shared_desk: Desk, path: str) -> None:
    """Tonight is for those who act: an auditor comes to the ledger, and a stranger to the sign-in."""
    answer = shared_desk.as_(Role.AUDITOR).ask("GET", "/office/", follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/ledger")
    shared_desk.as_(Role.AUDITOR).get(path, 403)
    assert shared_desk.stranger().ask("GET", path, follow=False).status_code == 303
