"""The nouns of the register: a person to be enrolled, and what a reader gets to see. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.tables import Ground, PostingStatus


class Channel(StrEnum):
    """How a roster can reach a person. Other channels carry their own names in the same column."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True)
class NewAddress:
    """A way to reach a person.

    Attributes:
        value: E.164 with `+` for a phone, a mail address for `email`.
        preference: 1 is tried first.
    """

    channel: str
    value: str
    preference: int = 1
    verified_at: datetime | None = None


@dataclass(frozen=True)
class NewPosting:
    """A stay in one country.

    Attributes:
        country: ISO 3166-1 alpha-2.
        zone: IANA zone; empty: the principal zone of the country.
        date_from: None if not told, which counts as "already there"; `date_to` None: no end told.
    """

    country: str
    status: PostingStatus = PostingStatus.ABROAD
    date_from: date | None = None
    date_to: date | None = None
    zone: str = ""
    region: str = ""
    city: str = ""
    site: str = ""
    kind: str = "posted"


@dataclass(frozen=True)
class GivenConsent:
    """The legal ground on which the data are held (PIPL art. 13), and the version of the text that was shown.

    Attributes:
        foreign: numbers and texts may go to a provider abroad.
    """

    ground: Ground
    text_version: str
    foreign: bool = False


@dataclass(frozen=True)
class NewPerson:
    """A person to be enrolled. `employer_id` is None for a resident who registered alone."""

    name: str
    consent: GivenConsent
    employer_id: int | None = None
    language: str = "zh"
    postings: tuple[NewPosting, ...] = ()
    addresses: tuple[NewAddress, ...] = ()


@dataclass(frozen=True)
class PostingView:
    """A posting as the register holds it."""

    posting_id: int
    country: str
    status: PostingStatus
    date_from: date | None
    date_to: date | None
    city: str
    site: str
    confirmed_at: datetime


@dataclass(frozen=True)
class AddressView:
    """An address as shown to a reader, masked if the reader may not see it in full."""

    address_id: int
    channel: str
    value: str
    preference: int
    verified_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str


@dataclass(frozen=True)
class PersonView:
    """A person as shown to a reader. `masked`: name and addresses are shortened beyond recognition."""

    registrant_id: int
    employer_id: int | None
    name: str
    language: str
    masked: bool
    postings: tuple[PostingView, ...]
    addresses: tuple[AddressView, ...]


@dataclass(frozen=True)
class CountryCount:
    """How many people are in a country on a day; each person counts once, in the first column that holds.

    Attributes:
        doubtful: said to be doubtful, or overdue: the stay should have ended and nobody said that it did.
    """

    country: str
    abroad: int
    planned: int
    doubtful: int


@dataclass(frozen=True)
class KnownPerson:
    """What the register holds of a person, as far as an import must know it to tell what is new.

    Attributes:
        addresses: (channel, blind index) of every address, stopped ones too.
        foreign: consent to providers abroad that stands now.
    """

    registrant_id: int
    name_index: bytes
    language: str
    foreign: bool
    addresses: frozenset[tuple[str, bytes]]
    postings: tuple[PostingView, ...]
