"""Enrolment: what is written, under which key, and what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, func, select

from core.clock import FixedClock
from core.database import ensure_instance, writing
from core.errors import BadInput, NotAllowed
from core.keys import KeyGone, MasterKeys, blind_index, unseal
from core.tables import Audit, table
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import Channel, GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Address, Consent, Ground, PersonKey, Posting, Registrant
from tests.registry.people import AUDITOR, CONSENT, Register, company, person, stay


def test_a_person_is_written_whole_and_under_an_own_key(register: Register) -> None:
    """Name and addresses open only with the person's key in their own place; everything else is there as given."""
    connection, keys = register.connection, register.keys
    given = NewPerson(
        " 孙 悟空 ", GivenConsent(Ground.CONSENT, "portal/2", foreign=True), None, "en",
        (NewPosting("US", city="纽约", site="花果山", zone="America/New_York"),),
        (NewAddress(Channel.SMS, "+8613800138000"), NewAddress(Channel.EMAIL, "Wukong@example.com", 2)),
    )  # fmt: skip
    one, two = register.enrol(given, person("猪八戒"))
    row = connection.execute(select(table(Registrant)).where(table(Registrant).c.id == one)).one()
    wrapped = scope.person_keys(connection, [one, two])
    key = keys.unwrap(wrapped[one])
    assert unseal(key, row.name_sealed, f"registrant.name/{one}") == "孙 悟空"
    for wrong_key, context in [(keys.unwrap(wrapped[two]), f"registrant.name/{one}"), (key, f"registrant.name/{two}")]:
        with pytest.raises(KeyGone):
            unseal(wrong_key, row.name_sealed, context)
    addresses = connection.execute(select(table(Address)).where(table(Address).c.registrant_id == one)).all()
    opened = {unseal(key, a.value_sealed, f"address.value/{a.id}"): a for a in addresses}
    assert set(opened) == {"+8613800138000", "Wukong@example.com"}
    assert opened["Wukong@example.com"].value_index == blind_index(register.index_key, "email", "wukong@example.com")
    posting = connection.execute(select(table(Posting)).where(table(Posting).c.registrant_id == one)).one()
    assert (posting.country, posting.city, posting.zone) == ("US", "纽约", "America/New_York")
    consent = connection.execute(select(table(Consent)).where(table(Consent).c.registrant_id == one)).one()
    assert (consent.ground, consent.text_version, consent.foreign) == ("consent", "portal/2", True)
    assert row.created_by == SYSTEM.name
    stored = connection.execute(select(table(Registrant).c.name_sealed)).scalars().all()
    assert not any("孙".encode() in name for name in stored)


def test_one_number_may_serve_several_people_but_each_person_once(register: Register) -> None:
    """A foreman's phone is a row for each of his people with the same index; given twice for one person it is one
    row.
    """
    number = "+8613800138000"
    register.enrol(person("孙悟空", phones=(number, number)), person("猪八戒", phones=(number,)))
    rows = register.connection.execute(scope.usable_addresses(SYSTEM)).all()
    assert len(rows) == 2
    assert len({row.value_index for row in rows}) == 1
    assert {row.preference for row in rows} == {1}


def test_enrolment_is_audited_without_names(register: Register) -> None:
    """One line says who enrolled how many, with ids only; nobody to enrol is nothing to say."""
    assert register.enrol() == []
    ids = register.enrol(person("孙悟空"), person("猪八戒"))
    lines = register.connection.execute(select(table(Audit))).all()
    assert [(line.action, line.object, line.detail) for line in lines] == [
        ("people.enrol", f"registrant/{ids[0]}-{ids[-1]}", "2")
    ]


@pytest.mark.parametrize(
    "bad",
    [
        person("  "),
        person("孙悟空", stay("XX")),
        person("孙悟空", stay("zm")),
        person("孙悟空", phones=("13800138000",)),
        person("孙悟空", phones=("+86 13800138000",)),
        NewPerson("孙悟空", CONSENT, addresses=(NewAddress(Channel.EMAIL, "wukong"),)),
    ],
)
def test_bad_input_writes_nothing(register: Register, bad: NewPerson) -> None:
    """One person that cannot be right stops the whole enrolment, and the error names the place and not the person."""
    with pytest.raises(BadInput) as refused:
        register.enrol(person("猪八戒"), bad)
    assert "2" in str(refused.value)
    assert "孙" not in str(refused.value)
    assert "138" not in str(refused.value)
    assert register.connection.execute(select(func.count()).select_from(table(Registrant))).scalar_one() == 0


def test_who_may_enrol(register: Register) -> None:
    """A company enrols its own people only; one stranger among them stops all."""
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    assert len(register.enrol(person("孙悟空", employer_id=own), actor=company(own))) == 1
    for people in ([person("a", employer_id=own), person("b", employer_id=other)], [person("c")]):
        with pytest.raises(NotAllowed):
            register.enrol(*people, actor=company(own))
    with pytest.raises(NotAllowed):
        register.enrol(person("d", employer_id=own), actor=AUDITOR)


def test_the_index_key_of_the_database(engine: Engine, keys: MasterKeys, clock: FixedClock) -> None:
    """The key of the blind index is made with the database, is the same every time, and needs the master key."""
    ensure_instance(engine, keys, clock.now())
    with writing(engine) as connection:
        first, second = index_key(connection, keys), index_key(connection, keys)
        assert first == second
        assert len(first) == 32
        ids = enrol(connection, SYSTEM, [person()], keys=keys, index_key=first, now=clock.now())
        assert scope.find_exact(connection, SYSTEM, first, name="孙悟空", phone="+8613800138000") == tuple(ids)
        assert scope.find_exact(connection, SYSTEM, first) == ()
        assert connection.execute(select(func.count()).select_from(table(PersonKey))).scalar_one() == 1
        with pytest.raises(KeyGone):
            index_key(connection, MasterKeys({"other": bytes(32)}, "other"))
