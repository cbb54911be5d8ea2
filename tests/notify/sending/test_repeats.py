"""Repeats that a provider drops for a while: made in time, or in doubt again, but never late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from core.clock import FixedClock
from notify.channels.base import Accepted, InDoubt, NoLookup, NotSent, Outgoing, Rejected, Repeatable, Result
from tests.notify.sending.house import ACCEPTED, READY, UNKNOWN, House, Scripted

WHILE = timedelta(minutes=28)


@dataclass
class Dropping(Scripted):
    """A channel whose provider drops repeats for a while, as WeCom does."""

    drops_repeats_for: timedelta = WHILE
    results: list[Result] = field(default_factory=list)

    async def send(self, notice: Outgoing) -> Result:
        """Answer as told, one call after the other; the last answer for ever."""
        await super().send(notice)
        return self.results[min(len(self.calls), len(self.results)) - 1]


def in_doubt(home: House, *then: Result) -> tuple[House, Dropping]:
    """Make a first call that ends in doubt, and let the reconciler say that it may be repeated."""
    channel = Dropping(results=[InDoubt("reset"), *then], found=lambda notice: Repeatable())
    home = home.with_channels(channel)
    home.drain()
    later(home, home.office.settings.grace)
    home.reconcile()
    assert [row.state for row in home.rows()] == [READY]
    return home, channel


def later(home: House, seconds: float) -> None:
    """Let time pass."""
    clock = home.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(seconds=seconds))


def test_a_repeat_in_time_is_made(one: House) -> None:
    """Within the while the same call is made once more, and taken."""
    home, channel = in_doubt(one, Accepted("W1", "sent"))
    home.drain()
    assert (len(channel.calls), home.rows()[0].state) == (2, ACCEPTED)


@pytest.mark.parametrize("result", [NotSent("connect", retry_after=1.0), Rejected("40001", stops_channel=True)])
def test_a_repeat_that_sent_nothing_settles_nothing(one: House, result: Result) -> None:
    """A repeat that did not leave does not make the first call undone: the notice is in doubt as before, not free to go."""
    home, _ = in_doubt(one, result)
    home.drain()
    assert home.rows()[0].state == UNKNOWN


def test_a_repeat_is_never_made_late(one: House) -> None:
    """A sender that was down for the whole while makes no call; then severity decides, and what goes again is marked."""
    home, channel = in_doubt(one, Accepted("W1", "sent"))
    later(home, WHILE.total_seconds())
    home.drain()
    assert (len(channel.calls), home.rows()[0].state) == (1, UNKNOWN)
    channel.found = lambda notice: NoLookup()
    later(home, home.office.settings.grace)
    home.reconcile()
    assert (home.rows()[0].state, home.rows()[0].doubtful) == (READY, True)
    home.drain()
    assert (len(channel.calls), home.rows()[0].state) == (2, ACCEPTED)
