"""The nouns of self-registration: what a resident gives, what waits for an answer, what comes of a code. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import TypeAdapter

from core.errors import BadInput
from core.i18n import Message, t
from registry.enrol import PHONE_CHANNELS, check_person
from registry.people import GivenConsent, NewAddress, NewContact, NewPerson, NewPosting
from registry.signup.texts import current
from registry.tables import Ground

CODE_LASTS = timedelta(hours=24)
TRIES = 5
MOST_ASKED, WITHIN = 3, timedelta(hours=1)
"""So many codes are sent to one address within this time."""

MOST_COMPANIONS = 20


class Purpose(StrEnum):
    """What a code is good for, and for nothing else."""

    REGISTER = "registration"
    VERIFY = "verify"
    LEAVE = "leave"
    CONSENT = "consent"
    STILL_THERE = "still-there"
    VISIT = "visit"


@dataclass(frozen=True)
class Companion:
    """Somebody who lives with the person who registers: same stays. `addresses` empty: reached over that person's."""

    name: str
    language: str = "zh"
    addresses: tuple[NewAddress, ...] = ()


@dataclass(frozen=True)
class Given:
    """What a resident gives of themselves and their companions.

    Attributes:
        addresses: phones in E.164, the preferred one first.
        proof: which of the addresses the code goes to.
        by_phone: no message may go there without consent to providers abroad: an officer telephones, and reads the code out.
        text_version: the text of consent that was shown and agreed to.
        foreign: the separate consent to providers abroad.
    """

    name: str
    addresses: tuple[NewAddress, ...]
    postings: tuple[NewPosting, ...]
    text_version: str
    foreign: bool
    language: str = "zh"
    contacts: tuple[NewContact, ...] = ()
    companions: tuple[Companion, ...] = ()
    proof: int = 0
    by_phone: bool = False

    @property
    def proven(self) -> NewAddress:
        """Return the address the code goes to."""
        return self.addresses[self.proof]


@dataclass(frozen=True)
class Code:
    """A code that is to be sent now; it is kept nowhere, only its hash is.

    Attributes:
        subject: the row it belongs to, for the audit: `registration/7` or `address_check/9`.
        foreign: the owner of the address agreed to providers abroad.
        purpose: what is done with it: the message says so, for whoever gives it away gives that away.
    """

    subject: str
    channel: str
    language: str
    foreign: bool
    expires_at: datetime
    address: str = field(repr=False)
    digits: str = field(repr=False)
    purpose: Purpose = Purpose.REGISTER


@dataclass(frozen=True)
class Pending:
    """Something that waits for a code.

    Attributes:
        ticket: names it; who holds it and the code can go on. Says nothing to anybody else.
        code: what is to be sent; None: nobody can be written to, which the person who asked must not learn, or an officer
            is to telephone.
    """

    ticket: str
    expires_at: datetime
    code: Code | None


@dataclass(frozen=True)
class Refusal:
    """Why a code did not do. It is no exception: the try that was used up must be written down."""

    message: Message


@dataclass(frozen=True)
class Confirmed:
    """Who is in the register now: alerts in force for their places may concern them.

    Attributes:
        companions: ids in the order given.
        address_id: the address that was proven.
    """

    registrant_id: int
    companions: tuple[int, ...]
    address_id: int


@dataclass(frozen=True)
class ToTelephone:
    """Somebody waits for an officer to call and read out a code; see `code_to_read_out`."""

    ticket: str
    asked_at: datetime
    expires_at: datetime


GIVEN = TypeAdapter(Given)


def to_json(given: Given) -> str:
    """Write what was given as JSON."""
    return GIVEN.dump_json(given).decode()


def from_json(text: str) -> Given:
    """Read what `to_json` wrote."""
    return GIVEN.validate_json(text)


def check(given: Given) -> None:
    """Refuse what could not be enrolled, before anything is sent.

    Raises:
        BadInput: the name, every address, or every stay is missing, one of them is none, there are too many companions,
            the text that was agreed to is not the one in use, or what is to be telephoned is no phone.
    """
    if not given.addresses or not 0 <= given.proof < len(given.addresses):
        raise BadInput(t("Give a phone number or a mail address: the code goes there."))
    if given.by_phone and (given.foreign or given.proven.channel not in PHONE_CHANNELS):
        raise BadInput(t("The telephone is for those who gave a phone number and no consent to providers abroad."))
    if not given.postings:
        raise BadInput(t("Say in which country you are or will be."))
    if given.text_version != current():
        raise BadInput(t("Please read and accept the text in use, version {version}.", version=current()))
    if len(given.companions) > MOST_COMPANIONS:
        raise BadInput(t("At most {count} companions.", count=MOST_COMPANIONS))
    for number, person in enumerate(people_of(given, None), start=1):
        check_person(number, person)


def people_of(given: Given, verified_at: datetime | None) -> list[NewPerson]:
    """Return whom to enrol: the person first, then the companions, who are not yet tied to them.

    Args:
        verified_at: when the address of the code was proven.
    """
    addresses = list(given.addresses)
    addresses[given.proof : given.proof + 1] = [replace(given.proven, verified_at=verified_at)] if addresses else []
    consent = GivenConsent(Ground.CONSENT, f"consent/{given.text_version}", given.foreign)
    me = NewPerson(
        given.name, consent, None, given.language, given.postings, tuple(addresses), given.contacts,
    )  # fmt: skip
    others = [
        NewPerson(
            one.name, consent, None, one.language, given.postings, one.addresses or tuple(addresses), given.contacts
        )
        for one in given.companions
    ]
    return [me, *others]
