"""Killed over and over while sending, at named points and at random, against a sandbox with every fault: what is lost or doubled?"""

from __future__ import annotations

import multiprocessing
import random
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

from cli.benches.dispatch import COUNTRY, release
from cli.benches.measure import Measure
from cli.benches.victim import AT_WORK, Point
from cli.benches.victim import run as victim
from core.clock import SystemClock
from core.database import reading, writing
from core.settings import load
from core.tables import table
from notify.office import Office, open_office
from notify.sandbox.running import Running, running
from notify.tables import Delivery
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground

FAULTS = (
    "500-before=0.02,500-after=0.02,reset-before=0.02,reset-after=0.02,hang-after=0.002,garbled-after=0.01,429=0.03,"
    "slow=0.5:0.05,step=0.05,lost-callback=1"
)
IN_PEACE = "step=0.05,lost-callback=1"
"""Nobody listens for callbacks here: to make them would be most of the sandbox's work."""

# The grace is longer than the slowest answer, and the lease longer than the longest call.
LIMITS = {
    "send_timeout": 1.5,
    "connect_timeout": 1.0,
    "lease": 2.0,
    "grace": 1.0,
    "dispatch_concurrency": 32,
    "poll_after": 86_400,
}
ONE_IN = 10
"""So many of the people have a mail address too: SMTP cannot be asked, and the severity rule decides."""

PATIENCE = 1800.0
LONGEST_LIFE = 1.5
"""Seconds after which a sender that never reached its point is killed wherever it is."""


@dataclass(frozen=True)
class Verdict:
    """What the sandbox holds against what the ledger says.

    Attributes:
        lost: notices that are not at the provider, and not listed as failed or in doubt.
        mails_doubled: mails that are there twice.
        doubled: notices that are there twice over a channel that can be asked.
        unmarked: mails that are there twice and not marked as possibly doubled.
        doubts: notices listed as failed or in doubt.
        struck: kills by point.
        interrupted: rows that were in the hands of a sender when it died, added up over all kills.
    """

    notices: int
    lost: int
    doubled: int
    mails_doubled: int
    unmarked: int
    doubts: int
    struck: dict[str, int]
    interrupted: int


def run(kills: int, notices: int, seed: int) -> list[Measure]:
    """Kill the sender that often while it sends `notices`; count what came of it."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        found = judge(Path(directory), kills, notices, seed)
    took = time.perf_counter() - begun
    points = ", ".join(f"{name} {count}" for name, count in sorted(found.struck.items()))
    note = (
        f"{kills} kills ({points}), {found.notices} notices, seed {seed}, {took:.0f} s; the dead held {found.interrupted} rows; "
        f"{found.mails_doubled} mails doubled (SMTP cannot be asked), {found.unmarked} of them not marked; "
        f"{found.doubts} in doubt and listed"
    )
    return [
        Measure("kill-lost", found.lost, "notices", 0, float(found.lost == 0), note),
        Measure("kill-doubled", found.doubled, "notices", 0, float(found.doubled == 0), note),
        Measure("kill-unmarked", found.unmarked, "mails", 0, float(found.unmarked == 0), note),
    ]


def judge(directory: Path, kills: int, notices: int, seed: int) -> Verdict:
    """Kill and start again in a scratch directory; drain in peace; compare."""
    chance = random.Random(seed)
    office = open_office(load(home=directory / "home", channels=("sms", "email")), SystemClock())
    planned = prepare(office, notices)
    struck: Counter[str] = Counter()
    interrupted = 0
    with running(directory / "sandbox", faults=FAULTS, seed=seed) as sandbox:
        for number in range(kills):
            point = list(Point)[number % len(Point)]
            struck[_kill(directory, sandbox, point, chance, most=max(2, planned // max(kills, 1)))] += 1
            interrupted += count(office, "sending")
        sandbox.faults(IN_PEACE)
        last = _start(directory, sandbox, "", 0)
        last.join(PATIENCE)
        assert last.exitcode == 0, "the sender did not come to an end in peace"
        verdict = compare(office, sandbox, dict(struck), interrupted)
    office.engine.dispose()
    return verdict


def _kill(directory: Path, sandbox: Running, point: Point, chance: random.Random, *, most: int) -> str:
    """Run one sender to its death; return where it died. One that has nothing left to do ends by itself, and is named so."""
    mark = directory / "home" / AT_WORK
    mark.unlink(missing_ok=True)
    process = _start(directory, sandbox, point, chance.randint(1, most if "call" in point else 3))
    while process.exitcode is None and not mark.exists():
        process.join(0.02)  # On a busy machine the start takes longer than the life.
    process.join(chance.uniform(0.2, LONGEST_LIFE) if point is Point.RANDOM else LONGEST_LIFE * 2)
    if process.exitcode is None:
        process.kill()
        process.join()
        return Point.RANDOM
    return point if process.exitcode == -signal.SIGKILL else "had ended"


def _start(directory: Path, sandbox: Running, point: str, count: int) -> BaseProcess:
    # A server process that has everything imported forks each sender: a start costs milliseconds instead of a second.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cli.benches.victim"])
    arguments = (str(directory / "home"), sandbox.url, sandbox.mail_port, str(point), count, LIMITS)
    process = context.Process(target=victim, args=arguments)
    process.start()
    return process


def prepare(office: Office, notices: int) -> int:
    """Enrol people and release one alert to them; return how many notices were planned."""
    people = round(notices * ONE_IN / (ONE_IN + 1))
    new = []
    for number in range(people):
        ways = [NewAddress("sms", f"+99290{number:07d}")]
        if number % ONE_IN == 0:
            ways.append(NewAddress("email", f"u{number:07d}@example.invalid"))
        ground = GivenConsent(Ground.EMPLOYMENT, "bench/1")
        new.append(
            NewPerson(name=f"示例{number}", addresses=tuple(ways), postings=(NewPosting(COUNTRY),), consent=ground)
        )
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        enrol(connection, SYSTEM, new, keys=office.keys, index_key=secret, now=office.clock.now())
    release(office, "sms", "email")
    return count(office)


def count(office: Office, state: str = "") -> int:
    """Count the notices of an office; only those in a state, if one is given."""
    rows = table(Delivery).c
    with reading(office.engine) as connection:
        found = connection.execute(select(rows.state)).scalars()
        return sum(1 for one in found if not state or one == state)


def compare(office: Office, sandbox: Running, struck: dict[str, int], interrupted: int) -> Verdict:
    """Compare what the sandbox holds with what the ledger says."""
    rows = table(Delivery).c
    with reading(office.engine) as connection:
        query = select(rows.channel, rows.state, rows.provider_id, rows.doubtful)
        ledger = [tuple(row) for row in connection.execute(query)]
    sids = Counter(one.sid for one in sandbox.messages())
    mails = Counter(one.message_id for one in sandbox.mail())
    listed = {"failed", "unresolved", "unknown"}
    lost = doubts = unmarked = mails_doubled = 0
    for channel, state, provider_id, doubtful in ledger:
        there = sids if channel == "sms" else mails
        if state in listed:
            doubts += 1
        elif state != "accepted" or provider_id not in there:
            lost += 1
        elif channel == "email" and mails[provider_id] > 1:
            mails_doubled += 1
            unmarked += not doubtful
    stats = sandbox.stats()
    return Verdict(len(ledger), lost, stats.duplicates, mails_doubled, unmarked, doubts, struck, interrupted)
