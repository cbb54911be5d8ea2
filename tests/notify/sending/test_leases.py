"""Leases and fencing: who may touch a row, when a doubt begins, and that two dispatchers never take one row twice."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from core.clock import FixedClock
from core.database import writing
from notify import worker
from notify.channels.base import Accepted, Found, InDoubt, NotSent, Outgoing, Rejected, Result
from notify.dispatch import Dispatcher
from notify.store import deliveries as store
from tests.notify.sending.house import (
    ACCEPTED,
    SENDING,
    UNKNOWN,
    House,
    Scripted,
    claim,
    enrol_people,
    nothing_there,
    numbers,
)


def say(home: House, one: store.Claimed, result: Result) -> None:
    """Write what a provider said, as a worker does that holds (or held) this lease."""
    now = home.office.clock.now()
    notice = Outgoing(one.id, one.attempts, "7K2QFX", "+1", "zh", "", "", "", 1)
    job = worker.Job(one, notice, 1, now)
    with writing(home.office.engine) as connection:
        if isinstance(result, Accepted):
            store.accept(connection, [worker.accepted_row(job, result, Scripted(), now)])
        else:
            store.settle(connection, [worker.settled_row(job, result, now)])
            store.adopt_spoken_for(connection, now)


def later(home: House, seconds: float) -> None:
    """Let time pass."""
    clock = home.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(seconds=seconds))


def lose(home: House) -> None:
    """Let every lease run out and be swept."""
    later(home, home.office.settings.lease + 1)
    with writing(home.office.engine) as connection:
        store.lose_leases(connection, home.office.clock.now())


ASKED_AGAIN = ("enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_material", "enable_sort")
"""What PostgreSQL is told to do without, so that it takes the plan that asks a subquery again for every row."""


@contextlib.contextmanager
def worst_plan(home: House) -> Iterator[Connection]:
    """Write under the plan that tables without statistics may get at any time."""
    with writing(home.office.engine) as connection:
        for one in ASKED_AGAIN if connection.dialect.name == "postgresql" else ():
            connection.execute(text(f"SET LOCAL {one} = off"))
        yield connection


def test_a_claim_takes_no_more_than_its_limit(empty: House) -> None:
    """Under any plan of the database a worker takes at most as many notices as it asked for, most urgent first."""
    enrol_people(empty, numbers(8))
    empty.release()
    now = empty.office.clock.now()
    lease = store.Lease("one", now, now + timedelta(seconds=60), limit=3)
    with worst_plan(empty) as connection:
        assert [one.id for one in store.claim(connection, lease, "sms")] == [1, 2, 3]


def test_no_more_doubts_are_asked_about_than_the_limit(empty: House) -> None:
    """Under any plan of the database one round asks about at most as many doubts as a batch holds."""
    enrol_people(empty, numbers(8))
    empty.release()
    empty.put(state=UNKNOWN)
    now = empty.office.clock.now()
    with worst_plan(empty) as connection:
        assert [one.id for one in store.take_doubts(connection, now, now, ["sms"], limit=3)] == [1, 2, 3]


def test_a_lost_lease_is_a_doubt_and_never_ready(one: House) -> None:
    """A row whose worker vanished stays in its hands for the whole lease, then is in doubt; no drain sends it again."""
    claim(one)
    sms = Scripted()
    home = one.with_channels(sms)
    home.drain()
    assert (home.states(), sms.calls) == ([SENDING], [])
    later(home, one.office.settings.lease + 1)
    for _ in range(3):
        home.drain()
        later(home, 3600)
    assert (home.states(), sms.calls) == ([UNKNOWN], [])


def test_the_grace_begins_when_the_lease_ends(one: House) -> None:
    """The provider is asked only after the grace, counted from the end of the lease; found, it is accepted."""
    claim(one)
    sms = Scripted(found=lambda notice: Found("SM1", "sent"))
    home = one.with_channels(sms)
    settings = one.office.settings
    later(home, settings.lease + 1)
    home.reconcile()
    assert (home.states(), sms.asked) == ([UNKNOWN], [])
    later(home, settings.grace)
    findings = home.reconcile()
    assert (home.states(), findings.found, home.rows()[0].provider_id) == ([ACCEPTED], 1, "SM1")


@pytest.mark.parametrize("state", ["sending", "unknown", "ready", "unresolved"])
def test_a_late_acceptance_is_adopted(one: House, state: str) -> None:
    """A worker that was paused and comes back with an acceptance ends the doubt, even if the row was put back meanwhile."""
    (mine,) = claim(one)
    one.put(state=state)
    say(one, mine, Accepted("SM1", "queued"))
    row = one.rows()[0]
    assert (row.state, row.provider_id, row.provider_status) == (ACCEPTED, "SM1", "queued")
    sms = Scripted()
    one.with_channels(sms).drain()
    assert sms.calls == []


@pytest.mark.parametrize("result", [Accepted("SM1"), NotSent("429"), InDoubt("500"), Rejected("21211")])
def test_an_old_token_touches_nothing(one: House, result: Result) -> None:
    """When the row was claimed anew, nothing that the first worker still says changes it."""
    (mine,) = claim(one)
    one.put(state="ready", due=None)
    (theirs,) = claim(one, "two")
    assert theirs.lease_token == mine.lease_token + 1
    before = one.rows()
    say(one, mine, result)
    assert one.rows() == before
    say(one, theirs, Accepted("SM2"))
    assert one.rows()[0].provider_id == "SM2"


@pytest.mark.parametrize("state", ["accepted", "failed", "expired", "canceled", "suppressed", "planned"])
def test_a_late_refusal_moves_only_what_is_open(one: House, state: str) -> None:
    """What has ended, or was never begun, is not moved by a worker's late word that nothing was sent."""
    (mine,) = claim(one)
    one.put(state=state)
    say(one, mine, NotSent("connect"))
    say(one, mine, InDoubt("reset"))
    assert one.states() == [state]


def test_a_paused_worker_does_not_call_after_its_lease(empty: House) -> None:
    """What waited so long that the call could not end within the lease is given back, not sent: others may have it by then."""
    enrol_people(empty, numbers(5))
    empty.release()
    clock = empty.office.clock
    assert isinstance(clock, FixedClock)

    def stall(notice: Outgoing) -> Result:
        clock.advance(timedelta(seconds=empty.office.settings.lease))
        return Accepted(f"SM{notice.ref}")

    sms = Scripted(answer=stall)
    tally = empty.with_channels(sms).drain()
    assert tally.accepted == len(sms.calls) == len(set(sms.calls))
    assert tally.accepted + tally.not_sent >= 5
    assert ("notsent", "lease", "worker") in empty.outcomes()


def test_a_reconciler_that_comes_late_changes_nothing(one: House) -> None:
    """If a receipt or the worker ends the doubt while the provider is asked, the answer is dropped, and no outcome is kept."""
    (mine,) = claim(one)
    lose(one)
    later(one, one.office.settings.grace + 1)

    def meanwhile(notice: Outgoing) -> object:
        say(one, mine, Accepted("SM1"))
        return nothing_there(notice)

    findings = one.with_channels(Scripted(found=meanwhile)).reconcile()  # type: ignore[arg-type]
    assert (one.states(), findings.absent, one.outcomes()) == ([ACCEPTED], 0, [])


def test_two_workers_never_take_the_same_row(empty: House) -> None:
    """Eight threads that claim at the same time share the rows out: none twice, none left."""
    enrol_people(empty, numbers(120))
    empty.release()
    taken: list[int] = []
    start = threading.Barrier(8)

    def work(name: str) -> None:
        start.wait()
        while claimed := claim(empty, name, 5):
            taken.extend(c.id for c in claimed)

    threads = [threading.Thread(target=work, args=(f"w{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(row.id or 0 for row in empty.rows())


def test_two_dispatchers_at_once(empty: House) -> None:
    """Two whole dispatchers, each in a thread and a loop of its own, call the provider once for each notice."""
    enrol_people(empty, numbers(100))
    empty.release()

    class Slowly(Scripted):
        async def send(self, notice: Outgoing) -> Result:
            await asyncio.sleep(0.005)
            return await super().send(notice)

    sms = Slowly()
    home = empty.with_channels(sms)
    tools = home.office.tools()

    def work() -> None:
        asyncio.run(Dispatcher(tools).drain(home.office.clock.now()))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(sms.calls).most_common(1)[0][1] == 1
    assert (len(sms.calls), set(home.states())) == (100, {ACCEPTED})


def test_most_urgent_first(empty: House) -> None:
    """A later alert of level 4 goes before what is left of one of level 1."""
    enrol_people(empty, numbers(2))
    low, high = empty.release(1), empty.release(4)
    empty.put(state="ready")
    assert Counter(c.version_id for c in claim(empty, limit=3)) == {high: 2, low: 1}
