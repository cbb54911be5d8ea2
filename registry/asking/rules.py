"""When a company is asked and reminded, and when an officer is told that it is silent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

REMIND_AFTER = timedelta(days=7)
"""Between the question of the month, its two reminders, and the day an officer reads that the company is silent."""
REMINDERS = 2
ANSWER_WITHIN = timedelta(days=14)
"""A company has two weeks to say what became of somebody. Then an officer reads of it, and a stay past its end counts as
doubtful: it is told from level 3 up, marked."""
EXPIRES_AFTER = timedelta(days=60)
"""So long a stay past its end stays doubtful after these two weeks, before it counts as over: two monthly rosters could
have told of it meanwhile."""
ASK_AGAIN_AFTER = timedelta(days=14)
"""The same person is not asked about again so soon after the company said that they are still there."""


class Answer(StrEnum):
    """What a company says of a stay, or `expired`: nobody said anything in time."""

    RETURNED = "returned"
    STILL_THERE = "still-there"
    EXPIRED = "expired"


class RoundAnswer(StrEnum):
    """How a company confirmed its list: by saying that nothing changed (无变化), or by a roster."""

    UNCHANGED = "unchanged"
    ROSTER = "roster"


@dataclass(frozen=True)
class Month:
    """A month of the office's calendar. `name` as "2026-11"; `begins` as aware UTC time."""

    name: str
    begins: datetime


def month_of(now: datetime, zone: str) -> Month:
    """Return the month in which `now` lies for somebody in `zone` (IANA name)."""
    first = now.astimezone(ZoneInfo(zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Month(f"{first:%Y-%m}", first.astimezone(UTC))


def reminder_due(asked_at: datetime, reminders: int, reminded_at: datetime | None, now: datetime) -> bool:
    """Tell whether a company is to be reminded now: a week after it was asked, and a week after that."""
    return reminders < REMINDERS and (reminded_at or asked_at) + REMIND_AFTER <= now


def silent(asked_at: datetime, reminders: int, reminded_at: datetime | None, now: datetime) -> bool:
    """Tell whether an officer is to read of this company: asked, reminded twice, and a week later still nothing."""
    return reminders >= REMINDERS and (reminded_at or asked_at) + REMIND_AFTER <= now
