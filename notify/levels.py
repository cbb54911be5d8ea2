"""Levels side by side: what each government says of a country, since when, and who moved first. Pure.

Nothing is averaged and nothing is graded by us: each line is one publisher's own word (DESIGN promise 9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.i18n import Message, t
from sources.change import Entry
from sources.model import Advisory, Authority, Card, ChangeKind, Grade, Level, Shape
from sources.store import StoredChange
from sources.tables import SourceState
from sources.wire import load_message

LOOK_BACK = timedelta(days=90)
"""Moves longer ago than this do not tell who moved first."""
STALE = timedelta(hours=48)
"""A source whose last good read is older than this is shown as sick: what it says now is not known."""


class Direction(StrEnum):
    """Which way a level moved."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Move:
    """One confirmed rise or fall of one publisher; the levels are of the highest part, 0 where none is stated."""

    at: datetime
    source: str
    direction: Direction
    before: Level | None
    after: Level | None


@dataclass(frozen=True)
class Stance:
    """What one publisher says of a country now.

    Attributes:
        words: its own words for the level; may be empty.
        since: the night its present level was first seen; with `first_sight` it already stood when we first looked.
        age: time since its last good read; None: it never was read well.
        also: how many further entries of this publisher stand for the country.
    """

    card: Card
    level: Level
    national: Level
    regional: Level
    words: str
    title: str
    url: str
    published_at: datetime | None
    since: datetime | None
    first_sight: bool
    age: timedelta | None
    also: int = 0


@dataclass(frozen=True)
class Sick:
    """A source that cannot be asked now, and why; `age` None: it never was read well."""

    card: Card
    reason: Message
    age: timedelta | None


@dataclass(frozen=True)
class SideBySide:
    """All publishers on one country.

    Attributes:
        stances: the highest level first; those without a level last.
        moves: rises and falls of the last 90 days, the oldest first.
        nothing: sources that were read well and say nothing of the country.
        sick: sources that are broken, stale or were never read: their silence says nothing.
    """

    country: str
    stances: tuple[Stance, ...]
    moves: tuple[Move, ...]
    nothing: tuple[Card, ...]
    sick: tuple[Sick, ...]

    @property
    def first(self) -> Move | None:
        """Return who moved first the way the newest move went; None if nobody moved."""
        if not self.moves:
            return None
        return next(one for one in self.moves if one.direction is self.moves[-1].direction)


def side_by_side(
    country: str,
    entries: Sequence[Entry],
    changes: Sequence[StoredChange],
    sources: Sequence[tuple[Card, SourceState]],
    now: datetime,
) -> SideBySide:
    """Put together what is known of one country.

    Args:
        entries: those that stand for the country, of any source.
        changes: those about the country, the oldest first.
        sources: every source that is switched on, with its state. Hazard feeds have no levels and are left out.
    """
    asked = [(card, state) for card, state in sources if card.authority is not Authority.HAZARD]
    by_source: dict[str, list[Entry]] = {}
    for entry in entries:
        by_source.setdefault(entry.advisory.source, []).append(entry)
    stances = [
        _stance(card, state, by_source[card.id], [one for one in changes if one.change.source == card.id], now)
        for card, state in asked
        if card.id in by_source
    ]
    names = {card.id for card, _ in asked}
    sick = tuple(found for card, state in asked if (found := sickness(card, state, now)) is not None)
    unwell = {one.card.id for one in sick}
    return SideBySide(
        country, tuple(sorted(stances, key=_place)),
        tuple(move for one in changes if one.change.source in names and (move := _move(one, country, now)) is not None),
        tuple(card for card, _ in asked if card.id not in by_source and card.id not in unwell), sick,
    )  # fmt: skip


def _place(one: Stance) -> tuple[int, str]:
    return -_number(one.level), one.card.id


def _stance(
    card: Card, state: SourceState, entries: Sequence[Entry], changes: Sequence[StoredChange], now: datetime
) -> Stance:
    said = max((entry.advisory for entry in entries), key=lambda one: weight(card, one))
    since, first_sight = _since(said, state, changes)
    age = None if state.last_good_at is None else max(now - state.last_good_at, timedelta(0))
    return Stance(
        card, said.level, said.level_national, said.level_regional_max, said.level_words, said.title, said.url,
        said.published_at or said.updated_at, since, first_sight, age, len(entries) - 1,
    )  # fmt: skip


def weight(card: Card, one: Advisory) -> tuple[bool, float, int]:
    """Rank the entries of one publisher: with a level before without; of a list the most special one, of a stream the newest."""
    moment = one.published_at or one.updated_at
    newest = 0.0 if moment is None or card.shape is Shape.STATE else moment.timestamp()
    return isinstance(one.level, int), newest, -len(one.countries)


def _since(said: Advisory, state: SourceState, changes: Sequence[StoredChange]) -> tuple[datetime | None, bool]:
    """Return the night since which the entry has its present level, and whether it stood at first sight already."""
    for one in reversed(changes):
        change = one.change
        mine = change.native_id == said.native_id and change.confirmed
        arrived = change.after is not None and change.after.level == said.level
        if mine and arrived and (change.before is None or change.before.level != said.level):
            return one.as_of, False
    return state.baseline_at, True


def _move(one: StoredChange, country: str, now: datetime) -> Move | None:
    change = one.change
    if not change.confirmed or one.as_of < now - LOOK_BACK or change.kind is ChangeKind.EXPIRED:
        return None
    before, after = _level_for(change.before, country), _level_for(change.after, country)
    if _number(before) == _number(after):
        return None
    direction = Direction.UP if _number(after) > _number(before) else Direction.DOWN
    return Move(one.as_of, change.source, direction, before, after)


def _level_for(said: Advisory | None, country: str) -> Level | None:
    return None if said is None or country not in said.countries else said.level


def _number(level: Level | None) -> int:
    return level if isinstance(level, int) else 0


def sickness(card: Card, state: SourceState, now: datetime) -> Sick | None:
    """Return why what a source says now is not known; None if it is."""
    age = None if state.last_good_at is None else now - state.last_good_at
    if state.reason is not None:
        return Sick(card, load_message(state.reason), age)
    if age is None:
        return Sick(card, t("never read so far"), None)
    if age > STALE:
        return Sick(card, t("not read for {hours} hours", hours=int(age.total_seconds()) // 3600), age)
    return None


def level_words(level: Level | None) -> Message | str:
    """Return what people read for a level: the number, or that none is stated or understood."""
    words: Mapping[Grade, Message] = {
        Grade.UNSTATED: t("no level stated"),
        Grade.UNKNOWN: t("level not understood"),
    }
    if isinstance(level, int):
        return str(level)
    return t("nothing said") if level is None else words[level]
