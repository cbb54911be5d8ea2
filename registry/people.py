"""The nouns of the register: a person to be enrolled, and what a reader gets to see. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from registry.tables import Ground, PostingStatus

STALE_AFTER = timedelta(days=90)
"""Three monthly rosters: what nobody confirmed for so long is told from level 3 up only, and marked (DESIGN section 4)."""

STOPPED_BY_UNDO = "roster undone"
"""Why an address is stopped that an undone roster had brought, and that the proof of notices names: its row stays."""


def stale_before(day: date) -> datetime:
    """Return the moment before which a confirmation is too old on `day` (a date of the office; UTC midnight will do)."""
    return datetime.combine(day, time.min, UTC) - STALE_AFTER


class Channel(StrEnum):
    """How a roster can reach a person. Other channels carry their own names in the same column."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
    project: str = ""
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


@dataclass(frozen=True, slots=True)
class NewContact:
    """Who is to be called if a person abroad does not answer (紧急联系人).

    Attributes:
        relation: to the person, in the words of the roster; empty if not told.
        phone: E.164 with `+`; empty if not told.
    """

    name: str
    relation: str
    phone: str


@dataclass(frozen=True)
class NewPerson:
    """A person to be enrolled.

    Attributes:
        employer_id: None for a resident who registered alone.
        contacts: one without a number is left out: nobody could call it.
        companion_of: who registered this person along with themselves (an id); None for everybody else.
    """

    name: str
    consent: GivenConsent
    employer_id: int | None = None
    language: str = "zh"
    postings: tuple[NewPosting, ...] = ()
    addresses: tuple[NewAddress, ...] = ()
    contacts: tuple[NewContact, ...] = ()
    companion_of: int | None = None


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
    project: str = ""

    def stale_on(self, day: date) -> bool:
        """Tell whether nobody has confirmed this stay for too long; one that is over needs no confirming."""
        return self.status != PostingStatus.RETURNED and self.confirmed_at < stale_before(day)

    def there_until(self, next_begins: date | None, day: date) -> bool:
        """Tell whether somebody who moves on to another place on `next_begins` is here until then, as of `day`."""
        return still_there(self.status, self.date_from, next_begins, day)


def still_there(status: PostingStatus, date_from: date | None, next_begins: date | None, day: date) -> bool:
    """Tell whether somebody with a stay that has begun stays there for a while, because the next one begins after `day`.

    A plan in whose place another plan comes is no stay yet. Pure.
    """
    begun = date_from <= day if date_from is not None else status != PostingStatus.PLANNED
    return status != PostingStatus.RETURNED and begun and next_begins is not None and next_begins > day


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
class ContactView:
    """Whom to call at home, as shown to a reader: masked if the reader may not see it in full."""

    contact_id: int
    name: str
    relation: str
    phone: str


@dataclass(frozen=True)
class PersonView:
    """A person as shown to a reader.

    Attributes:
        masked: name, addresses and contacts are shortened beyond recognition.
        companion_of: who registered this person along with themselves; None for everybody else.
    """

    registrant_id: int
    employer_id: int | None
    name: str
    language: str
    masked: bool
    postings: tuple[PostingView, ...]
    addresses: tuple[AddressView, ...]
    contacts: tuple[ContactView, ...] = ()
    companion_of: int | None = None


@dataclass(frozen=True)
class CountryCount:
    """How many people are in a country on a day; each person counts once, in the first column that holds.

    Attributes:
        doubtful: said to be doubtful, or overdue: the stay should have ended and nobody said that it did.
        stale: said to be there or to leave, but nobody has confirmed it for 90 days. Before `doubtful` in order.
    """

    country: str
    abroad: int
    planned: int
    doubtful: int
    stale: int = 0


@dataclass(frozen=True)
class KnownPerson:
    """What the register holds of a person, as far as an import must know it to tell what is new.

    Attributes:
        addresses: (channel, blind index) of every address, stopped ones too, but for those of `taken_back`.
        foreign: consent to providers abroad that stands now.
        taken_back: addresses stopped when a roster was undone, with their id and when: told again, they are used again.
        contacts: blind indexes of the numbers of the contacts at home.
        ground: on which the person is held now; None: withdrawn, or never told.
    """

    registrant_id: int
    name_index: bytes
    language: str
    foreign: bool
    addresses: frozenset[tuple[str, bytes]]
    postings: tuple[PostingView, ...]
    taken_back: Mapping[tuple[str, bytes], tuple[int, datetime]] = field(default_factory=dict)
    contacts: frozenset[bytes] = frozenset()
    ground: Ground | None = None
