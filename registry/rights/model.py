"""The nouns of people's rights: what is held of somebody, what is to be put right, what was asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.people import AddressView, ContactView, NewAddress
from registry.tables import PostingStatus

WITHDRAWAL = "withdrawal/1"
"""Text version of a consent to providers abroad that the person themselves took back: no list of a company gives it again."""
SPOKEN = "spoken/1"
"""Text version of what a person told the office, which wrote it down: `recorded_by` says who."""
BY_EMPLOYER = "api/1"
"""Text version of what a company says that its person told it."""


class RequestKind(StrEnum):
    """What is asked of us for a person (PIPL art. 44 to 47); `retention`: the time of keeping ran out."""

    ACCESS = "access"
    CORRECTION = "correction"
    EXPORT = "export"
    ERASURE = "erasure"
    RETENTION = "retention"


@dataclass(frozen=True)
class StayFile:
    """A stay with everything that is held of it."""

    posting_id: int
    country: str
    region: str
    city: str
    site: str
    project: str
    kind: str
    status: str
    date_from: date | None
    date_to: date | None
    confirmed_at: datetime


@dataclass(frozen=True)
class ConsentFile:
    """A legal ground as it was recorded. `foreign`: numbers and texts may go to a provider abroad."""

    ground: str
    text_version: str
    foreign: bool
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class ChangeFile:
    """One change of a person's rows: when, by whom, which columns. The values of before are not shown again."""

    at: datetime
    by: str
    table: str
    row_id: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RequestFile:
    """What was asked for a person before. `done_at` None: it waits."""

    kind: str
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    result: str


@dataclass(frozen=True)
class PersonFile:
    """Everything the register holds of a person. `masked`: the reader may not see names and numbers in full."""

    registrant_id: int
    employer_id: int | None
    name: str
    language: str
    masked: bool
    created_at: datetime
    created_by: str
    postings: tuple[StayFile, ...]
    addresses: tuple[AddressView, ...]
    consents: tuple[ConsentFile, ...]
    contacts: tuple[ContactView, ...]
    changes: tuple[ChangeFile, ...]
    requests: tuple[RequestFile, ...]


@dataclass(frozen=True)
class StayFix:
    """What is put right of one stay; None: stays as it is.

    Attributes:
        no_start, no_end: the first or last day is taken away: already there, no end known.
    """

    posting_id: int
    status: PostingStatus | None = None
    city: str | None = None
    site: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    no_start: bool = False
    no_end: bool = False


@dataclass(frozen=True)
class Correction:
    """What is put right of a person; None and empty: stays as it is.

    Attributes:
        stop: ids of addresses that are not to be used any more.
        add: new addresses; phones in E.164.
        foreign: may numbers and texts go to a provider abroad? From the office it is the person's own word.
        still_there: the person is where their stays say. See `registry.edit.edit_person`.
    """

    name: str | None = None
    language: str | None = None
    stop: tuple[int, ...] = ()
    add: tuple[NewAddress, ...] = ()
    stay: StayFix | None = None
    foreign: bool | None = None
    still_there: bool = False
