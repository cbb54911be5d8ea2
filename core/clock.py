"""One clock for the whole program: aware UTC times only.

The clock times leases, attempts and receipts. The night being worked, `as_of`, is never read from here: it is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC time."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment as an aware UTC time."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and replays."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment the clock was set to."""
        return self.moment

    def advance(self, step: timedelta) -> None:
        """Move the clock forward by `step` (backward if negative)."""
        self.moment += step


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 time with a zone (`2026-10-05T00:00:00Z`) as aware UTC.

    Raises:
        ValueError: the text is no ISO time, or carries no zone: a naive time is never guessed at.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(f"{text}: no time zone")
    return moment.astimezone(UTC)


def iso(moment: datetime | None) -> str | None:
    """Write a time as ISO 8601 in UTC with a `Z`, or None for None."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
