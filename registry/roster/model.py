"""The nouns of a roster: what was read from each row, and what is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.i18n import Message
from registry.people import NewAddress, NewPosting


class Outcome(StrEnum):
    """What becomes of a row. The doubtful are enrolled too, and named."""

    ACCEPTED = "accepted"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


class Weight(StrEnum):
    """What a finding does to its row: `note` nothing, `doubt` makes it doubtful, `refusal` refused."""

    NOTE = "note"
    DOUBT = "doubt"
    REFUSAL = "refusal"


@dataclass(frozen=True)
class Finding:
    """Something about one cell: where it is, what was read, and what to do.

    Attributes:
        row: as the spreadsheet shows it; `column` the header as written.
    """

    row: int
    column: str
    read: str
    message: Message
    weight: Weight


@dataclass(frozen=True)
class RosterPerson:
    """A person as a roster tells of them. None: the roster says nothing, which changes nothing that is known."""

    name: str
    language: str | None
    foreign: bool | None
    postings: tuple[NewPosting, ...]
    addresses: tuple[NewAddress, ...]


@dataclass(frozen=True)
class RowResult:
    """One row, judged. `person` is None exactly if the row is refused."""

    row: int
    outcome: Outcome
    person: RosterPerson | None
    findings: tuple[Finding, ...] = ()
