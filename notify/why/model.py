"""The nouns of `why`: steps in order, each of which lets the word through or stops it, and what became of it in the end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.i18n import Message


class Step(StrEnum):
    """Where on its way a word to a person was looked at."""

    CHANGE = "change"
    ROUTE = "route"
    GUARD = "guard"
    SILENCE = "silence"
    JOIN = "join"
    RELEASE = "release"
    POSTING = "posting"
    ADDRESS = "address"
    MUTING = "muting"
    GROUND = "ground"
    WAIT = "wait"
    DELIVERY = "delivery"
    RECEIPT = "receipt"


class Fate(StrEnum):
    """What became of it. `doubt`: it may have arrived, and nobody knows."""

    TOLD = "told"
    WAITING = "waiting"
    DOUBT = "doubt"
    NOT_TOLD = "not-told"


@dataclass(frozen=True)
class Link:
    """One link of the chain: a step, whether it let the word through, and a sentence that says why."""

    step: Step
    passes: bool
    words: Message


@dataclass(frozen=True)
class Chain:
    """The way of one word to one person.

    Attributes:
        alert_id, version: the alert and the number of its version; 0: none was opened.
        change_id: the change it came from; None: an officer's own.
    """

    title: str
    as_of: datetime
    links: tuple[Link, ...]
    fate: Fate
    alert_id: int = 0
    version: int = 0
    change_id: int | None = None


@dataclass(frozen=True)
class Because:
    """The answer for one person: every word of an alert or a night, and what one must know beside it (sources not read)."""

    registrant_id: int
    chains: tuple[Chain, ...]
    remarks: tuple[Message, ...] = ()

    @property
    def fate(self) -> Fate:
        """Return the best that became of any of them."""
        return best([one.fate for one in self.chains])


ORDER = (Fate.TOLD, Fate.DOUBT, Fate.WAITING, Fate.NOT_TOLD)


def best(fates: Sequence[Fate]) -> Fate:
    """Return the one that says most: told, then in doubt, then waiting; of none, not told."""
    return min(fates, key=ORDER.index, default=Fate.NOT_TOLD)
