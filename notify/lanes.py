"""Lanes: how fast each channel may go. Pure: the hour is an argument.

A lane outlives one drain, so that a provider's "slow down" or "stop" is heard for the whole run. How many calls go at once is
halved when the provider asks us to slow down, and grows again with what it takes (additive increase, multiplicative decrease;
Twilio's page on error 20429 asks for backing off).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from notify.channels.base import Accepted, NotSent, Rejected, Result

SLOW = 1.0
"""Seconds to wait if the provider does not say how long."""

LEAST = 8
"""The room never shrinks below one part in this many."""


@dataclass
class Lane:
    """One channel's lane.

    Attributes:
        most: calls at the same time at best; `room` is how many there may be now.
        slow_until: nothing goes before this moment.
        stopped: the account or the sender is at fault: nothing goes until a person looked.
    """

    most: int
    room: float
    slow_until: datetime | None = None
    stopped: bool = False

    def wait(self, now: datetime) -> float:
        """Return how many seconds nothing may go."""
        return 0.0 if self.slow_until is None else max(0.0, (self.slow_until - now).total_seconds())

    def heard(self, result: Result, now: datetime) -> None:
        """Take note of what came of a call."""
        if isinstance(result, Accepted):
            self.room = min(self.most, self.room + 1 / self.room)
        elif isinstance(result, NotSent) and result.throttled:
            if not self.wait(now):  # A burst of refusals of calls that were already made is one piece of news.
                self.room = max(1.0, self.most / LEAST, self.room / 2)
            until = now + timedelta(seconds=SLOW if result.retry_after is None else result.retry_after)
            self.slow_until = until if self.slow_until is None else max(self.slow_until, until)
        elif isinstance(result, Rejected) and result.stops_channel:
            self.stopped = True


def lanes(channels: Iterable[str], at_once: int) -> dict[str, Lane]:
    """Return a fresh lane for each channel, for `at_once` calls at the same time."""
    return {name: Lane(at_once, at_once) for name in channels}
