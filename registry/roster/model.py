"""The nouns of a roster: what was read from each row, and what is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.i18n import Message
from registry.people import NewAddress, NewContact, NewPosting


class Outcome(StrEnum):
    """What becomes of a row. All but the refused are enrolled.

    `accepted` as it is written; `changed` with something read otherwise than written, which is said; `doubtful` with
    something that a person must answer.
    """

    ACCEPTED = "accepted"
    CHANGED = "changed"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


class Weight(StrEnum):
    """What a finding does to its row: `note` makes it changed, `doubt` doubtful, `refusal` refused."""

    NOTE = "note"
    DOUBT = "doubt"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one cell: where it is, what was read, and what to do.

    Attributes:
        row: as the spreadsheet shows it; `column` the header as written; `sheet` its name, empty in a .csv.
    """

    row: int
    column: str
    read: str
    message: Message
    weight: Weight
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """A person as a roster tells of them. None: the roster says nothing, which changes nothing that is known.

    Attributes:
        postings: empty if the roster says where the person is in words that are no country (在船, 非洲).
        emergency: whom to call if the person does not answer.
    """

    name: str
    language: str | None
    foreign: bool | None
    postings: tuple[NewPosting, ...]
    addresses: tuple[NewAddress, ...]
    emergency: tuple[NewContact, ...] = ()


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row, judged. `person` is None exactly if the row is refused.

    Attributes:
        name: as written, also of a refused row: it stands on the list, so nobody may be asked why it does not.
    """

    row: int
    outcome: Outcome
    person: RosterPerson | None
    findings: tuple[Finding, ...] = ()
    sheet: str = ""
    name: str = ""
