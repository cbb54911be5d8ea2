"""Two dispatchers as processes, and no Prefect anywhere: each told to end in turn, and what a sweep does alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from notify.ending import EXIT_CODE
from notify.sandbox.running import Running
from tests.flows.running import ROOT, process
from tests.notify.sending.house import enrol_people, numbers
from tests.notify.several.fleet import all_accepted, filled, lingbao, machine, office, once_each, told, until, untold

PEOPLE = 300


def listens(pid: int) -> bool:
    """Tell whether a process has come so far that it ends in order when it is told to (Linux)."""
    words = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(one.split()[1] for one in words if one.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process listens to")
def test_a_rolling_restart(database: str, sandbox: Running, tmp_path: Path) -> None:
    """Two dispatchers on two machines, each told to end and started again while they send: the calls in hand are ended and
    written, no notice is ever in doubt, and nobody misses Prefect."""
    sandbox.faults("slow=0.3:1.0,step=0.05")
    rates = '{"sms": 40}'
    homes = [tmp_path / "one", tmp_path / "two"]
    at = [machine(database, home, twilio_base_url=sandbox.url, rates=rates) for home in homes]
    home = office(database, tmp_path / "office")
    enrol_people(home, numbers(PEOPLE))

    def start(number: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Start the dispatcher of a machine."""
        return process(lingbao("dispatch", "--stay"), at[number], homes[number] / "said.log")

    with start(0) as first, start(1) as second:
        until(lambda: listens(first.pid) and listens(second.pid), 90, "a dispatcher does not start")
        home.release()
        until(lambda: sandbox.stats().messages > 20, 60, "nothing is sent")
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == EXIT_CODE
        with start(0):
            until(lambda: sandbox.stats().messages > 120, 60, "nothing is sent")
            assert sandbox.stats().messages < PEOPLE, "all was sent before the second one was told to end"
            second.send_signal(signal.SIGTERM)
            assert second.wait(30) == EXIT_CODE
            until(lambda: all_accepted(home), 60, "not everything was sent")
    once_each(sandbox, PEOPLE)
    assert (untold(home), told(home, by="reconciler")) == (0, {})
    assert set(told(home, by="worker")) <= {"accepted", "notsent"}


def test_a_sweep_needs_no_prefect(database: str, sandbox: Running, tmp_path: Path) -> None:
    """With Prefect out of reach a sweep from cron sends what is due; Prefect is not even loaded."""
    home = filled(database, tmp_path / "office", 5)
    env = machine(database, tmp_path / "one", twilio_base_url=sandbox.url)
    command = [sys.executable, "-X", "importtime", "-W", "ignore", "-m", "cli", "sweep"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "| prefect" not in done.stderr
    assert "notify.dispatch" in done.stderr
    assert all_accepted(home)
    once_each(sandbox, 5)
