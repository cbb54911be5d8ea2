"""Dispatch: drain the outbox. Claimed and written down before the call, results committed in groups after it.

A crash at any point leaves rows in `sending`; when their lease runs out they are in doubt, and only the reconciler, which asks
the provider, may make them ready again. All database work runs in one thread of its own, so that SQLite has one writer here
and the calls are never held up by a commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Engine

from core.clock import Clock
from core.database import writing
from core.keys import MasterKeys
from core.settings import Settings
from notify import worker
from notify.channels.base import Accepted, Channel, InDoubt, NotSent, Rejected, Result
from notify.gate import Gate
from notify.store import deliveries as store
from notify.store import outbox
from notify.worker import Job

log = structlog.get_logger(__name__)
T = TypeVar("T")
GROUP = 128
GROUP_SECONDS = 0.05


@dataclass(frozen=True)
class Tools:
    """What a dispatcher works with."""

    engine: Engine
    clock: Clock
    settings: Settings
    keys: MasterKeys
    channels: Mapping[str, Channel]
    gate: Gate


@dataclass
class Tally:
    """What one drain did."""

    accepted: int = 0
    not_sent: int = 0
    in_doubt: int = 0
    rejected: int = 0
    expired: int = 0
    stopped: set[str] = field(default_factory=set)

    @property
    def calls(self) -> int:
        """Return the number of calls to providers."""
        return self.accepted + self.not_sent + self.in_doubt + self.rejected


class Dispatcher:
    """One worker process. Several may run on PostgreSQL; on SQLite a second one only waits for its turn to write."""

    def __init__(self, tools: Tools, *, alert_id: int | None = None) -> None:
        """Work with `tools`; only on one alert, if given."""
        self._tools, self._alert_id = tools, alert_id
        self._name = str(uuid.uuid4())
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._results: asyncio.Queue[tuple[Job, Result]] = asyncio.Queue()
        self._busy = 0
        self._slow_until: dict[str, datetime] = {}
        self.tally = Tally()

    async def drain(self, moment: datetime, *, limit: int | None = None) -> Tally:
        """Send everything that is ready and due at `moment` (on the time line of the night); return what was done.

        Waits for nothing: rows put off by a 429, or in doubt, are left for the next call.
        """
        await self._store(self._sweep, moment)
        count = self._tools.settings.dispatch_concurrency
        callers = [asyncio.create_task(self._call_all()) for _ in range(count)]
        writer = asyncio.create_task(self._write_all())
        try:
            await self._feed(limit, writer)
            while self._busy:
                await self._pause(writer)
        finally:
            for task in (*callers, writer):
                task.cancel()
            await asyncio.gather(*callers, writer, return_exceptions=True)
            await self._flush()
            self._thread.shutdown(wait=True)
        return self.tally

    async def _pause(self, writer: asyncio.Task[None]) -> None:
        if writer.done():
            await writer  # The database failed: what was taken stays in doubt, and the caller hears of it.
        await asyncio.sleep(0.002)

    async def _feed(self, limit: int | None, writer: asyncio.Task[None]) -> None:
        """Claim batches as fast as the callers take them, and stop when nothing is ready or the limit is reached."""
        size = max(self._tools.settings.dispatch_concurrency * 2, 16)
        claimed = 0
        while limit is None or claimed < limit:
            if self._busy >= size:
                await self._pause(writer)
                continue
            jobs = await self._store(self._claim, min(size, (limit - claimed) if limit else size))
            if not jobs:
                break
            claimed += len(jobs)
            self._busy += len(jobs)
            for job in jobs:
                self._jobs.put_nowait(job)

    def _open(self, now: datetime) -> list[str]:
        stopped = self.tally.stopped
        return [n for n in self._tools.channels if n not in stopped and self._slow_until.get(n, now) <= now]

    def _sweep(self, moment: datetime) -> None:
        with writing(self._tools.engine) as connection:
            now = self._tools.clock.now()
            store.lose_leases(connection, now)
            self.tally.expired += outbox.expire(connection, now)
            outbox.promote(connection, moment, now)

    def _claim(self, limit: int) -> list[Job]:
        """Take a batch: leases, texts and attempts in one transaction, which is durable when this returns."""
        tools, now = self._tools, self._tools.clock.now()
        until = now + timedelta(seconds=tools.settings.lease)
        with writing(tools.engine) as connection:
            lease = store.Lease(self._name, now, until, limit)
            claimed = store.claim(connection, lease, self._open(now), self._alert_id)
            if not claimed:
                return []
            prepared = worker.prepare(connection, claimed, tools.keys)
            notices = [worker.outgoing(one, prepared, tools.gate.uid, now) for one in claimed]
            pairs = list(zip(claimed, notices, strict=True))
            numbers = store.insert_attempts(connection, [worker.attempt_row(c, n, self._name, now) for c, n in pairs])
        return [
            Job(c, n, numbers[c.id], prepared.facts[c.version_id].level, self._refusal(c, n.address, prepared))
            for c, n in pairs
        ]

    def _refusal(self, one: store.Claimed, address: str, prepared: worker.Prepared) -> Rejected | None:
        if not address:
            return Rejected("no-address", "the address is gone")
        facts, channel = prepared.facts[one.version_id], self._tools.channels[one.channel]
        code = self._tools.gate.refuse(
            alert_uid=facts.instance_uid, alert_mode=facts.mode, endpoint=channel.endpoint, address=address
        )
        return Rejected(code, "refused at the last gate") if code else None

    async def _call_all(self) -> None:
        while True:
            job = await self._jobs.get()
            self._results.put_nowait((job, await self._call(job)))

    async def _call(self, job: Job) -> Result:
        if job.refused is not None:
            return job.refused
        if job.claimed.channel in self.tally.stopped:
            return NotSent("stopped", "the channel was stopped while this waited", retry_after=60.0)
        try:
            return await self._tools.channels[job.claimed.channel].send(job.notice)
        except Exception as error:
            # The one place around one delivery (DESIGN, ten rules no. 8): whatever broke, the call may have been made.
            log.exception("channel failed", delivery=job.claimed.id, channel=job.claimed.channel)
            return InDoubt("fault", f"{type(error).__name__}: {error}")

    async def _write_all(self) -> None:
        while True:
            batch = [await self._results.get()]
            with contextlib.suppress(asyncio.TimeoutError):
                async with asyncio.timeout(GROUP_SECONDS):
                    while len(batch) < GROUP:
                        batch.append(await self._results.get())
            await asyncio.shield(self._commit(batch))

    async def _flush(self) -> None:
        batch = []
        while not self._results.empty():
            batch.append(self._results.get_nowait())
        if batch:
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Job, Result]]) -> None:
        await self._store(self._record, batch)
        self._busy -= len(batch)

    def _record(self, batch: list[tuple[Job, Result]]) -> None:
        """Write what the providers said, in one transaction."""
        tools, now = self._tools, self._tools.clock.now()
        accepted, settled = [], []
        for job, result in batch:
            self._count(job, result, now)
            if isinstance(result, Accepted):
                accepted.append(worker.accepted_row(job, result, tools.channels[job.claimed.channel], now))
            else:
                settled.append(worker.settled_row(job, result, tools.settings, now))
        with writing(tools.engine) as connection:
            store.insert_outcomes(connection, [worker.outcome_row(job, result, now) for job, result in batch])
            store.accept(connection, accepted)
            store.settle(connection, settled)
            if settled:
                store.adopt_spoken_for(connection, now)

    def _count(self, job: Job, result: Result, now: datetime) -> None:
        channel = job.claimed.channel
        if isinstance(result, Accepted):
            self.tally.accepted += 1
        elif isinstance(result, NotSent):
            self.tally.not_sent += 1
            if result.throttled:
                wait = timedelta(seconds=result.retry_after or 1.0)
                self._slow_until[channel] = max(self._slow_until.get(channel, now), now + wait)
        elif isinstance(result, InDoubt):
            self.tally.in_doubt += 1
        else:
            self.tally.rejected += 1
            if result.stops_channel:
                self.tally.stopped.add(channel)
                log.error("channel stopped", channel=channel, code=result.code)

    async def _store(self, act: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *arguments)
