"""Lanes: how fast each channel may go. Pure: the hour is an argument.

A lane outlives one drain, so that a provider's "slow down" or "stop" is heard for the whole run. How many calls go at once is
halved when the provider asks us to slow down, and grows again with what it takes (additive increase, multiplicative decrease;
Twilio's page on error 20429 asks for backing off). A sender that may say only so much a second has a rate beside it: calls
then leave evenly, one slot each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from notify.channels.base import Accepted, NotSent, Rejected, Result

SLOW = 1.0
"""Seconds to wait if the provider does not say how long."""

LEAST = 8
"""The room never shrinks below one part in this many."""

AHEAD = 5.0
"""Under a rate no more is taken in hand than goes out within so many seconds: a lease must not run out in the queue."""


@dataclass
class Lane:
    """One channel's lane.

    Attributes:
        most: calls at the same time at best; `room` is how many there may be now.
        slow_until: nothing goes before this moment.
        stopped: the account or the sender is at fault: nothing goes until a person looked.
        rate: most calls a second, of all dispatchers together; None: no limit. `free_at` is the next slot that nobody has.
        said_at: before this moment this process says nothing more: what is late must not go in a burst.
        places: calling codes and countries that cannot be reached now.
        reach: seconds within which what is taken in hand must have its slot.
    """

    most: int
    room: float
    slow_until: datetime | None = None
    stopped: bool = False
    rate: float | None = None
    free_at: datetime | None = None
    said_at: datetime | None = None
    places: set[str] = field(default_factory=set)
    reach: float = AHEAD

    @property
    def batch(self) -> int:
        """Return how many notices may be in hand at once."""
        most = max(int(self.room) * 2, 16)
        return most if self.rate is None else max(1, min(most, int(self.rate * self.reach)))

    def wait(self, now: datetime) -> float:
        """Return how many seconds nothing may go."""
        return 0.0 if self.slow_until is None else max(0.0, (self.slow_until - now).total_seconds())

    def turn(self, now: datetime, slot: datetime | None = None) -> float:
        """Take the next slot under the rate, not before the one that was booked; return how many seconds from now it begins."""
        if self.rate is None:
            return 0.0
        begins = max(one for one in (now, slot, self.said_at) if one is not None)
        self.said_at = begins + timedelta(seconds=1 / self.rate)
        self.free_at = max(self.free_at or self.said_at, self.said_at)
        return (begins - now).total_seconds()

    def far(self, now: datetime) -> bool:
        """Tell whether the next slot under the rate is too far away to take anything in hand for it."""
        return self.free_at is not None and (self.free_at - now).total_seconds() > self.reach

    def heard(self, result: Result, now: datetime, place: str = "") -> None:
        """Take note of what came of a call to a number or country `place`."""
        if isinstance(result, Accepted):
            self.room = min(self.most, self.room + 1 / self.room)
        elif isinstance(result, NotSent) and result.throttled:
            if not self.wait(now):  # A burst of refusals of calls that were already made is one piece of news.
                self.room = max(1.0, self.most / LEAST, self.room / 2)
            until = now + timedelta(seconds=SLOW if result.retry_after is None else result.retry_after)
            self.slow_until = until if self.slow_until is None else max(self.slow_until, until)
        elif isinstance(result, Rejected) and result.stops_channel:
            self.stopped = True
        elif isinstance(result, Rejected) and result.stops_country and place:
            self.places.add(place)


def lanes(
    channels: Iterable[str], at_once: int, rates: Mapping[str, float] | None = None, *, lease: float = 4 * AHEAD
) -> dict[str, Lane]:
    """Return a fresh lane for each channel, for `at_once` calls at the same time and its rate, if it has one.

    Args:
        lease: seconds for which a notice may be in hand: it has its slot in the first quarter of them.
    """
    reach = min(AHEAD, lease / 4)
    return {name: Lane(at_once, at_once, rate=(rates or {}).get(name), reach=reach) for name in channels}
