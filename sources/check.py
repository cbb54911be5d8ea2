"""Is a reading believable? Pure. Quiet must be proven: an empty, frozen or half list is broken, not calm."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import SourceBroken
from core.i18n import Message, t
from sources.model import Advisory, Card, Quarantined, Reading, Shape

UNREADABLE_SHARE = 0.05
"""More unreadable entries than this share, and than one, mean that the format changed (DESIGN, promise 5)."""
SHRUNK, GROWN = 0.8, 1.5
"""A state list between these shares of its last size is the same list; else it is half a list, or another."""
AHEAD = timedelta(days=1)
"""A date may lie this far after the night being worked: publishers live in other time zones."""


def check(card: Card, reading: Reading, as_of: datetime, previous_entries: int | None) -> Reading:
    """Return the reading, with entries dated in the future moved to quarantine.

    Args:
        as_of: the night being worked.
        previous_entries: how many entries, quarantined ones included, the last good read had; None before the first.

    Raises:
        SourceBroken: the reading is not believable; the sentence says why.
    """
    reading = _future_aside(reading, as_of)
    total = len(reading.advisories) + len(reading.quarantined)
    problem = (
        _wrong_size(card, total, previous_entries)
        or _unreadable(reading, total)
        or _doubled(reading)
        or _few_levels(card, reading)
        or _frozen(card, reading, as_of)
    )
    if problem is not None:
        raise SourceBroken(t("{source}: not believable: {problem}.", source=card.id, problem=problem))
    return reading


def _future_aside(reading: Reading, as_of: datetime) -> Reading:
    latest = as_of + AHEAD
    ahead = [one for one in reading.advisories if max(_dates(one), default=as_of) > latest]
    if not ahead:
        return reading
    aside = tuple(
        Quarantined(one.title, t("dated in the future: {date}", date=f"{max(_dates(one)):%Y-%m-%d}")) for one in ahead
    )
    kept = tuple(one for one in reading.advisories if max(_dates(one), default=as_of) <= latest)
    return replace(reading, advisories=kept, quarantined=reading.quarantined + aside, complete=False)


def _dates(advisory: Advisory) -> list[datetime]:
    return [moment for moment in (advisory.published_at, advisory.updated_at) if moment is not None]


def _wrong_size(card: Card, total: int, before: int | None) -> Message | None:
    fewest, most = card.entries
    if not fewest <= total <= most:
        return t("{count} entries, between {fewest} and {most} were expected", count=total, fewest=fewest, most=most)
    if card.shape is Shape.STATE and before and not SHRUNK * before <= total <= GROWN * before:
        return t("{count} entries, the last good read had {before}", count=total, before=before)
    return None


def _unreadable(reading: Reading, total: int) -> Message | None:
    bad = len(reading.quarantined)
    if bad <= max(1.0, UNREADABLE_SHARE * total):
        return None
    first = reading.quarantined[0]
    return t(
        "{bad} of {count} entries cannot be read, the first is {entry} ({reason})",
        bad=bad,
        count=total,
        entry=first.entry,
        reason=first.reason,
    )


def _doubled(reading: Reading) -> Message | None:
    counts = Counter(one.native_id for one in reading.advisories)
    twice = sorted(key for key, count in counts.items() if count > 1)
    return t("entries with the same key: {keys}", keys=", ".join(twice)) if twice else None


def _few_levels(card: Card, reading: Reading) -> Message | None:
    known = sum(isinstance(one.level, int) for one in reading.advisories)
    if known >= card.known_levels:
        return None
    return t("{known} entries with a level, at least {floor} were expected", known=known, floor=card.known_levels)


def _frozen(card: Card, reading: Reading, as_of: datetime) -> Message | None:
    """A list that stands still for too long, or that lost all its dates, is no longer kept by anybody."""
    if card.stale_after is None:
        return None
    dates = [moment for one in reading.advisories for moment in _dates(one)]
    newest = max([*dates, *([reading.built_at] if reading.built_at else [])], default=None)
    if newest is None:
        return t("no entry has a date")
    if as_of - newest > card.stale_after:
        return t("frozen: nothing newer than {date}", date=f"{newest:%Y-%m-%d}")
    return None
