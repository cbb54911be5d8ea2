"""Two dispatchers as processes, and no Prefect anywhere: each told to end in turn, and what a sweep does alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from notify.ending import EXIT_CODE
from notify.sandbox.running import Running
from tests.flows.running import ROOT, process
from tests.notify.several.fleet import all_accepted, filled, lingbao, machine, once_each, told, until, untold

PEOPLE = 240


def test_a_rolling_restart(database: str, sandbox: Running, tmp_path: Path) -> None:
    """Two dispatchers on two machines, each told to end and started again while they send: the calls in hand are ended and
    written, no notice is ever in doubt, and nobody misses Prefect."""
    sandbox.faults("slow=0.3:1.0,step=0.05")
    rates = '{"sms": 40}'
    homes = [tmp_path / "one", tmp_path / "two"]
    at = [machine(database, home, twilio_base_url=sandbox.url, rates=rates) for home in homes]
    home = filled(database, tmp_path / "office", PEOPLE)

    def start(number: int) -> process:  # type: ignore[valid-type]
        """Start the dispatcher of a machine."""
        return process(lingbao("dispatch", "--stay"), at[number], homes[number] / "said.log")

    with start(0) as first, start(1) as second:
        until(lambda: sandbox.stats().messages > 20, 60, "nothing is sent")
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == EXIT_CODE
        with start(0):
            until(lambda: sandbox.stats().messages > 120, 60, "nothing is sent")
            second.send_signal(signal.SIGTERM)
            assert second.wait(30) == EXIT_CODE
            assert not all_accepted(home), "all was sent before the second one ended"
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
