"""Dispatch: drain the outbox. Claimed and written down before the call, results committed in groups after it.

A crash at any point leaves rows in `sending`; when their lease runs out they are in doubt, and only the reconciler, which asks
the provider, may make them ready again. All database work runs in one thread of its own, so that SQLite has one writer here
and the calls are never held up by a commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.database import writing
from core.errors import StoreBusy
from core.keys import MasterKeys
from core.settings import Settings
from core.tables import Mode
from notify import pacing, worker
from notify.budgets import Day, day_of, limits
from notify.channels.base import Accepted, Channel, Consequence, InDoubt, NotSent, Rejected, Result
from notify.gate import Gate
from notify.guard import guarded
from notify.lanes import Lane
from notify.lanes import lanes as fresh_lanes
from notify.quiet import NIGHT, Night
from notify.stops import stop
from notify.store import alerts as alert_store
from notify.store import deliveries as store
from notify.store import holds, repeats
from notify.sweep import sweep
from notify.worker import Job

log = structlog.get_logger(__name__)
T = TypeVar("T")
GROUP = 128
GROUP_SECONDS = 0.05
PATIENCE = 2.0
"""Seconds a claimed notice waits for a lane that was told to slow down; for longer waits it is put back."""

LOOK_AGAIN = 0.5
"""Seconds between looks for new notices while another channel is still busy: what was just released must not wait for it."""

STOPPED = 60.0
"""Seconds for which what waited for a stopped channel is put back."""

BUSY_PAUSES = (0.2, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries to write to a database that is busy, or is being started again; a busy one waits by itself too."""


@dataclass(frozen=True)
class Tools:
    """What a dispatcher works with."""

    engine: Engine
    clock: Clock
    settings: Settings
    keys: MasterKeys
    channels: Mapping[str, Channel]
    gate: Gate
    night: Night = NIGHT


@dataclass
class Tally:
    """What one drain did."""

    accepted: int = 0
    not_sent: int = 0
    in_doubt: int = 0
    rejected: int = 0
    expired: int = 0
    stopped: set[str] = field(default_factory=set)
    places: set[tuple[str, str]] = field(default_factory=set)

    @property
    def calls(self) -> int:
        """Return the number of calls to providers."""
        return self.accepted + self.not_sent + self.in_doubt + self.rejected


class Dispatcher:
    """One worker process. Several may run on PostgreSQL; on SQLite a second one only waits for its turn to write.

    Each channel has its own lane, so that one that hangs or is told to slow down does not hold up the others.
    """

    def __init__(self, tools: Tools, *, alert_id: int | None = None, lanes: Mapping[str, Lane] | None = None) -> None:
        """Work with `tools`; only on one alert, if given. `lanes` carry on from an earlier drain."""
        self._tools, self._alert_id = tools, alert_id
        self._name = str(uuid.uuid4())
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._lanes = lanes or fresh_lanes(
            tools.channels, tools.settings.dispatch_concurrency, tools.settings.rates, lease=tools.settings.lease
        )
        self._jobs: dict[str, asyncio.Queue[Job]] = {name: asyncio.Queue() for name in tools.channels}
        self._results: list[tuple[Job, Result]] = []
        self._enough = asyncio.Event()  # results for a group
        self._busy: Counter[str] = Counter()
        self._fed: dict[str, bool] = {}
        self._until: datetime | None = None
        self._uncalled: set[int] = set()  # attempts that came to no call
        self._closing = False
        self.tally = Tally()

    async def drain(self, moment: datetime, until: datetime | None = None) -> Tally:
        """Send everything that is ready and due at `moment` (on the time line of the night); return what was done.

        After `until` (by the wall clock) nothing more is taken: a sender that says one word a second must not keep the engine
        from everything else for hours. Rows put off by a 429, or in doubt, are left for the next call. If it is cancelled, it
        takes nothing more, gives back what was not begun, and waits for the calls that are out.
        """
        self._until = until
        await self._store(self._sweep, moment)
        self._fed = dict.fromkeys(self._jobs, True)
        turns = range(self._tools.settings.dispatch_concurrency)
        callers = [asyncio.create_task(self._call_all(name, turn)) for name in self._jobs for turn in turns]
        writer = asyncio.create_task(self._write_all())
        feeds = [asyncio.create_task(self._feed(name, writer)) for name in self._jobs]
        try:
            if feeds:
                done, _ = await asyncio.wait(feeds, return_when=asyncio.FIRST_EXCEPTION)
                for feed in done:
                    feed.result()
            await self._quiet(writer)
        finally:
            await self._wind_up(feeds, callers, writer)
        return self.tally

    async def _wind_up(
        self, feeds: list[asyncio.Task[None]], callers: list[asyncio.Task[None]], writer: asyncio.Task[None]
    ) -> None:
        self._closing = True
        try:
            await asyncio.gather(*feeds, return_exceptions=True)
            with contextlib.suppress(TimeoutError, StoreBusy):
                async with asyncio.timeout(self._tools.settings.send_timeout + self._tools.settings.connect_timeout):
                    await self._quiet(writer)
        finally:
            for task in (*callers, writer):
                task.cancel()
            await asyncio.gather(*callers, writer, return_exceptions=True)
            try:
                await self._flush()
            finally:
                self._thread.shutdown(wait=True)

    async def _quiet(self, writer: asyncio.Task[None]) -> None:
        """Wait until everything that was taken is written down."""
        while self._busy.total():
            await self._pause(writer)

    async def _pause(self, writer: asyncio.Task[None]) -> None:
        if writer.done():
            await writer  # The database failed: what was taken stays in doubt, and the caller hears of it.
        await asyncio.sleep(0.002)

    async def _feed(self, name: str, writer: asyncio.Task[None]) -> None:
        """Claim batches as fast as the callers take them, until no channel has anything left or this lane is closed."""
        lane = self._lanes[name]
        try:
            while self._goes_on(lane):
                if self._busy[name] >= lane.batch or lane.far(self._tools.clock.now()):
                    await self._pause(writer)
                elif jobs := await self._store(self._claim, name, lane.batch):
                    self._fed[name] = True
                    self._busy[name] += len(jobs)
                    for job in jobs:
                        self._jobs[name].put_nowait(job)
                elif not lane.far(self._tools.clock.now()):  # else others have booked what is left of the rate
                    self._fed[name] = False
                    if await self._all_done(writer):
                        break
        finally:
            self._fed[name] = False

    async def _all_done(self, writer: asyncio.Task[None]) -> bool:
        """Wait a little; return at once, and True, when no channel has anything in hand or to take."""
        begun = time.monotonic()
        while any(self._fed.values()) or self._busy.total():
            if time.monotonic() - begun > LOOK_AGAIN:
                return False
            await self._pause(writer)
        return True

    def _goes_on(self, lane: Lane) -> bool:
        now = self._tools.clock.now()
        late = self._until is not None and now >= self._until
        return not (self._closing or late or lane.stopped or lane.wait(now) > PATIENCE)

    def _sweep(self, moment: datetime) -> None:
        tools = self._tools
        with writing(tools.engine) as connection:
            now, whole = tools.clock.now(), self._alert_id is None
            self.tally.expired += sweep(connection, tools.settings, moment, now, whole=whole)

    def _day(self, now: datetime) -> Day:
        return day_of(now, self._tools.settings.zone)

    def _claim(self, channel: str, limit: int) -> list[Job]:
        """Take a batch: leases, texts and attempts in one transaction, which is durable when this returns."""
        tools, now = self._tools, self._tools.clock.now()
        until = now + timedelta(seconds=tools.settings.lease)
        with writing(tools.engine) as connection:
            gate = self._gate(connection)
            lease = store.Lease(self._name, now, until, limit, gate.mode)
            day = None
            if budget := limits(tools.settings.budgets, channel):
                today = self._day(now)
                day = today.date
                claimed = holds.claim_within(connection, lease, channel, self._alert_id, budget, today)
            else:
                claimed = store.claim(connection, lease, channel, self._alert_id)
            if not claimed:
                return []
            prepared = worker.prepare(
                connection,
                claimed,
                tools.keys,
                tools.settings.public_base_url,
                links_home=tools.settings.safe_link_home,
            )
            notices = [worker.outgoing(one, prepared, tools.gate.uid, now) for one in claimed]
            pairs = list(zip(claimed, notices, strict=True))
            until_when = self._repeats(connection, channel, claimed)
            numbers = store.insert_attempts(connection, [worker.attempt_row(c, n, self._name, now) for c, n in pairs])
            slots = pacing.book(connection, self._lanes[channel], channel, len(pairs))
        # A call that begins late must still end within the lease.
        last = until - timedelta(seconds=min(tools.settings.send_timeout, tools.settings.lease / 2))
        return [
            Job(
                c,
                n,
                numbers[c.id],
                last,
                worker.refusal(c, prepared, gate, tools.channels[channel]),
                until_when.get(c.id),
                day if prepared.facts[c.version_id].mode == gate.mode else None,
                slot,
            )
            for (c, n), slot in zip(pairs, slots, strict=True)
        ]

    def _repeats(self, connection: Connection, channel: str, claimed: Sequence[store.Claimed]) -> dict[int, datetime]:
        """Return until when a repeat of a doubtful call is dropped by the provider, for those that are one."""
        lasts: timedelta | None = getattr(self._tools.channels[channel], "drops_repeats_for", None)
        again = [one.id for one in claimed if one.attempts > 1] if lasts else []
        return {number: begun + lasts for number, begun in repeats.begun(connection, again).items()} if lasts else {}

    def _gate(self, connection: Connection) -> Gate:
        """Return the gate as it stands now: the mode may have been changed since this run began."""
        return replace(self._tools.gate, mode=Mode(alert_store.instance(connection).mode))

    async def _call_all(self, name: str, turn: int) -> None:
        lane, jobs = self._lanes[name], self._jobs[name]
        while True:
            if turn >= lane.room and not self._closing:
                await asyncio.sleep(0.02)  # The lane has become narrower: only the first callers go on.
                continue
            job = await jobs.get()
            result = await self._call(job, lane)
            self._count(job, result)
            self._results.append((job, result))
            if len(self._results) >= GROUP:
                self._enough.set()

    async def _call(self, job: Job, lane: Lane) -> Result:
        if job.refused is not None:
            self._uncalled.add(job.attempt_id)
            return job.refused
        wait = lane.wait(self._tools.clock.now())
        if 0 < wait <= PATIENCE:
            await asyncio.sleep(wait)
        if (turn := lane.turn(self._tools.clock.now(), job.slot)) > 0:
            await asyncio.sleep(turn)
        put_back = self._put_back(job, lane)
        if put_back is not None:
            self._uncalled.add(job.attempt_id)
            return put_back
        # Whatever broke, the call may have been made.
        sent = self._tools.channels[job.claimed.channel].send(job.notice)
        about = {"delivery": job.claimed.id, "channel": job.claimed.channel}
        result = await guarded(sent, lambda fault: InDoubt("fault", fault), **about)
        lane.heard(result, self._tools.clock.now(), job.place if isinstance(result, Rejected) else "")
        return result

    def _put_back(self, job: Job, lane: Lane) -> NotSent | None:
        """Say why the call must not be made now: then nothing is sent, and the row waits for another turn."""
        now = self._tools.clock.now()
        if job.repeat_until is not None and now > job.repeat_until:
            return NotSent("repeat", "the provider would not drop this repeat any more")
        if self._closing:
            return NotSent("closing", "the dispatcher was told to end", retry_after=0.0)
        if lane.stopped:
            return NotSent("stopped", "the channel was stopped while this waited", retry_after=STOPPED)
        if lane.places and job.place in lane.places:
            return NotSent(
                worker.COUNTRY_STOPPED, "this country was stopped while this waited", retry_after=worker.LONGEST_WAIT
            )
        if lane.wait(now):
            return NotSent("slow", "the provider asked us to slow down", retry_after=lane.wait(now))
        if now > job.last_start:
            # Too late to end within the lease: after it others may act on this row, and it could go out twice.
            return NotSent("lease", "this waited until its lease was nearly over", retry_after=0.0)
        return None

    async def _write_all(self) -> None:
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                async with asyncio.timeout(GROUP_SECONDS):
                    await self._enough.wait()
            await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        self._enough.clear()
        batch, self._results = self._results, []
        if batch:
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Job, Result]]) -> None:
        """Write what providers said. It exists nowhere else, so a busy database is asked again before we give up."""
        for pause in BUSY_PAUSES:
            try:
                await self._store(self._record, batch)
                break
            except StoreBusy:
                log.warning("database busy", results=len(batch))
                await asyncio.sleep(pause)
        else:
            await self._store(self._record, batch)
        self._busy.subtract(job.claimed.channel for job, _ in batch)

    def _record(self, batch: list[tuple[Job, Result]]) -> None:
        """Write what the providers said, in one transaction."""
        tools, now = self._tools, self._tools.clock.now()
        accepted, settled = [], []
        stops: dict[Consequence, list[int]] = defaultdict(list)
        places: dict[tuple[str, str], str] = {}
        for job, result in batch:
            if isinstance(result, Accepted):
                accepted.append(worker.accepted_row(job, result, tools.channels[job.claimed.channel], now))
                continue
            settled.append(worker.settled_row(job, result, now))
            if isinstance(result, Rejected) and (result.address_bad or result.opted_out):
                why = Consequence.ADDRESS_BAD if result.address_bad else Consequence.OPTED_OUT
                stops[why].append(job.claimed.address_id)
            if isinstance(result, Rejected) and result.stops_country:
                places[job.claimed.channel, job.place] = str(settled[-1]["reason"])
        with writing(tools.engine) as connection:
            holds.give_back(connection, worker.in_vain(batch, self._uncalled))
            store.insert_outcomes(connection, [worker.outcome_row(job, result, now) for job, result in batch])
            store.accept(connection, accepted)
            store.settle(connection, settled)
            if settled:
                store.adopt_spoken_for(connection, now)
            for why, address_ids in stops.items():
                stop(connection, address_ids, why, now)
            for (channel, place), reason in places.items():
                until = now + timedelta(seconds=worker.LONGEST_WAIT)
                holds.stop_place(connection, channel, place, reason, until)

    def _count(self, job: Job, result: Result) -> None:
        channel = job.claimed.channel
        if isinstance(result, Accepted):
            self.tally.accepted += 1
        elif isinstance(result, NotSent):
            self.tally.not_sent += 1
        elif isinstance(result, InDoubt):
            self.tally.in_doubt += 1
        elif result.stops_channel:
            self.tally.rejected += 1
            if channel not in self.tally.stopped:
                log.error("channel stopped", channel=channel, code=result.code)
            self.tally.stopped.add(channel)
        else:
            self.tally.rejected += 1
            if result.stops_country and (channel, job.place) not in self.tally.places:
                log.error("country stopped", channel=channel, place=job.place, code=result.code)
                self.tally.places.add((channel, job.place))

    async def _store(self, act: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *arguments)
