"""Rates that several dispatchers keep together, without a leader."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock, SystemClock
from core.database import writing
from core.keys import MasterKeys
from notify import engine as sending
from notify import pacing
from notify.channels.base import Outgoing, Result
from notify.lanes import Lane, lanes
from notify.store import pace
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers


def lane(rate: float = 2.0) -> Lane:
    """Return the lane of a process that has said nothing yet."""
    return lanes(["sms"], 64, {"sms": rate})["sms"]


def taken(engine: Engine, own: Lane, now: datetime, wanted: int = 4) -> list[datetime]:
    """Take notices in hand as a claim does; return their moments."""
    with writing(engine) as connection:
        room = pacing.room(connection, own, "sms", now, wanted)
        return [one for one in pacing.book(connection, own, "sms", room) if one is not None]


def test_several_processes_share_one_line(engine: Engine, clock: FixedClock) -> None:
    """What three of them take in turn has moments half a second apart at two a second, and nobody takes what is too far away."""
    now, own = clock.now(), [lane() for _ in range(3)]
    found = [moment for one in own for moment in taken(engine, one, now)]
    assert found == [now + timedelta(seconds=number / 2) for number in range(10)]
    assert taken(engine, own[0], now) == [now + timedelta(seconds=5)]
    assert taken(engine, own[0], now) == []
    assert own[0].far(now), "it does not ask again before there is room"
    clock.advance(timedelta(seconds=2))
    assert taken(engine, own[0], clock.now()) == [now + timedelta(seconds=5.5 + number / 2) for number in range(3)]


def test_what_nobody_took_is_no_debt(engine: Engine, clock: FixedClock) -> None:
    """After a pause the line begins now: what was not said is not said in a burst."""
    own = lane()
    taken(engine, own, clock.now())
    clock.advance(timedelta(minutes=5))
    assert taken(engine, own, clock.now(), 2) == [clock.now(), clock.now() + timedelta(seconds=0.5)]


def test_a_wrong_clock_holds_nobody_up(engine: Engine, clock: FixedClock) -> None:
    """A moment booked a day ahead, by a machine whose clock was wrong, does not silence the others for a day."""
    with writing(engine) as connection:
        pace.lock(connection, "sms", clock.now())
        pace.take(connection, "sms", clock.now() + timedelta(days=1))
    assert taken(engine, lane(), clock.now(), 1) == [clock.now()]


@pytest.mark.parametrize("rate", [0.1, 0.01])
def test_a_slow_sender_takes_one(engine: Engine, clock: FixedClock, rate: float) -> None:
    """At one call in ten seconds, or in a hundred, one is taken, and the next one when its moment is near."""
    own, now = lane(rate), clock.now()
    assert [len(taken(engine, own, now)) for _ in range(2)] == [1, 0]
    clock.advance(timedelta(seconds=1 / rate - 4))
    assert taken(engine, own, clock.now()) == [now + timedelta(seconds=1 / rate)]


def test_without_a_rate_nothing_is_booked(engine: Engine, clock: FixedClock) -> None:
    """A channel without a rate has no line."""
    own = lanes(["sms"], 64)["sms"]
    with writing(engine) as connection:
        assert pacing.room(connection, own, "sms", clock.now(), 99) == 99
        assert pacing.book(connection, own, "sms", 2) == [None, None]
        assert pace.lock(connection, "sms", clock.now()) == clock.now()


class Timed(Scripted):
    """Keeps when it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    async def send(self, notice: Outgoing) -> Result:
        """Note the time."""
        self.moments.append(time.monotonic())
        return await super().send(notice)


def test_two_engines_keep_one_rate(engine: Engine, tmp_path_factory: pytest.TempPathFactory, keys: MasterKeys) -> None:
    """Two engines send sixty notices at thirty a second: together they take two seconds, and each notice leaves once."""
    made = house(engine, tmp_path_factory.mktemp("home"), SystemClock(), keys, rates={"sms": 30.0})
    enrol_people(made, numbers(60))
    made.release()
    channels = [Timed(), Timed()]

    def work(home: House) -> None:
        """Run one engine."""
        now = home.office.clock.now()
        asyncio.run(sending.run(home.office.tools(), moment=now, within=timedelta(0)))

    threads = [threading.Thread(target=work, args=(made.with_channels(one),)) for one in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.with_channels(channels[0]).run(within=10.0)
    calls = sorted(channels[0].moments + channels[1].moments)
    assert len(calls) == 60
    assert sorted(channels[0].calls + channels[1].calls) == list(range(1, 61))
    assert calls[-1] - calls[0] > 1.5


def test_a_late_call_keeps_its_distance() -> None:
    """What was held up goes one after another, not at once; before its moment nothing goes."""
    own, now = lane(), datetime.fromisoformat("2026-11-22T00:00:00+00:00")
    booked = [now - timedelta(seconds=3), now - timedelta(seconds=2.5), now + timedelta(seconds=4)]
    assert [own.turn(now, one) for one in booked] == [0.0, 0.5, 4.0]
