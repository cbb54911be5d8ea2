"""What an undo of a roster must know of notices, which lie in a room above: nouns, and the hooks that are handed in. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True)
class Kept:
    """Ids of rows that something else refers to."""

    postings: frozenset[int] = frozenset()
    addresses: frozenset[int] = frozenset()


class InUse(Protocol):
    """Tells which rows the proof of notices names: those are kept, whatever becomes of the roster."""

    def __call__(self, connection: Connection, *, postings: Sequence[int], addresses: Sequence[int]) -> Kept:
        """Return which of these rows are named."""
        ...


@dataclass(frozen=True)
class Warned:
    """What was told to people.

    Attributes:
        people: those who are recipients of a notice, whenever it was.
        alerts: numbers of alerts that still concern them: in force, or with a notice to them that is not at its end.
    """

    people: frozenset[int] = frozenset()
    alerts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Notices:
    """What the room of the notices knows of people, and does when they are erased; handed in, for it lies above.

    Attributes:
        named: which rows the proof names.
        told: what these people were told, as of a moment.
        forget: takes what can be compared out of the notices to these people, after they were erased.
    """

    named: InUse
    told: Callable[[Connection, Sequence[int], datetime], Warned]
    forget: Callable[[Connection, Sequence[int]], None]
