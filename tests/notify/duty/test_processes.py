"""Several sweeps at once, and sweeps that die: one call for a cause, in real processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.notify.duty.desk import ANNA, LAST, Desk, open_desk
from tests.notify.duty.sweeper import GO, lines, providers

ROOT = Path(__file__).resolve().parents[3]


def start(engine: Engine, home: Path, whens: Sequence[str]) -> list[int]:
    """Run a process for each, let them begin together, and return their exit codes."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.notify.duty.sweeper", url, str(home)]
    started = [subprocess.Popen([*command, when], cwd=ROOT) for when in whens]
    while len(list(home.glob("ready-*"))) < len(whens):
        assert all(one.poll() is None for one in started), "a process did not come up"
        time.sleep(0.01)
    (home / GO).touch()
    return [one.wait(60) for one in started]


def desk_of(engine: Engine, home: Path) -> Desk:
    """Open the desk with the provider that the processes use."""
    return open_desk(engine, home, channels=providers(home))


def test_two_processes_call_once(engine: Engine, tmp_path: Path) -> None:
    """Two sweep at the same moment, five times each: every matter is told in one SMS, and no step was written twice."""
    desk = desk_of(engine, tmp_path)
    desk.on_duty(ANNA)
    for number in range(6):
        desk.page(f"help/{number}")
    engine.dispose()
    assert start(engine, tmp_path, ["run", "run"]) == [0, 0]
    told = [call.body for call in desk.calls()]
    assert len(lines(tmp_path)) == len(told)
    assert all(sum(f"help/{number} " in body for body in told) == 1 for number in range(6))
    assert {one.outcome for one in desk.calls()} == {"accepted"}


@pytest.mark.parametrize("bare_engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_between_the_note_and_the_call(engine: Engine, tmp_path: Path, when: str) -> None:
    """The process dies with the call written down: the next asks the provider, and the officer gets the SMS once."""
    desk = desk_of(engine, tmp_path)
    desk.on_duty(ANNA)
    desk.page("help/1")
    engine.dispose()
    assert start(engine, tmp_path, [when]) == [9]
    assert [one.outcome for one in desk.calls()] == ["begun"]
    desk.sweep(after=30)
    assert len(lines(tmp_path)) == (when == "after"), "its lease is not over"
    for _ in range(3):
        desk.sweep(after=65)
    assert [line.split()[0] for line in lines(tmp_path)] == ["sms"]
    assert [(one.outcome, one.tries) for one in desk.calls()] == [("accepted", 1 if when == "after" else 2)]
    desk.clock.advance(timedelta(minutes=2))
    desk.sweep()
    assert [line.split()[0] for line in lines(tmp_path)] == ["sms", "voice"], "and the ladder goes on"
    assert LAST not in "".join(lines(tmp_path))
