"""The engine killed in the middle of sending: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.settings import load
from notify.office import Office, open_office
from notify.sandbox.running import Running, running
from tests.notify.sending.house import House, enrol_people, numbers

NOTICES = 400
KILLS = 3
PATIENCE = 120.0
FAULTS = "500-after=0.03,reset-after=0.03,429=0.05,slow=1.0:0.2,step=0.05"
ROOT = Path(__file__).resolve().parents[2]
# The grace is longer than the slowest answer, and the lease longer than the longest call.
LIMITS = {"send_timeout": "3", "connect_timeout": "2", "lease": "4", "grace": "2", "dispatch_concurrency": "32"}


@contextmanager
def engine_process(home: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the engine on the office at `home`; whatever happens, it does not outlive the block."""
    settings = {"home": str(home), "twilio_base_url": url, "public_base_url": "http://127.0.0.1:9", **LIMITS}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LINGBAO_")}
    environment |= {f"LINGBAO_{name}".upper(): value for name, value in settings.items()}
    command = [sys.executable, "-W", "ignore", "-m", "tests.notify.sending.engine_process"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def kill_at(process: subprocess.Popen[bytes], sandbox: Running, messages: int) -> None:
    """Kill the engine with SIGKILL as soon as the provider has that many messages."""
    until = time.monotonic() + PATIENCE
    while sandbox.stats().messages < messages and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    assert process.poll() is None, "it had ended before it could be killed"
    process.kill()
    process.wait()


def prepare(home: Path) -> Office:
    """Make an office with an alert to many people, ready to be sent."""
    office = open_office(load(home=home), SystemClock())
    house = House(office)
    enrol_people(house, numbers(NOTICES))
    house.release()
    return office


@pytest.mark.parametrize("seed", [1])
def test_killed_in_the_middle_of_sending(seed: int, tmp_path: Path) -> None:
    """Killed three times among slow answers, 500s and resets after storing and 429s, the engine ends with each notice once."""
    chance = random.Random(seed)
    office = prepare(tmp_path / "home")
    house = House(office)
    interrupted = 0
    with running(tmp_path / "sandbox", faults=FAULTS, seed=seed) as sandbox:
        for i in range(KILLS):
            part = NOTICES // (KILLS + 1)
            with engine_process(tmp_path / "home", sandbox.url) as process:
                kill_at(process, sandbox, part * i + chance.randrange(10, part))
            interrupted += house.states().count("sending")
        with engine_process(tmp_path / "home", sandbox.url) as process:
            assert process.wait(PATIENCE) == 0
        stats, messages = sandbox.stats(), sandbox.messages()
    rows = house.rows()
    office.engine.dispose()
    assert interrupted > 0, "no kill struck while something was being sent"
    assert {row.state for row in rows} == {"accepted"}
    assert (stats.messages, stats.duplicates) == (NOTICES, 0)
    assert {row.provider_id for row in rows} == {message.sid for message in messages}
