"""The duty table: who is on duty at a moment, and when nobody is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import BadInput
from core.i18n import t

LONGEST = timedelta(days=31)
"""A longer shift is a mistyped year: nobody is on duty for months."""

HOUR = re.compile(r"\d{1,2}:\d{2}")


@dataclass(frozen=True)
class Shift:
    """One officer on duty, from `begins` until before `ends` (UTC). `shift_id` is 0 before it is written."""

    shift_id: int
    name: str = field(repr=False)
    phone: str = field(repr=False)
    begins: datetime
    ends: datetime


def on_duty(shifts: Iterable[Shift], at: datetime) -> list[Shift]:
    """Return who is on duty at a moment, in the order in which they are called: whose shift began first goes first."""
    return sorted((one for one in shifts if one.begins <= at < one.ends), key=lambda one: (one.begins, one.shift_id))


def uncovered(shifts: Sequence[Shift], since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return the times between `since` and `until` at which nobody is on duty, in order."""
    found, reached = [], since
    for one in sorted(shifts, key=lambda one: one.begins):
        if one.begins > reached:
            found.append((reached, min(one.begins, until)))
        reached = max(reached, one.ends)
        if reached >= until:
            break
    if reached < until:
        found.append((reached, until))
    return [(begin, end) for begin, end in found if begin < end]


def read_moment(text: str, zone: str, after: datetime | None = None) -> datetime:
    """Read a moment as an officer writes it, `2026-11-22 18:00`, by the clock of the office; with a zone, by that one.

    Args:
        after: for an hour alone (`08:00`): the next such hour after this moment.

    Raises:
        BadInput: it is no moment, or one that this zone's clock never shows (the hour that summer time leaves out).
    """
    here, plain = ZoneInfo(zone), text.strip()
    try:
        if after is not None and HOUR.fullmatch(plain):
            return _next(time.fromisoformat(plain.zfill(5)), after, here)
        found = datetime.fromisoformat(plain)
    except ValueError as error:
        raise BadInput(t("{text}: write the moment as 2026-11-22 18:00.", text=text)) from error
    return found.astimezone(UTC) if found.tzinfo is not None else _shown(found, here, text)


def _next(hour: time, after: datetime, here: ZoneInfo) -> datetime:
    day: date = after.astimezone(here).date()
    for days in range(3):
        found = _shown(datetime.combine(day + timedelta(days=days), hour), here, f"{hour:%H:%M}")
        if found > after:
            return found
    raise ValueError(hour)


def _shown(naive: datetime, here: ZoneInfo, text: str) -> datetime:
    found = naive.replace(tzinfo=here).astimezone(UTC)
    if found.astimezone(here).replace(tzinfo=None) != naive:
        raise BadInput(t("{text}: the clock in {zone} never shows this hour.", text=text, zone=here.key))
    return found


def check(shift: Shift) -> None:
    """Raise BadInput for a shift that ends before it begins, or lasts longer than a month."""
    if shift.ends <= shift.begins:
        raise BadInput(t("A shift must end after it begins."))
    if shift.ends - shift.begins > LONGEST:
        raise BadInput(t("A shift longer than 31 days is a mistyped date."))
