"""The sender in a process of its own, which kills itself with SIGKILL at a named point of its work.

A killed process runs no handler and flushes nothing: what is durable by then is all there is. The points lie at the rim (the
database's commits, the channels' calls), so that nothing in the engine knows that it is watched.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from core.settings import load
from notify import engine
from notify.channels.base import Answer, Channel, Outgoing, ProviderStatus, Result
from notify.channels.base import CannotTell as Cannot
from notify.office import Office, open_office
from notify.providers import open_channels
from notify.tables import Attempt, AttemptOutcome

AT_WORK = "at-work"
"""Name of the file in the home directory that says that the sender has begun."""


class Point(StrEnum):
    """Where the sender dies. `random`: wherever it is when the time is over."""

    BEFORE_CLAIM = "before-claim-commit"
    AFTER_CLAIM = "after-claim-commit"
    BEFORE_CALL = "before-call"
    AFTER_CALL = "after-call"
    BEFORE_RECORD = "before-record-commit"
    AFTER_RECORD = "after-record-commit"
    BEFORE_LOOKUP = "before-lookup"
    AFTER_LOOKUP = "after-lookup"
    RANDOM = "random"


@dataclass
class Fuse:
    """Kills this process when `point` is reached for the `count`-th time. `mark`: a file that appears with the first claim."""

    point: Point | None
    count: int
    mark: Path

    def reach(self, point: Point) -> None:
        """Note that a point is reached."""
        if point is Point.BEFORE_CLAIM:
            self.mark.touch()
        if point is self.point:
            self.count -= 1
            if self.count <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """A channel whose calls are points."""

    def __init__(self, inner: Channel, fuse: Fuse) -> None:
        """Watch `inner`."""
        self._inner, self._fuse = inner, fuse
        self.name, self.provider = inner.name, inner.provider

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._inner.endpoint

    async def send(self, notice: Outgoing) -> Result:
        """Send, between two points."""
        self._fuse.reach(Point.BEFORE_CALL)
        result = await self._inner.send(notice)
        self._fuse.reach(Point.AFTER_CALL)
        return result

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Ask, between two points."""
        self._fuse.reach(Point.BEFORE_LOOKUP)
        answer = await self._inner.lookup(notice, since)
        self._fuse.reach(Point.AFTER_LOOKUP)
        return answer

    async def status(self, provider_id: str) -> ProviderStatus | Cannot:
        """Ask for a status."""
        return await self._inner.status(provider_id)

    async def close(self) -> None:
        """Close the channel."""
        await self._inner.close()


def watch(office: Office, fuse: Fuse) -> None:
    """Make the commits of claims and of results points: they are told apart by the table that was written."""
    written: set[str] = set()
    points = {
        Attempt.__tablename__: (Point.BEFORE_CLAIM, Point.AFTER_CLAIM),
        AttemptOutcome.__tablename__: (Point.BEFORE_RECORD, Point.AFTER_RECORD),
    }

    def executed(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        """Note which table was written."""
        written.update(name for name in points if statement.startswith(f"INSERT INTO {name} "))

    def committing(connection: Connection) -> None:
        """Strike before it is durable."""
        for name in written:
            fuse.reach(points[str(name)][0])

    event.listen(office.engine, "after_cursor_execute", executed)
    event.listen(office.engine, "commit", committing)

    def committed() -> None:
        """Strike once it is durable."""
        for name in written:
            fuse.reach(points[str(name)][1])
        written.clear()

    _after_commit(office, committed)


def _after_commit(office: Office, tell: Callable[[], None]) -> None:
    """Call `tell` when a commit is durable: SQLAlchemy tells of commits before they are made only."""
    dialect = office.engine.dialect
    commit = dialect.do_commit

    def committed(dbapi_connection: Any) -> None:
        """Commit, then tell."""
        commit(dbapi_connection)
        tell()

    dialect.do_commit = committed  # type: ignore[method-assign]


def run(home: str, url: str, mail_port: int, point: str, count: int, limits: dict[str, Any]) -> None:
    """Work on the outbox of the office at `home` until it is empty, or until the fuse ends this process."""
    settings = load(
        home=Path(home), twilio_base_url=url, smtp_host="127.0.0.1", smtp_port=mail_port, channels=("sms", "email"),
        public_base_url="http://127.0.0.1:9", **limits,
    )  # fmt: skip
    office = open_office(settings)
    fuse = Fuse(Point(point) if point else None, count, Path(home) / AT_WORK)
    mode = office.tools().gate.mode
    office = office.with_channels({name: Watched(one, fuse) for name, one in open_channels(settings, mode).items()})
    watch(office, fuse)
    asyncio.run(engine.run(office.tools(), moment=datetime.now(UTC), within=timedelta(hours=1)))
