"""People of fiction, and how the tests enrol them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from core.clock import FixedClock
from core.keys import MasterKeys
from registry.actors import SYSTEM, Actor
from registry.employers import add_employer
from registry.enrol import enrol
from registry.people import Channel, GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground, PostingStatus, Role

DAY = date(2026, 11, 22)
CONSENT = GivenConsent(Ground.EMPLOYMENT, "roster/1")
OFFICER = Actor("lin.daiyu", Role.OFFICER, 901)
AUDITOR = Actor("jia.zheng", Role.AUDITOR, 902)
NOBODY = Actor("console", None)


def company(employer_id: int) -> Actor:
    """Return a contact of a company."""
    return Actor("xue.pan", Role.COMPANY, 903, employer_id)


def stay(
    country: str = "ZM",
    status: PostingStatus = PostingStatus.ABROAD,
    date_from: date | None = None,
    date_to: date | None = None,
) -> NewPosting:
    """Return a posting."""
    return NewPosting(country, status, date_from, date_to)


def person(
    name: str = "孙悟空",
    *stays: NewPosting,
    employer_id: int | None = None,
    phones: tuple[str, ...] = ("+8613800138000",),
) -> NewPerson:
    """Return a person with phones."""
    addresses = tuple(NewAddress(Channel.SMS, phone, place) for place, phone in enumerate(phones, start=1))
    return NewPerson(name, CONSENT, employer_id, "zh", stays or (stay(),), addresses)


class Register:
    """A register under test: enrols with the keys and the clock of the test."""

    def __init__(self, connection: Connection, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> None:
        self.connection, self.keys, self.index_key, self.clock = connection, keys, index_key, clock

    def employer(self, code: str = "OFFICE-1", name: str = "花果山工程有限公司") -> int:
        """Add an employer."""
        return add_employer(self.connection, SYSTEM, code=code, name=name, now=self.clock.now())

    def enrol(self, *people: NewPerson, actor: Actor = SYSTEM) -> list[int]:
        """Enrol people."""
        return enrol(self.connection, actor, people, keys=self.keys, index_key=self.index_key, now=self.clock.now())
