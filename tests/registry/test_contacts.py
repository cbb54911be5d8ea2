"""Contacts: whom the office calls at a company, and at a person's home."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import BadInput, NotAllowed, NotFound
from core.tables import Audit, table
from registry import scope
from registry.contacts import add_contact, end_contact, list_contacts
from registry.employers import find_employer, list_employers, verify_employer
from registry.liaisons import Duty, LiaisonView, NewLiaison
from registry.people import NewContact
from registry.roster.apply import ImportResult, import_roster
from registry.roster.check import check_roster
from registry.roster.notices import Kept, Notices, Settled, Warned
from registry.roster.undo import undo_import
from registry.scope.rights import person_file
from registry.tables import EmployerContact, HomeContact
from tests.registry.people import AUDITOR, DAY, NOBODY, OFFICER, Register, company, person

NEW = NewLiaison(Duty.LIAISON, "王熙凤", "+8613700137000", "wang@example.com")


def seen(here: Register, actor: object, employer: int) -> tuple[LiaisonView, ...]:
    """Return the contacts that somebody sees."""
    return list_contacts(
        here.connection, actor, employer, keys=here.keys, now=here.clock.now()  # type: ignore[arg-type]
    )  # fmt: skip


def test_contacts_are_sealed_and_called_by_duty(register: Register) -> None:
    """Contacts come back as they were given, by duty; the row has nothing of theirs in clear, and each has a key of its own."""
    employer = register.employer()
    for duty in (Duty.MANAGER, Duty.LIAISON):
        add_contact(
            register.connection,
            OFFICER,
            employer,
            replace(NEW, duty=duty),
            keys=register.keys,
            now=register.clock.now(),
        )
    found = seen(register, OFFICER, employer)
    assert [one.duty for one in found] == [Duty.LIAISON, Duty.MANAGER]
    assert {(one.name, one.phone, one.mail) for one in found} == {("王熙凤", "+8613700137000", "wang@example.com")}
    rows = register.connection.execute(select(table(EmployerContact))).all()
    assert len({row.wrapped for row in rows}) == 2
    for row in rows:
        assert "王熙凤".encode() not in row.name_sealed
        assert b"137" not in row.phone_sealed


def test_who_sees_and_writes_contacts(register: Register) -> None:
    """A company sees and writes its own; another's do not exist for it; auditors see masks; each look is in the audit."""
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    keys, now = register.keys, register.clock.now()
    number = add_contact(register.connection, company(own), own, NEW, keys=keys, now=now)
    assert [one.name for one in seen(register, company(own), own)] == ["王熙凤"]
    assert seen(register, company(other), own) == seen(register, NOBODY, own) == ()
    (masked,) = seen(register, AUDITOR, own)
    assert (masked.name, masked.phone, masked.mail) == ("王**", "+86*********00", "w***@example.com")
    for actor in (company(other), AUDITOR):
        with pytest.raises(NotAllowed):
            add_contact(register.connection, actor, own, NEW, keys=keys, now=now)
    with pytest.raises(NotFound):
        end_contact(register.connection, company(other), number, now=now)
    with pytest.raises(NotAllowed):
        end_contact(register.connection, AUDITOR, number, now=now)
    end_contact(register.connection, company(own), number, now=now)
    assert seen(register, OFFICER, own) == ()
    with pytest.raises(NotFound):
        end_contact(register.connection, OFFICER, number, now=now)
    actions = register.connection.execute(select(table(Audit).c.action).order_by(table(Audit).c.id)).scalars().all()
    assert actions[2:] == ["contact.add", "contact.view", "contact.view", "contact.end"]


@pytest.mark.parametrize(
    "bad", [{"name": " "}, {"phone": "", "mail": ""}, {"phone": "13700137000"}, {"mail": "wang", "phone": ""}]
)
def test_a_contact_nobody_could_call_is_refused(register: Register, bad: dict[str, str]) -> None:
    """A contact needs a name and a way to be reached that is one."""
    employer = register.employer()
    with pytest.raises(BadInput):
        add_contact(
            register.connection, OFFICER, employer, replace(NEW, **bad), keys=register.keys, now=register.clock.now()  # type: ignore[arg-type]
        )  # fmt: skip


def test_the_office_verifies_a_company(register: Register) -> None:
    """Only the office says that a company is who it says; the first time stands."""
    employer = register.employer("OFFICE-1")
    now = register.clock.now()
    with pytest.raises(NotAllowed):
        verify_employer(register.connection, company(employer), "OFFICE-1", now=now)
    assert find_employer(register.connection, OFFICER, "OFFICE-1").verified_at is None
    verify_employer(register.connection, OFFICER, "OFFICE-1", now=now)
    register.clock.advance(timedelta(days=1))
    verify_employer(register.connection, OFFICER, "OFFICE-1", now=register.clock.now())
    assert list_employers(register.connection, OFFICER)[0].verified_at == now


def test_contacts_at_home_are_kept_with_the_person(register: Register) -> None:
    """A contact with a number is sealed under the person's key and shown masked by role; one without a number is not kept."""
    contacts = (NewContact("唐太宗", "兄长", "+8613600136000"), NewContact("观音", "", ""))
    (one,) = register.enrol(replace(person("唐三藏"), contacts=contacts))
    row = register.connection.execute(select(table(HomeContact))).one()
    assert "唐太宗".encode() not in row.name_sealed
    plain = person_file(register.connection, OFFICER, one, register.keys).contacts
    assert [(c.name, c.relation, c.phone) for c in plain] == [("唐太宗", "兄长", "+8613600136000")]
    masked = scope.list_people(register.connection, AUDITOR, register.keys, now=register.clock.now())[0].contacts
    assert [(c.name, c.phone) for c in masked] == [("唐**", "+86*********00")]


ROSTER = "姓名,所在国家,境外联系电话,国内紧急联系人\n孙悟空,赞比亚,+260977123456,{contact}\n"


def take(here: Register, employer: int, contact: str) -> ImportResult:
    """Apply a roster with one person and that emergency contact."""
    view = next(one for one in list_employers(here.connection, OFFICER) if one.employer_id == employer)
    report = check_roster(ROSTER.format(contact=contact).encode(), "roster.csv", DAY)
    return import_roster(
        here.connection, OFFICER, view, report, keys=here.keys, index_key=here.index_key, now=here.clock.now()
    )


def at_home(here: Register) -> list[tuple[str, str, str]]:
    """Return the contacts of the one person."""
    (one,) = scope.list_people(here.connection, OFFICER, here.keys, now=here.clock.now())
    return [(c.name, c.relation, c.phone) for c in one.contacts]


def test_a_roster_brings_contacts_at_home_once_and_takes_them_back(register: Register) -> None:
    """A contact comes with a new person, another is added to a known one, the same file changes nothing, and undo undoes it."""
    employer = register.employer()
    take(register, employer, "李某（妻）13800138000")
    assert at_home(register) == [("李某", "妻", "+8613800138000")]
    again = take(register, employer, "李某（妻）13800138000")
    assert again.plan.counts()["unchanged"] == 1
    second = take(register, employer, "李父（父）13900139000")
    assert second.plan.counts()["changed"] == 1
    assert at_home(register) == [("李某", "妻", "+8613800138000"), ("李父", "父", "+8613900139000")]
    notices = Notices(lambda *_, **__: Kept(), lambda *_: Warned(), lambda *_: Settled())
    undo_import(register.connection, OFFICER, second.import_id, notices=notices, now=register.clock.now())
    assert at_home(register) == [("李某", "妻", "+8613800138000")]
