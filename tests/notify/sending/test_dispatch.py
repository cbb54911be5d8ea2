"""Dispatch: what each answer makes of a notice, what waits, what the gate refuses, and who is held up by whom."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine, reading, set_mode, writing
from core.errors import StoreBusy
from core.keys import MasterKeys
from core.tables import Mode, table
from notify import alerts
from notify.channels.base import Accepted, Consequence, InDoubt, NotSent, Outgoing, Rejected, Result
from notify.dispatch import Dispatcher
from notify.lanes import Lane
from notify.stops import stop
from notify.tables import Alert, Attempt
from notify.worker import scrub
from registry.actors import SYSTEM
from registry.tables import Address
from tests.notify.sending.house import ACCEPTED, FAILED, READY, UNKNOWN, House, Scripted, enrol_people, house, numbers


def always(result: Result) -> Scripted:
    """Return a channel that always answers the same."""
    return Scripted(answer=lambda notice: result)


@pytest.mark.parametrize("result, state, reason", [
    (Accepted("SM1", "accepted"), "accepted", ""),
    (NotSent("429", retry_after=7.0, throttled=True), "ready", "retry"),
    (NotSent("connect"), "ready", "retry"),
    (InDoubt("500"), "unknown", "doubt"),
    (Rejected("21610"), "failed", "refused"),
    (Rejected("21211", address_bad=True), "failed", "bad-address"),
    (Rejected("20003", stops_channel=True), "ready", "channel-stopped"),
])  # fmt: skip
def test_each_result_has_its_state(one: House, result: Result, state: str, reason: str) -> None:
    """Each result moves the notice as the design says, after exactly one call, with one attempt and one outcome."""
    sms = always(result)
    one.with_channels(sms).drain()
    row = one.rows()[0]
    assert (row.state, row.reason, row.attempts) == (state, reason, 1)
    assert sms.calls == [row.id]
    assert [o[0] for o in one.outcomes()] == [type(result).__name__.lower()]


def test_written_before_sent(one: House) -> None:
    """While the provider is called, the attempt is durable with the hash of the words, and the lease is ours."""
    seen: list[tuple[str, str, int]] = []

    def look(notice: Outgoing) -> Result:
        attempts = table(Attempt)
        with reading(one.office.engine) as connection:
            row = connection.execute(select(attempts.c.body_sha256, attempts.c.no)).one()
        seen.append((one.states()[0], row.body_sha256, row.no))
        return Accepted("SM1")

    one.with_channels(Scripted(answer=look)).drain()
    assert [(state, len(digest), no) for state, digest, no in seen] == [("sending", 64, 1)]


def test_a_channel_that_breaks_leaves_a_doubt(one: House) -> None:
    """An exception out of a channel, against its contract, is a doubt about that notice and nothing worse."""

    def broken(notice: Outgoing) -> Result:
        raise RuntimeError(notice.ref)

    one.with_channels(Scripted(answer=broken)).drain()
    assert one.states() == [UNKNOWN]


def test_slow_down_is_heard_and_never_loses_a_notice(empty: House) -> None:
    """After a 429 the channel waits as told; however many come, no notice fails, and each is taken once in the end."""
    enrol_people(empty, numbers(40))
    empty.release()
    clock = empty.office.clock
    assert isinstance(clock, FixedClock)
    calls = count(1)
    sms = Scripted(
        answer=lambda n: Accepted(f"SM{n.ref}") if next(calls) > 20 else NotSent("20429", "", 30.0, throttled=True)
    )
    home = empty.with_channels(sms)
    home.drain()
    assert len(sms.calls) <= 8  # those that were out already
    assert set(home.states()) == {READY}
    lanes = {"sms": Lane(8, 8)}
    for _ in range(60):
        home.drain(lanes=lanes)
        clock.advance(timedelta(seconds=31))
    assert home.states() == [ACCEPTED] * 40
    assert len({notice.delivery_id for notice in sms.sent}) == len(sms.sent) == 40


def test_a_lane_halves_and_grows_again() -> None:
    """A burst of 429 halves the calls at once a single time; what is taken widens the lane again; the wait is as told."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    lane = Lane(64, 64)
    for _ in range(5):
        lane.heard(NotSent("20429", "", 4.0, throttled=True), now)
    assert (lane.room, lane.wait(now), lane.wait(now + timedelta(seconds=4))) == (32, 4.0, 0.0)
    for _ in range(5_000):
        lane.heard(Accepted("SM1"), now)
    assert lane.room == 64
    lane.heard(NotSent("connect"), now)
    assert not lane.stopped
    lane.heard(Rejected("20003", stops_channel=True), now)
    assert lane.stopped


def test_a_provider_that_is_down_loses_no_notice(one: House) -> None:
    """A hundred refused connections leave the notice ready; it waits longer each time, never more than 15 minutes."""
    clock = one.office.clock
    assert isinstance(clock, FixedClock)
    home = one.with_channels(always(NotSent("connect")))
    for _ in range(60):
        home.drain()
        row = home.rows()[0]
        assert row.state == READY
        assert row.due is not None
        assert timedelta(0) < row.due - clock.now() <= timedelta(seconds=900)
        clock.advance(row.due - clock.now())


def test_a_stopped_channel_puts_everything_back(empty: House) -> None:
    """Wrong credentials stop the channel after the calls that were out; nobody is marked as failed; other channels go on."""
    enrol_people(empty, numbers(30))
    enrol_people(empty, [f"p{i}@example.invalid" for i in range(30)], channel="email")
    empty.release(channels=["sms", "email"])
    sms, mail = always(Rejected("20003", stops_channel=True)), Scripted(name="email")
    home = empty.with_channels(sms, mail)
    done = home.run(within=60)
    assert done.stopped == ("sms",)
    assert len(sms.calls) <= 8
    assert sorted(home.states()) == [ACCEPTED] * 30 + [READY] * 30
    assert all(row.channel == "email" for row in home.rows() if row.state == ACCEPTED)


def test_a_bad_address_is_stopped_everywhere(empty: House) -> None:
    """A number the provider calls bad fails, and is stopped in the register for all who gave it; others are not."""
    enrol_people(empty, ["+992900000001", "+992900000001", "+992900000002"])
    empty.release()
    bad = "+992900000001"
    answer = Scripted(
        answer=lambda n: (
            Rejected("21211", f"The 'To' number {n.address} is bad", address_bad=True)
            if n.address == bad
            else Accepted("SM1")
        )
    )
    empty.with_channels(answer).drain()
    addresses = table(Address)
    with reading(empty.office.engine) as connection:
        stopped = connection.execute(select(func.count()).where(addresses.c.stopped_at.is_not(None))).scalar_one()
    assert sorted(empty.states()) == [ACCEPTED, FAILED]
    assert stopped == 2


def test_outcomes_carry_no_number() -> None:
    """The words of a provider are kept without the number or mailbox they quote."""
    assert scrub("The 'To' number +992900000001 is bad", "+992900000001") == "The 'To' number … is bad"
    assert scrub("992900000001?", "+992900000001") == "…?"
    assert scrub("<Some.One@example.invalid>: no", "some.one@EXAMPLE.invalid") == "<…>: no"
    assert scrub("no", "") == "no"


def test_what_came_too_late_expires(one: House) -> None:
    """A notice that was not sent within the validity of its alert is never sent, even if it is claimed before a sweep."""
    clock = one.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(hours=25))
    sms = Scripted()
    home = one.with_channels(sms)
    tally = home.drain()
    assert (tally.expired, home.states(), sms.calls) == (1, ["expired"], [])


def test_planned_notices_wait_for_their_hour(one: House) -> None:
    """A planned notice leaves at its time on the time line of the night, not before, whatever the wall clock says."""
    clock = one.office.clock
    hour = clock.now() + timedelta(hours=3)
    one.put(state="planned", reason="quiet", not_before=hour)
    sms = Scripted()
    home = one.with_channels(sms)
    home.drain(hour - timedelta(seconds=1))
    assert (home.states(), sms.calls) == (["planned"], [])
    home.drain(hour)
    assert home.states() == [ACCEPTED]


def test_what_was_cancelled_does_not_leave_after_all(one: House) -> None:
    """A notice that comes back to ready after its alert was cancelled is cancelled too, and not sent again."""
    clock = one.office.clock
    assert isinstance(clock, FixedClock)

    def cancelled_meanwhile(notice: Outgoing) -> Result:
        with writing(one.office.engine) as connection:
            alerts.cancel(connection, one.rows()[0].version_id, one.office.acting(SYSTEM))
        return NotSent("connect")

    one.with_channels(Scripted(answer=cancelled_meanwhile)).drain()
    assert one.states() == [READY]
    clock.advance(timedelta(minutes=5))
    sms = Scripted()
    one.with_channels(sms).drain()
    assert (one.states(), sms.calls) == (["canceled"], [])


@pytest.mark.parametrize("mode, allowed, endpoint, code", [
    (Mode.SANDBOX, "", "api.example.invalid", "gate-sandbox"),
    (Mode.SANDBOX, "", "127.0.0.1.example.invalid", "gate-sandbox"),
    (Mode.DRILL, "+992900000009", "127.0.0.1", "gate-drill"),
    (Mode.DRILL, "+992900000001", "api.example.invalid", ""),
    (Mode.SANDBOX, "", "localhost", ""),
])  # fmt: skip
def test_the_gate(empty: House, mode: Mode, allowed: str, endpoint: str, code: str) -> None:
    """The last gate refuses a foreign endpoint in a sandbox and an address off the list in a drill, on record, without a call."""
    with writing(empty.office.engine) as connection:
        set_mode(connection, mode)
    enrol_people(empty, numbers(1))
    empty.release()
    settings = empty.office.settings.model_copy(update={"drill_allow": frozenset({allowed})})
    sms = Scripted(where=endpoint)
    office = type(empty.office)(settings, empty.office.engine, empty.office.clock, empty.office.keys, {"sms": sms})
    home = House(office)
    home.drain()
    row = home.rows()[0]
    assert (row.state, row.error_code) == ((FAILED, code) if code else (ACCEPTED, ""))
    assert len(sms.calls) == (0 if code else 1)
    assert home.outcomes() == [("rejected", code, "worker")] if code else [("accepted", "", "worker")]


def test_wrong_mode_and_wrong_instance_are_refused(one: House) -> None:
    """An alert of another mode, or of another instance of the program, never leaves."""
    sms = Scripted()
    home = one.with_channels(sms)
    tools = home.office.tools()
    with writing(one.office.engine) as connection:
        set_mode(connection, Mode.LIVE)
    asyncio.run(Dispatcher(tools).drain(one.office.clock.now()))  # the mode changed after the tools were taken out
    assert (home.rows()[0].error_code, sms.calls) == ("gate-mode", [])
    home.put(state="ready", due=None)
    with writing(one.office.engine) as connection:
        set_mode(connection, Mode.SANDBOX)
        connection.execute(table(Alert).update().values(instance_uid="another"))
    home.drain()
    assert (home.rows()[0].error_code, sms.calls) == ("gate-instance", [])


def test_a_sandbox_asks_nobody_outside(one: House) -> None:
    """A sandbox does not even ask a provider elsewhere: the question would show numbers."""
    sms = Scripted(where="api.example.invalid")
    one.put(state="unknown", due=None)
    one.with_channels(sms).reconcile(poll=True)
    one.put(state="accepted", provider_id="SM1", accepted_at=one.office.clock.now() - timedelta(hours=1))
    one.with_channels(sms).reconcile(poll=True)
    assert (sms.asked, sms.polled) == ([], [])


def test_an_erased_person_gets_nothing(one: House) -> None:
    """With the key of a person gone there is no address, and no call is made."""
    with writing(one.office.engine) as connection:
        connection.exec_driver_sql("DELETE FROM person_key")
    sms = Scripted()
    one.with_channels(sms).drain()
    assert (one.states(), one.rows()[0].error_code, sms.calls) == ([FAILED], "no-address", [])


def test_what_waited_for_a_stopped_address_is_not_sent(one: House) -> None:
    """Whoever says STOP while a notice waits does not get it; it is refused at the last gate, and says why."""
    with writing(one.office.engine) as connection:
        stop(connection, [one.rows()[0].address_id], Consequence.OPTED_OUT, one.office.clock.now())
    sms = Scripted()
    one.with_channels(sms).drain()
    assert (one.states(), one.rows()[0].reason, sms.calls) == ([FAILED], "stopped", [])


def test_a_hanging_channel_does_not_hold_up_the_others(empty: House) -> None:
    """While every caller of one channel hangs, the other channel sends everything it has."""
    enrol_people(empty, numbers(40))
    enrol_people(empty, [f"p{i}@example.invalid" for i in range(40)], channel="email")
    empty.release(channels=["sms", "email"])

    class Hanging(Scripted):
        async def send(self, notice: Outgoing) -> Result:
            await asyncio.Event().wait()
            raise AssertionError

    all_out = asyncio.Event()

    class Counting(Scripted):
        async def send(self, notice: Outgoing) -> Result:
            result = await super().send(notice)
            if len(self.sent) == 40:
                all_out.set()
            return result

    mail = Counting(name="email")
    home = empty.with_channels(Hanging(), mail)

    async def play() -> None:
        task = asyncio.create_task(Dispatcher(home.office.tools()).drain(home.office.clock.now()))
        async with asyncio.timeout(20):
            await all_out.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    settings = home.office.settings.model_copy(update={"send_timeout": 0.1, "connect_timeout": 0.1})
    home = House(
        type(home.office)(settings, home.office.engine, home.office.clock, home.office.keys, home.office.channels)
    )
    asyncio.run(play())
    rows = home.rows()
    assert {row.state for row in rows if row.channel == "email"} == {ACCEPTED}
    assert {row.state for row in rows if row.channel == "sms"} == {"ready", "sending"}


def test_a_cancelled_drain_waits_for_its_calls_and_gives_back_the_rest(empty: House) -> None:
    """Told to end, a dispatcher writes down what its calls bring and gives back what it had not begun: no doubt is left."""
    enrol_people(empty, numbers(30))
    empty.release()

    class Slow(Scripted):
        async def send(self, notice: Outgoing) -> Result:
            await asyncio.sleep(0.3)
            return await super().send(notice)

    sms = Slow()
    home = empty.with_channels(sms)

    async def play() -> None:
        task = asyncio.create_task(Dispatcher(home.office.tools()).drain(home.office.clock.now()))
        await asyncio.sleep(0.15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(play())
    states = home.states()
    assert set(states) <= {ACCEPTED, READY}
    assert states.count(ACCEPTED) == len(sms.sent) <= 8


def test_an_engine_with_nothing_to_do_ends(one: House) -> None:
    """Notices of a channel that is not in use wait for a person, and do not keep the engine busy."""
    done = one.with_channels(Scripted(name="email")).run(within=3600)
    assert (done.accepted, one.states()) == (0, [READY])
    one.put(state="unknown", due=one.office.clock.now())
    one.with_channels(Scripted(name="email")).run(within=3600)
    assert one.states() == [UNKNOWN]


def test_a_busy_database_does_not_lose_the_providers_word(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """If the database is locked when a result comes in, it is written a little later, and nothing is left in doubt."""
    engine = open_engine(f"sqlite:///{tmp_path / 'busy.db'}", busy_ms=20)
    SQLModel.metadata.create_all(engine)
    home = house(engine, tmp_path, clock, keys)
    enrol_people(home, numbers(1))
    home.release()
    other = sqlite3.connect(tmp_path / "busy.db", isolation_level=None, check_same_thread=False)

    def lock(notice: Outgoing) -> Result:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, other.execute, ["ROLLBACK"]).start()
        return Accepted("SM1")

    with contextlib.suppress(StoreBusy):  # The next claim may meet the lock too, and say so.
        home.with_channels(Scripted(answer=lock)).drain()
    assert home.states() == [ACCEPTED]
    other.close()
    engine.dispose()
