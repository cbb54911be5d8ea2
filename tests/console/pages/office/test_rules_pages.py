"""The pages of rules, silences and duty: what an officer types there becomes what the command would have written."""

from __future__ import annotations

from datetime import timedelta

from core.database import reading, writing
from core.i18n import t
from notify.duty import shift_store
from notify.duty import store as duty_store
from notify.policy import POLICIES, read_policy
from notify.store import policies, silences
from registry.tables import Role
from tests.console.pages.office.desk import Desk

SHIPPED = read_policy(POLICIES / "policy.toml")
OPEN = read_policy(POLICIES / "policy.open.toml")


def test_the_rules_that_hold_are_shown_in_words(shared_desk: Desk) -> None:
    """Every route of the policy stands on the page, with what follows from it."""
    page = shared_desk.as_(Role.OFFICER).get("/office/policy")
    assert all(route.name in page for route in shared_desk.office.policy.route)
    assert "send by rule" in page
    assert "Change the rules" not in page


def test_rules_are_looked_at_before_they_are_switched_on(office_desk: Desk) -> None:
    """The preview changes nothing; switching on makes version 1, with who and why; the page shows it."""
    li = office_desk.as_(Role.APPROVER)
    li.get("/office/policy/edit")
    page = li.post("/office/policy/preview", text=OPEN, instead_of="0")
    assert "would have been decided differently" in page
    assert not _versions(office_desk)
    page = li.post("/office/policy/activate", text=OPEN, instead_of="0", note="为冬季出行")
    [version] = _versions(office_desk)
    assert (version.no, version.created_by, version.note, version.text) == (1, "li", "为冬季出行", OPEN)
    assert "Version 1" in page


def test_a_fault_in_the_rules_names_the_place_and_keeps_what_was_typed(office_desk: Desk) -> None:
    """A field that is none is refused with its name; the text is still in the form, and nothing was switched on."""
    li = office_desk.as_(Role.APPROVER)
    li.get("/office/policy/edit")
    page = li.post(
        "/office/policy/activate", 422, text=SHIPPED.replace("action =", "aktion =", 1), instead_of="0", note="x"
    )
    assert "aktion" in page
    assert not _versions(office_desk)


def test_of_two_who_switch_rules_on_the_second_is_told(office_desk: Desk) -> None:
    """Both looked at the same version: the second one's is refused, and their text is kept."""
    li, chief = office_desk.as_(Role.APPROVER), office_desk.as_(Role.ADMINISTRATOR)
    for who in (li, chief):
        who.get("/office/policy/edit")
    li.post("/office/policy/activate", text=OPEN, instead_of="0", note="first")
    page = chief.post("/office/policy/activate", 422, text=SHIPPED + "# mine", instead_of="0", note="second")
    assert "Somebody else switched a policy on meanwhile" in page
    assert "# mine" in page
    assert [one.note for one in _versions(office_desk)] == ["first"]


def test_who_only_drafts_changes_no_rules(shared_desk: Desk) -> None:
    """An officer may read the rules, and not switch on others."""
    wang = shared_desk.as_(Role.OFFICER)
    wang.get("/office/silences")
    wang.post("/office/policy/activate", 403, text=OPEN, instead_of="0", note="x")
    assert not _versions(shared_desk)


def test_a_silence_of_level_4_waits_for_another_person(office_desk: Desk) -> None:
    """Written by one, agreed to by another, ended by either: each step in the list."""
    until = office_desk.office.clock.now() + timedelta(days=2)
    li, chief = office_desk.as_(Role.APPROVER), office_desk.as_(Role.ADMINISTRATOR)
    li.get("/office/silences")
    typed = {"countries": "塔吉克斯坦, ZM", "owner": "领保处", "reason": "演练", "until": f"{until:%Y-%m-%dT%H:%M}"}
    page = li.post("/office/silences", **typed, even_4="yes")
    assert "holds; level 4 waits for a second person" in page
    assert "/agree" not in page
    [one] = _silences(office_desk)
    assert one.countries == ["TJ", "ZM"]
    chief.get("/office/silences")
    assert "holds, even for level 4" in chief.post(f"/office/silences/{one.id}/agree")
    assert "ended early" in chief.post(f"/office/silences/{one.id}/end")


def test_a_silence_of_everything_is_none(office_desk: Desk) -> None:
    """Without a condition it is refused, in words, and what was typed is kept."""
    wang = office_desk.as_(Role.OFFICER)
    wang.get("/office/silences")
    page = wang.post("/office/silences", 422, owner="领保处", reason="安静", until="2026-11-30T08:00")
    assert "a silence of everything is none" in page
    assert "安静" in page
    assert not _silences(office_desk)


def test_the_duty_table_shows_who_and_when_nobody(office_desk: Desk) -> None:
    """A shift is written, shown with its number and the hole before it, heads every page, and can be taken out."""
    wang, now = office_desk.as_(Role.OFFICER), office_desk.office.clock.now()
    assert "Nobody is on duty" in wang.get("/office/duty")
    begins, ends = (f"{now.astimezone() + timedelta(hours=hours):%Y-%m-%d %H:%M}Z" for hours in (-1, 9))
    page = wang.post("/office/duty", name="张三", phone="13800138000", begins=begins, ends=ends)
    assert "On duty: 张三" in page
    assert "+8613800138000" in page
    with reading(office_desk.office.engine) as connection:
        [shift] = shift_store.between(connection, office_desk.office.keys, now, now + timedelta(days=1))
    assert "On duty: 张三" not in wang.post(f"/office/duty/{shift.shift_id}/remove")


def test_a_table_with_one_wrong_line_is_not_taken_over(office_desk: Desk) -> None:
    """The line is named, and no shift is written."""
    wang = office_desk.as_(Role.OFFICER)
    wang.get("/office/duty")
    table = "姓名,电话,开始,结束\n张三,13800138000,2026-11-23 18:00,08:00\n李四,abc,2026-11-24 18:00,08:00\n"
    page = wang.post("/office/duty/table", 422, files={"file": ("duty.csv", table.encode())})
    assert "Line 3" in page
    assert "13800138000" not in page


def test_who_knows_of_a_call_says_so_once(office_desk: Desk) -> None:
    """An open call is shown with its words; whoever presses first is the one who knows."""
    office = office_desk.office
    with writing(office.engine) as connection:
        duty_store.open_page(connection, "watch/test", t("Tonight"), office.clock.now())
        [call] = duty_store.open_pages(connection)
    for name in ("wang", "sun"):
        officer = office_desk.as_(name)
        officer.get("/office/duty")
        assert "You know of it" in officer.post(f"/office/duty/calls/{call.id}/known")
    with reading(office.engine) as connection:
        assert [one.acked_by for one in duty_store.open_pages(connection)] == ["wang"]


def _versions(made: Desk) -> list[policies.PolicyVersion]:
    with reading(made.office.engine) as connection:
        return policies.history(connection)


def _silences(made: Desk) -> list[silences.Silence]:
    with reading(made.office.engine) as connection:
        return list(silences.every(connection))
