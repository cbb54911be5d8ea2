"""A roster applied: who joins, who changes, and that the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.errors import NotAllowed
from core.tables import Audit, table
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.employers import EmployerView, find_employer
from registry.people import PersonView
from registry.roster.apply import ImportResult, import_roster, preview_roster
from registry.roster.doubts import DoubtKind
from registry.tables import Address, Consent, Posting, PostingStatus, Registrant, RosterImport
from tests.registry.files import HEADER, WUKONG, Row, changed, check
from tests.registry.people import OFFICER, Register, company

BAJIE = changed(name="猪八戒", abroad="+260977765432", home="13900139000", mail="")
SILENT = changed(name="沙悟净", abroad="", home="", mail="")
COUNTED = (Registrant, Posting, Address, Consent)


@pytest.fixture
def employer(register: Register) -> EmployerView:
    """Give an employer."""
    register.employer()
    return find_employer(register.connection, SYSTEM, "OFFICE-1")


def apply(
    register: Register,
    employer: EmployerView,
    *rows: Row,
    header: Row = HEADER,
    actor: Actor = SYSTEM,
    full: bool = False,
) -> ImportResult:
    """Check and import these rows."""
    report = check(*rows, header=header)
    return import_roster(
        register.connection, actor, employer, report,
        keys=register.keys, index_key=register.index_key, now=register.clock.now(), full=full,
    )  # fmt: skip


def people(register: Register) -> list[PersonView]:
    """Return everybody."""
    return scope.list_people(register.connection, OFFICER, register.keys, now=register.clock.now())


def counts(register: Register) -> list[int]:
    """Return how many rows the tables of people have."""
    query = [select(func.count()).select_from(table(model)) for model in COUNTED]
    return [register.connection.execute(one).scalar_one() for one in query]


def outcome(result: ImportResult) -> tuple[int, ...]:
    """Return how many joined, moved, changed, stayed as they were and were left out, and the refused rows."""
    counted = result.plan.counts()
    names = ("joined", "moved", "changed", "unchanged", "left_out")
    return *(counted[name] for name in names), result.refused


def doubts(result: ImportResult) -> list[tuple[DoubtKind, tuple[int, ...]]]:
    """Return the doubtful rows with their kind."""
    return [(one.kind, one.rows) for one in result.plan.doubts]


def test_new_people_join(register: Register, employer: EmployerView) -> None:
    """All but refused rows are enrolled on the ground of employment, also without a country; the returned are not."""
    nowhere, unnamed = changed(name="唐三藏", country="非洲", abroad="", home="", mail=""), changed(name="2026")
    rows = (WUKONG, SILENT, nowhere, unnamed, changed(name="白龙马", status="已回国"))
    assert outcome(apply(register, employer, *rows)) == (3, 0, 0, 0, 1, 1)
    first, second, third = people(register)
    assert (third.name, third.postings) == ("唐三藏", ())
    assert (first.name, first.employer_id, len(first.addresses), first.postings[0].country) == (
        "孙悟空", employer.employer_id, 3, "ZM",
    )  # fmt: skip
    assert (second.name, second.addresses) == ("沙悟净", ())
    consents = register.connection.execute(scope.standing_consents(SYSTEM)).all()
    assert {(row.ground, row.foreign) for row in consents} == {("employment", False)}


def test_the_same_file_twice_changes_nothing(register: Register, employer: EmployerView) -> None:
    """A second import finds everybody unchanged, also those without any address and those with one name."""
    twins = (
        SILENT,
        changed(SILENT, country="安哥拉"),
        changed(name="孙悟空", abroad="+260977765432", home="", mail=""),
    )
    two_sites = (changed(BAJIE, city="卢萨卡"), changed(BAJIE, city="恩多拉"))
    rows = (WUKONG, *twins, *two_sites, changed(name="唐三藏", country="赞比亚、安哥拉", mail="tang@example.com"))
    assert outcome(apply(register, employer, *rows)) == (6, 0, 0, 0, 0, 0)
    before, seen = counts(register), people(register)
    register.clock.advance(timedelta(days=30))
    for _ in range(2):
        result = apply(register, employer, *rows)
        assert outcome(result) == (0, 0, 0, 6, 0, 0)
        assert (result.moved_ids, doubts(result)) == ((), [])
    assert counts(register) == before
    after = people(register)
    assert [(v.name, v.addresses, len(v.postings)) for v in after] == [
        (v.name, v.addresses, len(v.postings)) for v in seen
    ]
    assert {p.confirmed_at for view in after for p in view.postings} == {register.clock.now()}
    assert register.connection.execute(select(func.count()).select_from(table(RosterImport))).scalar_one() == 3


def test_what_is_told_anew_is_written(register: Register, employer: EmployerView) -> None:
    """A new number joins the old ones, changed dates and status are written, and an empty cell changes nothing."""
    apply(register, employer, WUKONG, BAJIE)
    moved = changed(abroad="+260977000111", end="2027-01-31", city="", mail="")
    result = apply(register, employer, moved, BAJIE)
    assert outcome(result) == (0, 1, 0, 1, 0, 0)
    first, _ = people(register)
    assert result.moved_ids == (first.registrant_id,)
    (posting,) = first.postings
    assert (posting.city, posting.date_to) == ("卢萨卡", date(2027, 1, 31))
    assert {a.value for a in first.addresses} == {
        "+260977123456", "+8613800138000", "wukong@example.com", "+260977000111",
    }  # fmt: skip


def test_another_country_is_another_stay_and_nothing_is_deleted(register: Register, employer: EmployerView) -> None:
    """A stay in a country not known is added beside the old one; who is missing from the roster stays."""
    apply(register, employer, WUKONG, BAJIE)
    assert outcome(apply(register, employer, changed(country="安哥拉"))) == (0, 1, 0, 0, 0, 0)
    first, second = people(register)
    assert [(p.country, p.status) for p in first.postings] == [
        ("ZM", PostingStatus.ABROAD),
        ("AO", PostingStatus.ABROAD),
    ]
    assert [p.status for p in second.postings] == [PostingStatus.ABROAD]


def test_a_return_closes_the_stay_and_a_new_journey_opens_another(register: Register, employer: EmployerView) -> None:
    """Back home, the stay is over and stays over; going again is a stay of its own."""
    apply(register, employer, WUKONG)
    home, again = changed(end="2026-11-01", status="已回国"), changed(start="2026-11-20")
    assert outcome(apply(register, employer, home)) == (0, 1, 0, 0, 0, 0)
    assert outcome(apply(register, employer, home)) == (0, 0, 0, 1, 0, 0)
    assert outcome(apply(register, employer, again)) == (0, 1, 0, 0, 0, 0)
    assert outcome(apply(register, employer, again)) == (0, 0, 0, 1, 0, 0)
    (view,) = people(register)
    assert [p.status for p in view.postings] == [PostingStatus.RETURNED, PostingStatus.ABROAD]


def test_one_name_is_one_person_only_with_a_shared_address(register: Register, employer: EmployerView) -> None:
    """Same name and number is one person with two stays; same name with other numbers is another, and named."""
    result = apply(register, employer, WUKONG, changed(country="安哥拉", mail=""))
    assert (len(result.joined_ids), doubts(result)) == (1, [])
    other = changed(abroad="+260977000222", home="", mail="")
    result = apply(register, employer, WUKONG, other)
    assert outcome(result) == (1, 0, 0, 1, 0, 0)
    assert doubts(result) == [(DoubtKind.NAME, (3,))]
    assert [len(view.postings) for view in people(register)] == [2, 1]


def test_consent_and_language_follow_the_roster(register: Register, employer: EmployerView) -> None:
    """Yes is written, silence keeps it, no takes it back; the language is written when told."""
    header = (*HEADER, "通知语言", "同意境外传输")

    def state(cells: Sequence[str]) -> tuple[str, bool]:
        apply(register, employer, (*WUKONG, *cells), header=header)
        (row,) = register.connection.execute(scope.standing_consents(SYSTEM)).all()
        return people(register)[0].language, row.foreign

    assert state(("", "是")) == ("zh", True)
    assert state(("English", "")) == ("en", True)
    assert state(("", "否")) == ("en", False)
    assert counts(register)[3] == 2


def test_who_may_import(register: Register, employer: EmployerView) -> None:
    """A company imports for itself only, a preview writes nothing, and the act is in the audit without any name."""
    other = register.employer("OFFICE-2")
    for actor in (company(other), Actor("console", None)):
        with pytest.raises(NotAllowed):
            apply(register, employer, WUKONG, actor=actor)
    own = company(employer.employer_id)
    plan = preview_roster(register.connection, own, employer, check(WUKONG), index_key=register.index_key)
    assert len(plan.joined) == 1
    assert counts(register) == [0, 0, 0, 0]
    result = apply(register, employer, WUKONG, actor=own)
    line = register.connection.execute(select(table(Audit)).order_by(table(Audit).c.id.desc()).limit(1)).one()
    assert (line.action, line.object) == ("roster.import", f"roster_import/{result.import_id}")
    kept = register.connection.execute(select(table(RosterImport))).one()
    assert (kept.rows, kept.accepted, kept.refused) == (1, 1, 0)
    assert "孙悟空" not in kept.report


def test_the_same_person_at_two_employers_is_two_registrations(register: Register, employer: EmployerView) -> None:
    """People are matched within their employer: another company learns nothing of them and changes nothing of them."""
    apply(register, employer, WUKONG)
    second_id = register.employer("OFFICE-2")
    second = find_employer(register.connection, SYSTEM, "OFFICE-2")
    assert outcome(apply(register, second, changed(country="安哥拉"), actor=company(second_id))) == (1, 0, 0, 0, 0, 0)
    assert [[p.country for p in view.postings] for view in people(register)] == [["ZM"], ["AO"]]


def test_a_full_list_names_who_is_not_on_it(register: Register, employer: EmployerView) -> None:
    """Who is nowhere on a full list counts as left and stays as known; a partial list says nothing of them."""
    apply(register, employer, WUKONG, BAJIE)
    assert apply(register, employer, WUKONG).plan.left == ()
    result = apply(register, employer, WUKONG, full=True)
    assert ([one.registrant_id for one in result.plan.left], result.asked) == ([people(register)[1].registrant_id], 1)
    assert [p.status for p in people(register)[1].postings] == [PostingStatus.ABROAD]
    imports = register.connection.execute(select(table(RosterImport).c.partial).order_by(table(RosterImport).c.id))
    assert list(imports.scalars()) == [True, True, False]
    assert apply(register, employer, WUKONG, full=True).asked == 0


def test_a_name_on_the_list_is_not_missing(register: Register, employer: EmployerView) -> None:
    """Whose name stands in a refused row, or beside a new number, or whose number stands under another name, is not
    asked about, but listed.
    """
    apply(register, employer, WUKONG, BAJIE, changed(SILENT, abroad="+260977111222"))
    refused = changed(BAJIE, status="已回国", country="", city="")
    new_number = changed(abroad="+260977000333", home="", mail="")
    new_name = changed(name="沙和尚", abroad="+260977111222", home="", mail="")
    result = apply(register, employer, refused, new_number, new_name, full=True)
    assert doubts(result) == [(DoubtKind.NAME, (3,)), (DoubtKind.NUMBER, (4,))]
    assert (result.plan.left, len(result.plan.unclear), result.asked) == ((), 3, 0)
    bajie = people(register)[1].registrant_id
    assert (sorted(result.plan.unclear_rows.values()), result.plan.unclear_rows[bajie]) == ([(2,), (3,), (4,)], (2,))


def test_a_foremans_number_is_no_doubt(register: Register, employer: EmployerView) -> None:
    """Thirty workers behind one number are thirty people, and one more of them is no double of anybody."""
    crew = [changed(name=f"工友{chr(0x4E00 + n)}", abroad="+260977765432", home="", mail="") for n in range(31)]
    assert outcome(apply(register, employer, *crew[:30])) == (30, 0, 0, 0, 0, 0)
    result = apply(register, employer, *crew[5:])
    assert (outcome(result), doubts(result)) == ((1, 0, 0, 25, 0, 0), [])


def test_who_is_elsewhere_on_a_full_list_is_asked_about_the_old_stay(
    register: Register, employer: EmployerView
) -> None:
    """Somebody known in Zambia and listed in Angola alone is told in both until the company says what holds."""
    apply(register, employer, WUKONG)
    result = apply(register, employer, changed(country="安哥拉"), full=True)
    (view,) = people(register)
    assert result.plan.asked == ((view.registrant_id, view.postings[0].posting_id),)
    assert [(p.country, p.status) for p in view.postings] == [
        ("ZM", PostingStatus.ABROAD),
        ("AO", PostingStatus.ABROAD),
    ]


FOREMAN = "+260977555000"
BOSS = changed(name="李工头", abroad=FOREMAN, home="", mail="")
WANG_1 = changed(name="王伟", abroad=FOREMAN, home="", mail="", city="卢萨卡")
WANG_2 = changed(name="王伟", abroad=FOREMAN, home="", mail="", city="恩多拉")


def test_two_of_one_name_behind_a_foremans_phone_are_two(register: Register, employer: EmployerView) -> None:
    """A number that others hold too makes nobody one person: both are enrolled and named as doubtful, and the same file
    changes nothing.
    """
    result = apply(register, employer, BOSS, WANG_1, WANG_2)
    assert (outcome(result), doubts(result)) == ((3, 0, 0, 0, 0, 0), [(DoubtKind.NAME, (3, 4))])
    before = counts(register)
    again = apply(register, employer, BOSS, WANG_2, WANG_1, full=True)
    assert (outcome(again), doubts(again), again.asked, counts(register)) == ((0, 0, 0, 3, 0, 0), [], 0, before)


def test_behind_a_foremans_phone_another_number_tells_who_is_who(register: Register, employer: EmployerView) -> None:
    """With a number of their own, the known one is found by it, and one with another own number is somebody else, in doubt."""
    apply(register, employer, BOSS, changed(WANG_1, home="13900139001"))
    result = apply(register, employer, BOSS, changed(WANG_1, home="13900139002"))
    assert (outcome(result), doubts(result)) == ((1, 0, 0, 1, 0, 0), [(DoubtKind.NAME, (3,))])
    found = apply(register, employer, changed(WANG_1, home="13900139001", city=""))
    assert (outcome(found), doubts(found)) == ((0, 0, 0, 1, 0, 0), [])


def test_one_of_two_behind_a_phone_is_missing(register: Register, employer: EmployerView) -> None:
    """If one 王伟 of two is left on the list, whoever fits the place is kept, and it is said that this is not certain."""
    apply(register, employer, BOSS, WANG_1, WANG_2)
    result = apply(register, employer, BOSS, WANG_2, full=True)
    assert (outcome(result), doubts(result)) == ((0, 0, 0, 2, 0, 0), [(DoubtKind.NAME, (3,))])
    assert ([one.postings[0].city for one in result.plan.unclear], result.asked) == (["卢萨卡"], 0)


def test_a_namesake_who_left_is_asked_about(register: Register, employer: EmployerView) -> None:
    """A row that is certainly another person of the name hides nobody: whoever is missing is asked about."""
    other = changed(abroad="+260977000222", home="", mail="")
    apply(register, employer, WUKONG, other)
    result = apply(register, employer, WUKONG, full=True)
    assert ([one.registrant_id for one in result.plan.left], result.plan.unclear, result.asked) == (
        [people(register)[1].registrant_id], (), 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("addresses", "doubted"),
    [({}, []), ({"abroad": "+260977000999", "home": "", "mail": ""}, [(DoubtKind.NAME, (2,))])],
)
def test_who_was_enrolled_without_a_place_is_completed(
    register: Register,
    employer: EmployerView,
    addresses: dict[str, str],
    doubted: list[tuple[DoubtKind, tuple[int, ...]]],
) -> None:
    """非洲 enrols somebody without a stay; the next roster that names them with a country completes the same person. With
    other numbers only it may be somebody else of the name, which is said.
    """
    apply(register, employer, changed(country="非洲", city=""), BAJIE)
    result = apply(register, employer, changed(**addresses), BAJIE)
    assert (outcome(result), doubts(result)) == ((0, 1, 0, 1, 0, 0), doubted)
    first = people(register)[0]
    assert [p.country for p in first.postings] == ["ZM"]
    assert {a.value for a in first.addresses} >= {"+260977123456"}


def test_of_two_namesakes_without_a_place_neither_is_guessed(register: Register, employer: EmployerView) -> None:
    """Where two have the name, a new number alone says not which of them it is: one more is enrolled, in doubt."""
    nowhere = changed(country="在船", city="")
    apply(register, employer, nowhere, changed(nowhere, abroad="+260977000222", home="", mail=""))
    result = apply(register, employer, changed(abroad="+260977000333", home="", mail=""))
    assert (outcome(result), doubts(result)) == ((1, 0, 0, 0, 0, 0), [(DoubtKind.NAME, (2,))])
