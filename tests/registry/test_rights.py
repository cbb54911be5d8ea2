"""What people may ask of us: to see, to correct, to take away, to be erased; and what is erased when its time is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from core.errors import BadInput, NotAllowed, NotFound
from core.tables import Audit, table
from registry import scope
from registry.actors import SYSTEM
from registry.asking.tables import Question
from registry.edit import edit_person
from registry.employers import list_employers
from registry.enrol import Sealer
from registry.people import Channel, NewAddress, NewContact
from registry.rights import store
from registry.rights.access import give_file
from registry.rights.consents import WithdrewThemselves
from registry.rights.correct import correct
from registry.rights.erase import due, erase
from registry.rights.model import Correction, PersonFile, RequestKind, StayFix
from registry.rights.tables import PersonRequest
from registry.roster.apply import import_roster, preview_roster
from registry.roster.merge import Plan
from registry.scope.rights import erased
from registry.signup.tables import AddressCheck, Registration
from registry.tables import Address, HomeContact, PersonKey, Posting, PostingStatus, RegisterChange, Registrant
from tests.registry.files import check
from tests.registry.people import AUDITOR, DAY, NOBODY, OFFICER, Register, company, person, stay

NUMBER, OTHER = "+8613800138000", "+260977000001"
CONTACT = NewContact("白龙马", "朋友", "+8613700137000")
RETURNED, DOUBTFUL = PostingStatus.RETURNED, PostingStatus.DOUBTFUL


def file_of(register: Register, one: int, actor: Any = OFFICER, kind: RequestKind = RequestKind.ACCESS) -> PersonFile:
    """Return what is held of a person."""
    return give_file(register.connection, actor, one, keys=register.keys, now=register.clock.now(), kind=kind)


def put_right(register: Register, one: int, actor: Any = OFFICER, **values: Any) -> int:
    """Correct a person; return how many rows changed."""
    sealer = Sealer(register.keys, register.index_key, actor.name, register.clock.now())
    return correct(register.connection, actor, one, Correction(**values), sealer=sealer)


def gone(register: Register, *people: int, kind: RequestKind = RequestKind.ERASURE) -> None:
    """Erase people."""
    erase(register.connection, OFFICER, people, kind=kind, now=register.clock.now())


def audit_lines(register: Register) -> list[tuple[str, str, str]]:
    """Return actor, action and object of every line of the audit but those of enrolment."""
    row = table(Audit).c
    query = select(row.actor, row.action, row.object).where(row.action.not_in(["people.enrol", "employer.add"]))
    return [(line[0], line[1], line[2]) for line in register.connection.execute(query.order_by(row.id))]


def test_everything_that_is_held_is_shown(register: Register) -> None:
    """Name, stays, addresses, grounds, contacts at home, changes and requests: all of it, and each look leaves a line."""
    own = register.employer()
    full = replace(person("孙悟空", employer_id=own, phones=(NUMBER, OTHER)), contacts=(CONTACT,))
    (one,) = register.enrol(full)
    put_right(register, one, language="en")
    found = file_of(register, one)
    assert (found.name, found.language, found.employer_id, found.masked) == ("孙悟空", "en", own, False)
    assert [a.value for a in found.addresses] == [NUMBER, OTHER]
    assert [(s.country, s.status) for s in found.postings] == [("ZM", "abroad")]
    assert [(c.name, c.relation, c.phone) for c in found.contacts] == [("白龙马", "朋友", "+8613700137000")]
    assert [(c.ground, c.foreign) for c in found.consents] == [("employment", False)]
    assert ("registrant", ("language",)) in [(c.table, c.columns) for c in found.changes]
    assert [r.kind for r in file_of(register, one, kind=RequestKind.EXPORT).requests] == ["correction", "access"]
    lines = [(OFFICER.name, f"person.{kind}", f"registrant/{one}") for kind in ("correction", "access", "export")]
    assert audit_lines(register) == lines


def test_who_may_look(register: Register) -> None:
    """A company sees its own people, an auditor masks, nobody else anybody, and there is nothing to see of who is not there."""
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    (one,) = register.enrol(replace(person(employer_id=own), contacts=(CONTACT,)))
    assert file_of(register, one, company(own)).name == "孙悟空"
    masked = file_of(register, one, AUDITOR)
    shown = [
        masked.name,
        *(a.value for a in masked.addresses),
        *(c.name for c in masked.contacts),
        *(c.phone for c in masked.contacts),
    ]
    assert masked.masked
    assert all("*" in text for text in shown)
    for actor, number in ((company(other), one), (NOBODY, one), (OFFICER, one + 99)):
        with pytest.raises(NotFound):
            file_of(register, number, actor)


def test_a_correction_is_found_under_the_new_name_and_kept_in_the_history(register: Register) -> None:
    """Name and language change, the old name finds nobody any more, and saying the same again changes nothing."""
    (one,) = register.enrol(person("孙悟空"))
    assert put_right(register, one, name=" 孙行者 ", language="en") == 1
    assert put_right(register, one, name="孙行者", language="en") == 0
    assert (file_of(register, one).name, file_of(register, one).language) == ("孙行者", "en")
    assert put_right(register, one, language="fr") == 1
    with pytest.raises(BadInput):
        put_right(register, one, language="fra")
    connection, secret = register.connection, register.index_key
    assert scope.find_exact(connection, OFFICER, secret, name="孙行者") == (one,)
    assert scope.find_exact(connection, OFFICER, secret, name="孙悟空") == ()


def test_addresses_are_stopped_added_and_taken_up_again(register: Register) -> None:
    """A stopped number is not used any more, a new one is, and a number given again comes back instead of a second row."""
    (one,) = register.enrol(person())
    first = file_of(register, one).addresses[0].address_id
    assert put_right(register, one, stop=(first,), add=(NewAddress(Channel.SMS, OTHER),)) == 2

    def usable() -> list[str]:
        ids = [row.address_id for row in register.connection.execute(scope.usable_addresses(SYSTEM))]
        return sorted(scope.open_addresses(register.connection, SYSTEM, ids, register.keys).values())

    assert usable() == [OTHER]
    assert put_right(register, one, stop=(first,)) == 0
    assert put_right(register, one, add=(NewAddress(Channel.SMS, NUMBER), NewAddress(Channel.SMS, OTHER))) == 1
    assert usable() == sorted([NUMBER, OTHER])
    assert len(file_of(register, one).addresses) == 2


def test_a_stay_is_put_right(register: Register) -> None:
    """State, city and dates of one stay change; what is not given stays."""
    (one,) = register.enrol(person("孙悟空", stay("ZM", date_from=date(2026, 1, 1))))
    number = file_of(register, one).postings[0].posting_id
    assert put_right(register, one, stay=StayFix(number, RETURNED, "卢萨卡", None, None, date(2026, 11, 1))) == 1
    found = file_of(register, one).postings[0]
    assert (found.status, found.city, found.date_from, found.date_to) == (
        "returned", "卢萨卡", date(2026, 1, 1), date(2026, 11, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "error"),
    [({"name": "  "}, BadInput), ({"language": "fra"}, BadInput), ({"stop": (987,)}, NotFound), ({"stay": StayFix(987)}, NotFound),
     ({"add": (NewAddress("sms", "0138"),)}, BadInput)],
)  # fmt: skip
def test_a_wrong_correction_is_refused(register: Register, values: dict[str, Any], error: type[Exception]) -> None:
    """An empty name, a strange language, another person's rows and what is no number are refused."""
    (one,) = register.enrol(person())
    with pytest.raises(error):
        put_right(register, one, **values)


def test_nobody_corrects_rows_of_others(register: Register) -> None:
    """Rows of another person are not theirs to change, a company changes its own people only, and an auditor nobody."""
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    one, two = register.enrol(person(employer_id=own), person("猪八戒", employer_id=other))
    row = file_of(register, two).addresses[0].address_id
    with pytest.raises(NotFound):
        put_right(register, one, stop=(row,))
    with pytest.raises(NotFound):
        put_right(register, two, company(own), name="孙行者")
    with pytest.raises(NotAllowed):
        put_right(register, one, AUDITOR, name="孙行者")
    assert put_right(register, one, company(own), name="孙行者") == 1
    number = file_of(register, one).postings[0].posting_id
    backwards = StayFix(number, date_from=date(2026, 2, 1), date_to=date(2026, 1, 1))
    with pytest.raises(BadInput):
        put_right(register, one, stay=backwards)


def test_nothing_personal_is_left_of_the_erased(register: Register) -> None:
    """Key, sealed values, indexes, places, dates, employer, contacts, codes and old values are gone; the others' are not."""
    connection, now = register.connection, register.clock.now()
    own = register.employer()
    there = replace(stay("ZM", date_from=DAY), city="卢萨卡", site="孙悟空工地", project="水帘洞")
    full = replace(person("孙悟空", there, employer_id=own), contacts=(CONTACT,))
    one, two = register.enrol(full, replace(full, name="猪八戒"))
    put_right(register, one, stay=StayFix(file_of(register, one).postings[0].posting_id, city="恩多拉"))
    address = file_of(register, one).addresses[0].address_id
    connection.execute(insert(table(AddressCheck)).values(
        address_id=address, code_hash=b"c" * 32, sent_at=now, expires_at=now, tries=0
    ))  # fmt: skip
    connection.execute(insert(table(Registration)).values(
        wrapped=b"w", payload=b"p", channel="sms", address_index=b"i" * 16, code_hash=b"c", created_at=now, expires_at=now,
        tries=0, registrant_id=one,
    ))  # fmt: skip
    before = {row.value_index for row in connection.execute(select(table(Address)))}
    gone(register, one)

    def row(of: Any, column: Any) -> Any:
        return connection.execute(select(table(of)).where(column == one)).one()

    key = row(PersonKey, table(PersonKey).c.registrant_id)
    assert (key.wrapped, key.destroyed_at, key.destroyed_by) == (None, now, OFFICER.name)
    left = row(Registrant, table(Registrant).c.id)
    assert (left.name_sealed, left.employer_id, left.companion_of) == (b"", None, None)
    stayed = row(Posting, table(Posting).c.registrant_id)
    assert (stayed.country, stayed.region, stayed.city, stayed.site, stayed.project, stayed.date_from, stayed.date_to) == (
        "ZM", "", "", "", "", None, None,
    )  # fmt: skip
    reach = row(Address, table(Address).c.registrant_id)
    assert (reach.value_sealed, reach.stop_reason) == (b"", "erased")
    assert reach.value_index not in before
    assert (
        left.name_index
        != connection.execute(select(table(Registrant).c.name_index).where(table(Registrant).c.id == two)).scalar_one()
    )
    changes = connection.execute(
        select(table(RegisterChange)).where(table(RegisterChange).c.registrant_id == one)
    ).all()
    assert changes
    assert {(change.before, change.after) for change in changes} == {(None, None)}
    signed = connection.execute(select(table(Registration))).one()
    assert (signed.wrapped, signed.payload, signed.code_hash) == (None, b"", b"")
    assert signed.address_index != b"i" * 16
    assert connection.execute(select(table(AddressCheck))).all() == []
    contacts = connection.execute(select(table(HomeContact).c.registrant_id)).scalars().all()
    assert contacts == [two]
    assert file_of(register, two).postings[0].city == "卢萨卡"
    with pytest.raises(NotFound):
        file_of(register, one)
    assert erased(connection, OFFICER, [one, two]) == {one: now}
    assert erased(connection, company(own), [one, two]) == {}


def test_an_erasure_is_on_record(register: Register) -> None:
    """The request and the line in the audit say who and when, by number; only the office erases."""
    (one,) = register.enrol(person())
    with pytest.raises(NotAllowed):
        erase(register.connection, AUDITOR, [one], kind=RequestKind.ERASURE, now=register.clock.now())
    store.add_waiting(register.connection, one, by="lin.daiyu", now=register.clock.now())
    store.add_waiting(register.connection, one, by="lin.daiyu", now=register.clock.now())
    assert store.waiting(register.connection) == [one]
    gone(register, one)
    assert store.waiting(register.connection) == []
    requests = register.connection.execute(select(table(PersonRequest))).all()
    assert [(r.kind, r.result, r.done_by) for r in requests] == [("erasure", "erased", OFFICER.name)]
    assert audit_lines(register) == [(OFFICER.name, "person.erase", f"registrant/{one}")]


NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=40), NOW - timedelta(days=10)
OLD = (NOW - timedelta(days=60)).date()
RECENT = (NOW - timedelta(days=5)).date()
STAYS = [
    # status, end, last touched, last confirmed, due
    (RETURNED, None, LONG_AGO, LONG_AGO, True),
    (RETURNED, None, LONG_AGO, NOW, True),
    (RETURNED, None, LATELY, LONG_AGO, False),
    (PostingStatus.ABROAD, None, LONG_AGO, LONG_AGO, False),
    (PostingStatus.ABROAD, OLD, LONG_AGO, LONG_AGO, True),
    (PostingStatus.ABROAD, OLD, LONG_AGO, LATELY, False),
    (PostingStatus.ABROAD, OLD, LATELY, LONG_AGO, False),
    (PostingStatus.ABROAD, RECENT, LONG_AGO, LONG_AGO, False),
    (PostingStatus.PLANNED, OLD, LONG_AGO, LONG_AGO, True),
    (DOUBTFUL, None, LONG_AGO, LONG_AGO, False),
    (DOUBTFUL, OLD, LONG_AGO, LONG_AGO, True),
]


def set_stays(register: Register, one: int, *, updated: datetime, confirmed: datetime) -> None:
    """Say when the stays of a person were last touched and confirmed."""
    postings = table(Posting)
    statement = update(postings).where(postings.c.registrant_id == one)
    register.connection.execute(statement.values(updated_at=updated, confirmed_at=confirmed))


def is_due(register: Register) -> list[int]:
    """Return whose time of 30 days has run out."""
    return due(register.connection, SYSTEM, now=NOW, days=30, limit=100)


@pytest.mark.parametrize(("status", "end", "updated", "confirmed", "expected"), STAYS)
def test_whose_time_has_run_out(
    register: Register, status: PostingStatus, end: date | None, updated: datetime, confirmed: datetime, expected: bool
) -> None:
    """Back for the time of keeping, or past an end that nobody has touched or confirmed since; nobody else."""
    (one,) = register.enrol(person("孙悟空", stay("ZM", status, None, end)))
    set_stays(register, one, updated=updated, confirmed=confirmed)
    assert is_due(register) == ([one] if expected else [])


def test_who_is_kept(register: Register) -> None:
    """One stay that goes on, an open question to the company, no stay at all, or being erased already: not due."""
    own = register.employer()
    back, again, asked, fresh, before = register.enrol(
        person("孙悟空", stay("ZM", RETURNED)),
        person("猪八戒", stay("ZM", RETURNED), stay("AO")),
        person("沙悟净", stay("ZM", RETURNED), employer_id=own),
        replace(person("唐三藏"), postings=()),
        person("白龙马", stay("ZM", RETURNED)),
    )
    for one in (back, again, asked, fresh, before):
        set_stays(register, one, updated=LONG_AGO, confirmed=LONG_AGO)
    postings = table(Posting)
    number = register.connection.execute(select(postings.c.id).where(postings.c.registrant_id == asked)).scalar_one()
    register.connection.execute(insert(table(Question)).values(
        employer_id=own, registrant_id=asked, posting_id=number, kind="absent", asked_at=NOW, asked_by="x", answer=""
    ))  # fmt: skip
    gone(register, before)
    assert is_due(register) == [back]
    register.connection.execute(update(table(Question)).values(answered_at=NOW, answer="returned"))
    assert is_due(register) == [back, asked]
    assert due(register.connection, SYSTEM, now=NOW, days=30, limit=1, after=back) == [asked]


def says(register: Register, one: int, actor: Any = OFFICER, **values: Any) -> None:
    """Correct a person as the command line and the API do."""
    sealer = Sealer(register.keys, register.index_key, actor.name, register.clock.now())
    edit_person(register.connection, actor, one, Correction(**values), sealer=sealer)


YES = ("孙悟空", "赞比亚", NUMBER, "是")


def list_says_yes(register: Register, employer: int) -> tuple[Plan, Plan]:
    """Apply a list of the company that says the person agreed to providers abroad; return the preview and what was done."""
    view = next(one for one in list_employers(register.connection, OFFICER) if one.employer_id == employer)
    report = check(YES, header=("姓名", "所在国家", "境外联系电话", "是否同意境外传输"))
    before = preview_roster(register.connection, OFFICER, view, report, index_key=register.index_key)
    done = import_roster(
        register.connection, OFFICER, view, report, keys=register.keys, index_key=register.index_key,
        now=register.clock.now(),
    )  # fmt: skip
    return before, done.plan


def test_a_list_that_says_yes_is_believed_otherwise(register: Register) -> None:
    """Where the person said nothing, the column of a company's list gives the consent: the tests below would see it."""
    own = register.employer()
    (one,) = register.enrol(person(employer_id=own))
    list_says_yes(register, own)
    assert [c.foreign for c in file_of(register, one).consents] == [False, True]


def test_what_the_person_withdrew_no_company_gives_again(register: Register) -> None:
    """The office writes down the person's no on the ground they are held on; neither the API nor a roster's yes overrides it."""
    own = register.employer()
    (one,) = register.enrol(person(employer_id=own))
    says(register, one, company(own), foreign=True)
    assert file_of(register, one).consents[-1].text_version == "api/1"
    says(register, one, foreign=False)
    says(register, one, foreign=False)
    with pytest.raises(WithdrewThemselves):
        says(register, one, company(own), foreign=True)
    list_says_yes(register, own)
    assert [(c.ground, c.text_version, c.foreign) for c in file_of(register, one).consents] == [
        ("employment", "roster/1", False), ("employment", "api/1", True), ("employment", "withdrawal/1", False),
    ]  # fmt: skip
    assert ("person.correction", "consent") in [
        (line.action, line.detail) for line in register.connection.execute(select(table(Audit)))
    ]
    says(register, one, foreign=True)
    assert file_of(register, one).consents[-1].foreign is True


def test_a_no_counts_before_there_was_a_yes(register: Register) -> None:
    """Somebody who never agreed says no: it is written down, and the next list that says yes does not count."""
    own = register.employer()
    (one,) = register.enrol(person(employer_id=own))
    says(register, one, foreign=False)
    for plan in list_says_yes(register, own):  # a note in both, and a change in neither
        assert (plan.own_noes, plan.counts()["changed"], plan.counts()["unchanged"]) == ((one,), 0, 1)
    assert [c.foreign for c in file_of(register, one).consents] == [False, False]
    lines = [(action, of) for _, action, of in audit_lines(register)]
    assert ("consent.own-no-stands", f"registrant/{one}") in lines


def test_still_there_by_word_of_mouth(register: Register) -> None:
    """The stay that is named is confirmed, with `still_there` every stay, and a new name alone confirms nothing."""
    (one,) = register.enrol(person("孙悟空", stay("ZM"), stay("AO")))
    set_stays(register, one, updated=LONG_AGO, confirmed=LONG_AGO)
    now = register.clock.now()

    def confirmed() -> list[bool]:
        return [stay.confirmed_at == now for stay in file_of(register, one).postings]

    says(register, one, name="孙行者")
    assert confirmed() == [False, False]
    says(register, one, stay=StayFix(file_of(register, one).postings[0].posting_id, city="卢萨卡"))
    assert confirmed() == [True, False]
    says(register, one, still_there=True)
    assert confirmed() == [True, True]
