"""Coverage: ways to reach people are counted by what fails together, and the list names what to mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import NotAllowed
from core.tables import table
from registry import store
from registry.actors import SYSTEM, Actor
from registry.coverage import Cover, Fault, by_country, only_home_numbers
from registry.people import Channel, NewAddress, NewPerson
from registry.scope.coverage import cover, people_there, phones_of, to_mend, without_place
from registry.scope.doubles import PERSONAL, probable_doubles
from registry.tables import Address, PostingStatus
from tests.registry.people import AUDITOR, DAY, NOBODY, OFFICER, Register, company, person, stay

NUMBER, OTHER = "+260977123456", "+260977000111"


def reached(name: str, *ways: NewAddress, employer_id: int | None = None, country: str = "ZM") -> NewPerson:
    """Return a person with these ways to reach them."""
    return replace(person(name, stay(country), employer_id=employer_id, phones=()), addresses=ways)


def sms(value: str) -> NewAddress:
    """Return a number for text messages."""
    return NewAddress(Channel.SMS, value)


MAIL = NewAddress(Channel.EMAIL, "wukong@example.com")


@pytest.mark.parametrize(
    ("none", "one", "more", "stale", "score"),
    [(0, 0, 4, 0, 100), (4, 0, 0, 0, 0), (0, 4, 0, 0, 50), (1, 1, 2, 0, 62), (0, 0, 4, 4, 50), (0, 0, 0, 0, 100)],
)
def test_the_score(none: int, one: int, more: int, stale: int, score: int) -> None:
    """Two ways count whole, one half, none nothing; stale rows count half; nobody there is nothing to mend."""
    people = none + one + more
    assert Cover("ZM", None, people, none, one, more, 0, stale).score == score


def test_one_number_is_one_way(register: Register) -> None:
    """Text message and WhatsApp on one number are one way, two numbers or a number and a mailbox are two."""
    whatsapp = NewAddress("whatsapp", NUMBER)
    none, one, two, three = register.enrol(
        reached("孙悟空"), reached("猪八戒", sms(NUMBER), whatsapp), reached("沙悟净", sms("+260977000401"), MAIL),
        reached("唐三藏", sms("+260977000402"), sms(OTHER)),
    )  # fmt: skip
    assert cover(register.connection, OFFICER, DAY) == (Cover("ZM", None, 4, 1, 1, 2, 0, 0),)
    mend = to_mend(register.connection, OFFICER, DAY)
    assert [(m.registrant_id, m.faults) for m in mend] == [(none, (Fault.NO_WAY,)), (one, (Fault.ONE_WAY,))]
    assert {two, three} <= {m.registrant_id for m in people_there(register.connection, OFFICER, DAY)}
    assert len(to_mend(register.connection, OFFICER, DAY, limit=1)) == 1


def test_bad_numbers_come_back_from_delivery(register: Register) -> None:
    """A number a provider called dead is no way any more, and its person is listed with the reason."""
    (one,) = register.enrol(reached("孙悟空", sms(NUMBER), MAIL))
    number = register.connection.execute(
        select(table(Address).c.id).where(table(Address).c.channel == "sms")
    ).scalar_one()
    store.stop_addresses(register.connection, [number], reason="provider: no such address", now=register.clock.now())
    assert cover(register.connection, OFFICER, DAY) == (Cover("ZM", None, 1, 0, 1, 0, 1, 0),)
    (mend,) = to_mend(register.connection, OFFICER, DAY)
    assert (mend.registrant_id, mend.faults) == (one, (Fault.ONE_WAY, Fault.DEAD_ADDRESS))
    assert mend.reasons == ("provider: no such address",)


def test_stale_rows_are_to_be_mended(register: Register) -> None:
    """Somebody with two ways whom nobody confirmed for 90 days is on the list."""
    register.enrol(reached("孙悟空", sms(NUMBER), MAIL))
    assert to_mend(register.connection, OFFICER, DAY + timedelta(days=90)) == ()
    later = DAY + timedelta(days=91)
    assert [m.faults for m in to_mend(register.connection, OFFICER, later)] == [(Fault.STALE,)]
    assert [(c.stale, c.score) for c in cover(register.connection, OFFICER, later)] == [(1, 50)]


def test_by_country_and_company(register: Register) -> None:
    """Sums are by country and company; a company sees its own, nobody sees nothing; the returned and erased are not there."""
    own, other = register.employer(), register.employer("OFFICE-2")
    _, _, _, gone, _ = register.enrol(
        reached("孙悟空", sms(NUMBER), MAIL, employer_id=own), reached("猪八戒", employer_id=other),
        reached("沙悟净", sms(OTHER), employer_id=own, country="AO"), reached("唐三藏", employer_id=own),
        person("白龙马", stay("ZM", PostingStatus.RETURNED)),
    )  # fmt: skip
    store.destroy_keys(register.connection, [gone], by="x", at=register.clock.now())
    angola, mine, theirs = (
        Cover("AO", own, 1, 0, 1, 0, 0, 0), Cover("ZM", own, 1, 0, 0, 1, 0, 0), Cover("ZM", other, 1, 1, 0, 0, 0, 0),
    )  # fmt: skip
    assert cover(register.connection, OFFICER, DAY) == (angola, mine, theirs)
    assert cover(register.connection, OFFICER, DAY, country="ZM") == (mine, theirs)
    assert cover(register.connection, OFFICER, DAY, employer=other) == (theirs,)
    assert cover(register.connection, company(own), DAY) == (angola, mine)
    assert cover(register.connection, NOBODY, DAY) == ()
    whole = by_country((angola, mine, theirs))
    assert [(one.country, one.people, one.score) for one in whole] == [("AO", 1, 50), ("ZM", 2, 50)]


def test_chinese_numbers_abroad(register: Register) -> None:
    """Only-Chinese numbers are found by opening them, which an auditor may not; stopped numbers do not count."""
    home, both = register.enrol(
        reached("孙悟空", sms("+8613800138000"), MAIL), reached("猪八戒", sms("+8613900139000"), sms(NUMBER))
    )
    phones = phones_of(register.connection, OFFICER, [home, both], register.keys)
    assert {one: only_home_numbers(values) for one, values in phones.items()} == {home: True, both: False}
    assert only_home_numbers(()) is False
    with pytest.raises(NotAllowed):
        phones_of(register.connection, AUDITOR, [home], register.keys)


def test_probably_the_same_person(register: Register) -> None:
    """One name and a personal address at two companies, or at one and alone, are shown as a pair, to the office only."""
    own, other = register.employer(), register.employer("OFFICE-2")
    a, b, c, *_ = register.enrol(
        reached("孙悟空", sms(NUMBER), MAIL, employer_id=own), reached("孙悟空", sms(NUMBER), employer_id=other),
        reached("孙 悟空", MAIL), reached("孙悟空", sms(OTHER), employer_id=other), reached("猪八戒", MAIL),
    )  # fmt: skip
    pairs = probable_doubles(register.connection, OFFICER)
    assert [(p.registrant_ids, p.employer_ids) for p in pairs] == [((a, b), (own, other)), ((a, c), (own, None))]
    for actor in (company(own), AUDITOR, Actor("console", None)):
        with pytest.raises(NotAllowed):
            probable_doubles(register.connection, actor)
    assert len(probable_doubles(register.connection, SYSTEM, limit=1)) == 1


def test_a_foremans_number_makes_no_doubles(register: Register) -> None:
    """A number that many people share says nothing of who is who: two 王伟 behind it are two people."""
    own, other = register.employer(), register.employer("OFFICE-2")
    crew = [reached(f"工友{n}", sms(NUMBER), employer_id=own) for n in range(PERSONAL - 1)]
    register.enrol(reached("王伟", sms(NUMBER), employer_id=own), reached("王伟", sms(NUMBER), employer_id=other))
    assert len(probable_doubles(register.connection, OFFICER)) == 1
    register.enrol(*crew)
    assert probable_doubles(register.connection, OFFICER) == ()


def test_people_without_a_place_are_counted_and_named(register: Register) -> None:
    """Who has no stay at all is in no country's sum: they have a list of their own, each company seeing its own."""
    own, other = register.employer(), register.employer("OFFICE-2")
    nowhere = replace(reached("孙悟空", sms(NUMBER), MAIL, employer_id=own), postings=())
    lost, silent, _, gone = register.enrol(
        nowhere, replace(reached("猪八戒", employer_id=other), postings=()), reached("沙悟净", employer_id=own),
        replace(nowhere, name="唐三藏"),
    )  # fmt: skip
    store.destroy_keys(register.connection, [gone], by="x", at=register.clock.now())
    found = [(one.registrant_id, one.employer_id, one.faults) for one in without_place(register.connection, OFFICER)]
    assert found == [(lost, own, (Fault.NO_PLACE,)), (silent, other, (Fault.NO_PLACE, Fault.NO_WAY))]
    assert [one.registrant_id for one in without_place(register.connection, company(other))] == [silent]
    assert [one.registrant_id for one in without_place(register.connection, OFFICER, employer=own)] == [lost]
    assert without_place(register.connection, NOBODY) == ()


def test_a_doubtful_stay_with_a_mistyped_year_is_covered(register: Register) -> None:
    """Somebody doubtful whose first day is years ahead counts as perhaps there."""
    late = stay("ZM", PostingStatus.DOUBTFUL, DAY + timedelta(days=3650))
    register.enrol(person("孙悟空", late))
    assert [one.people for one in cover(register.connection, OFFICER, DAY)] == [1]


def test_a_shared_phone_is_nobodys_second_way(register: Register) -> None:
    """A foreman's phone is the one way of who has nothing else, and no way beside an own number; a company does not learn from
    it whom others registered, and one person registered twice shares with nobody.
    """
    own, other = register.employer(), register.employer("OFFICE-2")
    only, both, alone = register.enrol(
        reached("孙悟空", sms(NUMBER), sms("+260977000300"), employer_id=own),
        reached("猪八戒", sms(NUMBER), sms(OTHER), sms("+260977000300"), employer_id=own),
        reached("沙悟净", MAIL, employer_id=other),
    )  # fmt: skip
    register.enrol(reached("唐三藏", MAIL), reached("猪八戒", sms(OTHER)))
    assert cover(register.connection, OFFICER, DAY, employer=own) == (Cover("ZM", own, 2, 0, 2, 0, 0, 0, 1),)
    listed = {one.registrant_id: one.faults for one in to_mend(register.connection, OFFICER, DAY)}
    assert (listed[only], listed[both], listed[alone]) == ((Fault.SHARED_WAY,), (Fault.ONE_WAY,), (Fault.SHARED_WAY,))
    assert cover(register.connection, company(other), DAY) == (Cover("ZM", other, 1, 0, 1, 0, 0, 0),)
