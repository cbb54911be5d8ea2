"""Pacing: a sender may say only so much a second, whoever of several dispatchers speaks.

Each claim books the moments of its notices in the database, so that together they keep the rate, without a leader. A console that
sends beside a dispatcher is one more of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from notify.lanes import Lane
from notify.store import pace

SKEW = timedelta(seconds=60)
"""What is booked further ahead than anybody books, by this much, was booked by a clock that is wrong, and counts for nothing."""


def room(connection: Connection, lane: Lane, channel: str, now: datetime, limit: int) -> int:
    """Return how many of `limit` notices may be taken in hand now; 0 if the next free moment is too far away.

    To be the first that a transaction writes: the line of the channel is locked before anything else.
    """
    if lane.rate is None:
        return limit
    free = pace.lock(connection, channel, now)
    longest = timedelta(seconds=2 * lane.reach + 1 / lane.rate)
    lane.free_at = now if free - now > longest + SKEW else max(now, free)
    if lane.far(now):
        return 0
    left = lane.reach - (lane.free_at - now).total_seconds()
    return max(1, min(limit, int(left * lane.rate)))


def book(connection: Connection, lane: Lane, channel: str, count: int) -> Sequence[datetime | None]:
    """Book the next moments for notices that were taken in hand; return the moment of each, None if it may go at any time."""
    if lane.rate is None or lane.free_at is None:
        return [None] * count
    moments = [lane.free_at + timedelta(seconds=number / lane.rate) for number in range(count + 1)]
    lane.free_at = moments[-1]
    pace.take(connection, channel, moments[-1])
    return moments[:-1]
