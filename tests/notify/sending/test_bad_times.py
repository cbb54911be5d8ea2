"""Bad times: a provider that is down all night, a disk that is full, a clock that goes back, and two dispatchers started by mistake."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event

from core.clock import FixedClock
from core.database import reading
from core.errors import StoreBusy
from notify import engine, proof
from notify.channels.base import Accepted, NotSent, Outgoing, Result
from notify.timekeeping import behind
from tests.notify.sending.house import ACCEPTED, House, Scripted, claim, enrol_people, numbers

SWEEP = timedelta(minutes=10)


@dataclass
class Fickle(Scripted):
    """A provider that is down until it is up."""

    up: bool = False

    async def send(self, notice: Outgoing) -> Result:
        """Refuse the connection while it is down."""
        self.answer = _take if self.up else _refuse
        return await super().send(notice)


def _take(notice: Outgoing) -> Result:
    return Accepted(f"REC{notice.delivery_id}")


def _refuse(notice: Outgoing) -> Result:
    return NotSent("connect", "connection refused")


def kinds(house: House) -> set[str]:
    """Return the kinds of what is not accounted for."""
    with reading(house.office.engine) as connection:
        found = [*proof.gaps(connection), *proof.clock_gaps(connection, house.office.clock.now())]
    return {gap.kind for gap in found}


def test_provider_down_all_night(empty: House, clock: FixedClock) -> None:
    """A provider is down for eight hours and comes back: what is still valid goes out once, what ran out does not, the officer's
    list named the notices that waited, and names those that never went."""
    channel = Fickle()
    house = empty.with_channels(channel)
    enrol_people(house, numbers(3))
    house.release(valid_hours=2)
    house.release(valid_hours=24)
    for _ in range(48):
        house.run()
        assert "delivery-ready" in kinds(house), "somebody must see that notices wait"
        clock.advance(SWEEP)
    assert house.states() == ["expired"] * 3 + ["ready"] * 3
    tried = len(channel.calls)
    channel.up = True
    for _ in range(3):
        house.run()
        clock.advance(SWEEP)
    assert house.states() == ["expired"] * 3 + ["accepted"] * 3
    assert sorted(channel.calls[tried:]) == [4, 5, 6]
    assert "delivery-expired" in kinds(house)
    assert "delivery-ready" not in kinds(house)


@dataclass
class Disk:
    """The room that is left for a SQLite database: pages beyond those it has; None for as much as it wants."""

    full: bool = False

    def watch(self, opened: Engine) -> None:
        """Set the limit whenever a connection is taken into use."""

        def limit(connection: Any, record: Any, proxy: Any) -> None:
            """Let the file not grow, or let it."""
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages if self.full else 1 << 30}")

        event.listen(opened, "checkout", limit)


def crowded(empty: House, people: int = 400) -> House:
    """Return a house with enough notices that writing them down needs more pages than the file has."""
    if empty.office.engine.dialect.name != "sqlite":
        pytest.skip("the limit of pages is SQLite's")
    enrol_people(empty, numbers(people))
    empty.release()
    return empty


def test_disk_full_before_the_call(empty: House) -> None:
    """With the disk full no attempt can be written down: the sender says so in words, and calls nobody; with room again each
    notice goes out once."""
    house, disk, channel = crowded(empty), Disk(full=True), Scripted()
    disk.watch(house.office.engine)
    house = house.with_channels(channel)
    with pytest.raises(StoreBusy, match="written now"):
        house.drain()
    assert len(channel.calls) == len(set(channel.calls)) < 400
    called = len(channel.calls)
    disk.full = False
    house.office.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    house.run()
    house.office.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    house.run()
    assert set(house.states()) == {ACCEPTED}
    assert len(channel.sent) == 400, f"{called} before the disk was full"


def test_disk_full_after_the_call(one: House) -> None:
    """The disk is full for a moment when the answer comes in: it is written a little later, nothing is in doubt or sent again."""
    if one.office.engine.dialect.name != "sqlite":
        pytest.skip("the limit of pages is SQLite's")
    disk = Disk()
    disk.watch(one.office.engine)

    def fill_up(notice: Outgoing) -> Result:
        """Take the notice, and leave no room for what comes of it, for a tenth of a second."""
        disk.full = True
        threading.Timer(0.1, lambda: setattr(disk, "full", False)).start()
        return Accepted("REC1")

    channel = Scripted(answer=fill_up)
    one.with_channels(channel).drain()
    assert (one.states(), channel.calls) == ([ACCEPTED], [1])


def test_the_clock_goes_back(empty: House, clock: FixedClock) -> None:
    """The clock goes back by an hour in the middle: nothing is sent twice, nothing is lost, and the officer's list says so."""
    channel = Scripted()
    house = empty.with_channels(channel)
    enrol_people(house, numbers(4))
    house.release()
    assert [one.id for one in claim(house, "vanished", limit=3)] == [1, 2, 3]
    house.run()
    assert channel.calls == [4]
    clock.advance(timedelta(hours=-1))
    for _ in range(5):
        house.run()
        clock.advance(timedelta(minutes=1))
    assert channel.calls == [4], "what somebody else may be sending is left alone, however long the clock needs"
    with reading(house.office.engine) as connection:
        assert timedelta(minutes=50) < behind(connection, clock.now()) < timedelta(hours=1)
    assert "clock-behind" in kinds(house)
    clock.advance(timedelta(hours=2))
    house.run()
    clock.advance(timedelta(minutes=5))
    house.run()
    assert set(house.states()) == {ACCEPTED}
    assert sorted(channel.calls) == [1, 2, 3, 4]
    assert "clock-behind" not in kinds(house)


def test_two_dispatchers_by_mistake(empty: House) -> None:
    """Two whole engines at work on one database, on SQLite as on PostgreSQL: each notice is sent by one of them."""
    enrol_people(empty, numbers(60))
    empty.release()
    channels = [Scripted(), Scripted()]
    faults: list[Exception] = []

    def work(channel: Scripted) -> None:
        """Run one engine."""
        house = empty.with_channels(channel)
        now = house.office.clock.now()
        try:
            asyncio.run(engine.run(house.office.tools(), moment=now, within=timedelta(0)))
        except StoreBusy as error:  # Words, not a traceback, are all that may come of it.
            faults.append(error)

    _together([partial(work, one) for one in channels])
    empty.with_channels(Scripted()).run()
    assert faults == []
    assert sorted(channels[0].calls + channels[1].calls) == list(range(1, 61))
    assert set(empty.states()) == {ACCEPTED}


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
