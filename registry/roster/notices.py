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
    """What was told to people a roster brought, or is on its way to them or to an address it brought.

    Attributes:
        people: those who are recipients of a notice, whenever it was.
        alerts: numbers of alerts that still concern them: in force, or with a notice that is not at its end.
        unsent, under_way: notices not sent yet, and those a provider may have and has not answered for.
    """

    people: frozenset[int] = frozenset()
    alerts: tuple[int, ...] = ()
    unsent: int = 0
    under_way: int = 0


@dataclass(frozen=True)
class TakenBack:
    """What an undone roster takes out of the register: people, now erased, and addresses of people who stay."""

    people: Sequence[int]
    addresses: Sequence[int]


@dataclass(frozen=True)
class Settled:
    """What became of the notices to people and addresses that were taken back.

    Attributes:
        called_off: notices that were not sent yet, and will not be.
        redirected: people who stay, and are told at another address of theirs instead.
        lost: people who stay, and have no other address for what they were to be told: somebody must call them.
    """

    called_off: int = 0
    redirected: int = 0
    lost: tuple[int, ...] = ()


@dataclass(frozen=True)
class Notices:
    """What the room of the notices knows of people, and does when a roster is undone; handed in, for it lies above.

    Attributes:
        named: which rows the proof names.
        told: what these people, and these addresses, were told, as of a moment.
        settle: calls off or redirects what was not sent yet, and takes what can be compared out of the notices to the
            erased. To be called after they were, and while the addresses are still rows.
    """

    named: InUse
    told: Callable[[Connection, TakenBack, datetime], Warned]
    settle: Callable[[Connection, TakenBack, datetime], Settled]
