"""Levels over time: what each publisher said of a country from one day to another, read back from what stands now. Pure.

What stands is taken, and the changes are undone one by one, the newest first. So the end of a line is by construction what
`notify.levels` shows of today, and a change that was lost would be seen as a line that ends wrongly at its beginning only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notify.levels import STALE, weight
from sources.change import Entry
from sources.model import Advisory, Authority, Card
from sources.store import StoredChange
from sources.tables import SourceState


@dataclass(frozen=True)
class Stand:
    """From `at` on this is the level; None: none is stated, or nobody knows."""

    at: datetime
    level: int | None


@dataclass(frozen=True)
class Past:
    """One publisher: its levels, the oldest first. The first is at the beginning, or where we first read it."""

    card: Card
    stands: tuple[Stand, ...]


def past_levels(
    country: str,
    entries: Sequence[Entry],
    changes: Sequence[StoredChange],
    sources: Sequence[tuple[Card, SourceState]],
    since: datetime,
) -> tuple[Past, ...]:
    """Return the levels since a moment of each publisher that stated one, those at home first, then the highest.

    Args:
        entries: those that stand for the country now, of any source; `changes`: those about it, the oldest first.
        sources: every source that is switched on, with its state. Hazard feeds have no levels and are left out.
    """
    found = []
    for card, state in sources:
        if card.authority is Authority.HAZARD or state.baseline_at is None:
            continue
        mine = {one.advisory.native_id: one.advisory for one in entries if one.advisory.source == card.id}
        theirs = [one for one in changes if one.change.source == card.id and one.change.confirmed]
        stands = _stands(card, country, mine, theirs, max(since, state.baseline_at))
        if any(one.level is not None for one in stands):
            found.append(Past(card, _until_read(stands, state)))
    return tuple(sorted(found, key=_place))


def _place(one: Past) -> tuple[bool, int, str]:
    return one.card.authority is not Authority.HOME, -(one.stands[-1].level or 0), one.card.id


def _stands(
    card: Card, country: str, standing: Mapping[str, Advisory], changes: Sequence[StoredChange], since: datetime
) -> tuple[Stand, ...]:
    said, found = dict(standing), []
    for one in reversed(changes):
        if one.as_of <= since:
            break
        found.append(Stand(one.as_of, _level(card, said)))
        before = one.change.before
        if before is not None and country in before.countries:
            said[one.change.native_id] = before
        else:
            said.pop(one.change.native_id, None)
    found.append(Stand(since, _level(card, said)))
    return _moves(found[::-1])


def _level(card: Card, said: Mapping[str, Advisory]) -> int | None:
    if not said:
        return None
    level = max(said.values(), key=lambda one: weight(card, one)).level
    return level if isinstance(level, int) else None


def _moves(stands: Sequence[Stand]) -> tuple[Stand, ...]:
    """Leave out what changes nothing; of several changes in one night the last counts."""
    last = {one.at: one for one in stands}
    found: list[Stand] = []
    for one in last.values():
        if not found or found[-1].level != one.level:
            found.append(one)
    return tuple(found)


def _until_read(stands: tuple[Stand, ...], state: SourceState) -> tuple[Stand, ...]:
    """End the line where the source was last read, if that is long ago: what it says now is not known."""
    good, tried = state.last_good_at, state.last_tried_at
    if good is None or tried is None or tried - good <= STALE or stands[-1].level is None or stands[-1].at >= good:
        return stands
    return (*stands, Stand(good, None))
