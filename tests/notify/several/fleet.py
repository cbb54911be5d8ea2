"""Several machines on one: offices with homes of their own on one PostgreSQL, dispatchers and consoles as processes or threads."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import URL

from cli.staying import stay
from core.clock import SystemClock
from core.database import reading
from core.keys import MasterKeys
from core.settings import load
from core.tables import table
from notify.channels.base import Channel
from notify.office import Office, open_office
from notify.sandbox.running import Running
from notify.tables import Attempt, AttemptOutcome
from tests.flows.running import environment
from tests.notify.sending.house import ACCEPTED, House, enrol_people, numbers

ATTEMPTS, OUTCOMES = table(Attempt).c, table(AttemptOutcome).c
SECRET = base64.b64encode(bytes(range(32))).decode()
KEYS = MasterKeys({"fleet": bytes(range(32))}, "fleet")
QUICK = {"send_timeout": 2.0, "connect_timeout": 1.0, "lease": 4.0, "grace": 1.5, "dispatch_concurrency": 16}
"""A call and its doubt are over in seconds, not in minutes."""

opened: list[Engine] = []
"""What the test at hand has opened: its fixture closes it."""

DEAD = "http://127.0.0.1:9/api"
"""Where no Prefect is."""


@dataclass
class Server:
    """A PostgreSQL that can be ended as by a power cut, and started again. `template`: a database with our tables."""

    made: Any
    url: URL
    template: str

    @property
    def socket(self) -> str:
        """Return the file of its socket."""
        return f"{self.url.query['host']}/.s.PGSQL.5432"

    def crash(self) -> None:
        """End it at once: SIGQUIT is what `pg_ctl stop -m immediate` says."""
        held = Path(self.made.pgdata) / "postmaster.pid"
        os.kill(int(held.read_text().split()[0]), 3)
        until(lambda: not held.exists(), 20, "PostgreSQL does not end")

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        self.made.ensure_postgres_running()


def until(look: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def office(database: str, home: Path, channels: dict[str, Channel] | None = None, **settings: Any) -> House:
    """Open the office on a machine: only the database and the keys are shared."""
    home.mkdir(parents=True, exist_ok=True)
    values = {"channels": ("sms",), "lang": "en", **QUICK, **settings}
    made = open_office(load(home=home, database_url=database, master_keys=f"fleet:{SECRET}", **values), SystemClock())
    opened.append(made.engine)
    return House(made if channels is None else made.with_channels(channels))


def filled(database: str, home: Path, people: int, **settings: Any) -> House:
    """Open the office with that many people, and release one alert to them."""
    made = office(database, home, **settings)
    enrol_people(made, numbers(people))
    made.release()
    return made


@contextlib.contextmanager
def staying(at_work: Office) -> Iterator[None]:
    """Run a dispatcher that stays, in a thread, for as long as the block lasts; then it is told to end.

    Raises:
        AssertionError: it ended by itself.
    """
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    faults: list[BaseException] = []

    async def whole() -> None:
        """Say where it runs, and stay."""
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        await stay(at_work)

    def work() -> None:
        """Run it, and keep what ended it."""
        try:
            asyncio.run(whole())
        except asyncio.CancelledError:
            return
        except BaseException as fault:  # noqa: BLE001 - whatever it was, the test tells of it
            faults.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        until(lambda: bool(running), 10, "it does not start")
        loop, task = running[0]
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            loop.call_soon_threadsafe(task.cancel)
        thread.join(60)
    assert faults == []
    assert not thread.is_alive()


def machine(database: str, home: Path, **more: object) -> dict[str, str]:
    """Return the environment of a machine with a home of its own, on which no Prefect can be reached."""
    home.mkdir(parents=True, exist_ok=True)
    settings = {**QUICK, "database_url": database, "master_keys": f"fleet:{SECRET}", "channels": "sms", **more}
    ours = {f"LINGBAO_{name.upper()}": str(value) for name, value in settings.items()}
    return environment(home, **ours, PREFECT_API_URL=DEAD)


def lingbao(*arguments: str) -> list[str]:
    """Return the command line of `lingbao`."""
    return [sys.executable, "-W", "ignore", "-m", "cli", *arguments]


def all_accepted(home: House) -> bool:
    """Tell whether every notice is with the provider."""
    return set(home.states()) == {ACCEPTED}


def once_each(sandbox: Running, people: int) -> None:
    """Check that the provider has one message for everybody."""
    stats = sandbox.stats()
    found = (stats.messages, stats.duplicates)
    assert found == (people, 0), f"messages and doubles: {found}"


def told(home: House, *, by: str) -> dict[str, int]:
    """Count what came of calls, by outcome, as the worker or the reconciler wrote it."""
    with reading(home.office.engine) as connection:
        query = select(OUTCOMES.outcome, func.count()).where(OUTCOMES.by == by).group_by(OUTCOMES.outcome)
        return {row[0]: row[1] for row in connection.execute(query)}


def untold(home: House) -> int:
    """Count the calls of which no worker wrote the end."""
    said = select(OUTCOMES.id).where(OUTCOMES.attempt_id == ATTEMPTS.id, OUTCOMES.by == "worker")
    with reading(home.office.engine) as connection:
        return connection.execute(select(func.count()).where(ATTEMPTS.id.is_not(None), ~said.exists())).scalar_one()
