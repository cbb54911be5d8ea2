"""`lingbao up` whole: an empty directory becomes an office at work, whatever of it is killed comes back, and silence is paged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from core.database import open_engine, reading, writing
from core.tables import Instance, table
from notify.duty import store
from notify.duty.tables import Pulse
from sources.catalog import publishers
from tests.flows.running import Server, environment, free_port, lingbao, prefect_api, process, wait_for

PARTS = {"the Prefect server": "server start", "the console": "cli serve", "the dispatcher": "dispatch --stay",
         "the runner of schedules": "flows.served"}  # fmt: skip
SWEEP = "sweep/sweep"
OFFICER = "+447700900123"
PATIENCE = 240.0
"""Seconds, of which an idle machine needs a tenth."""


@dataclass(frozen=True)
class Whole:
    """An office that one command keeps running."""

    home: Path
    env: Mapping[str, str]
    pid: int
    said: Path
    server: Server
    console: int
    sandbox: int

    def part(self, words: str) -> int:
        """Return the process of a part, by words of its command; 0 if it does not run."""
        found = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.pid)], capture_output=True, text=True, check=False
        )
        return next((int(line.split()[0]) for line in found.stdout.splitlines() if words in line), 0)

    def works(self) -> bool:
        """Tell whether every part that was killed has been said to work again."""
        return all(f"{one} works again." in self.said.read_text() for one in PARTS)

    def swept(self) -> datetime | None:
        """Return when the sweep last ran, by the office's own row."""
        engine = open_engine(f"sqlite:///{self.home / 'lingbao.db'}")
        with reading(engine) as connection:
            found = store.last_beat(connection, "sweep")
        engine.dispose()
        return found

    def age(self, by: timedelta) -> None:
        """Make the office, and its last sweep, older than they are."""
        engine = open_engine(f"sqlite:///{self.home / 'lingbao.db'}")
        with writing(engine) as connection:
            connection.execute(update(table(Instance)).values(created_at=datetime.now(UTC) - by))
            connection.execute(update(table(Pulse)).values(at=datetime.now(UTC) - by))
        engine.dispose()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    """Start an office in an empty directory, without any source: no test asks a publisher."""
    console, prefect, sandbox = free_port(), free_port(), free_port()
    home, said = tmp_path / "home", tmp_path / "said.log"
    env = environment(
        home, LINGBAO_SANDBOX_PORT=str(sandbox), LINGBAO_SOURCES_OFF=",".join(publishers()), LINGBAO_DUTY_PHONE=OFFICER,
        LINGBAO_CHANNELS="sms,voice",
    )  # fmt: skip
    env.pop("PREFECT_HOME")
    command = [sys.executable, "-m", "cli", "up", "--port", str(console), "--prefect-port", str(prefect)]
    url = f"http://127.0.0.1:{prefect}/api"
    with process(command, env, said) as office, prefect_api(url) as api:
        wait_for(lambda: "Logs: " in said.read_text(), PATIENCE, "the office does not start")
        yield Whole(home, env, office.pid, said, Server(api, {"PREFECT_API_URL": url}), console, sandbox)
        office.send_signal(signal.SIGTERM)
        assert office.wait(60) == 0
    assert said.read_text().rstrip().endswith("Stopped.")


@pytest.mark.timeout(600)  # on a machine that does much else
def test_an_office_keeps_itself_running(whole: Whole) -> None:
    """Server, console, dispatcher and runner, killed at once, come back; the sweep is then worked by its schedule; silent, it is paged."""
    killed = {words: whole.part(words) for words in PARTS.values()}
    assert all(killed.values()), killed
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    moment = datetime.now(UTC)
    wait_for(whole.works, PATIENCE, "a part did not come back")
    assert all(whole.part(words) not in {0, pid} for words, pid in killed.items())
    answer = httpx.get(f"http://127.0.0.1:{whole.console}/healthz", trust_env=False)
    assert answer.status_code == 200
    _let_the_sweep_begin_soon(whole)
    wait_for(lambda: (whole.swept() or moment) > moment, PATIENCE, "no scheduled sweep")
    assert lingbao(whole.env, "watchdog", "--page").returncode == 0
    _silence(whole)
    whole.age(timedelta(hours=1))
    found = lingbao(whole.env, "watchdog", "--page", "--json")
    assert "watch/scheduler" in {one["cause"] for one in json.loads(found.stdout)["findings"]}, found.stderr
    messages = httpx.get(f"http://127.0.0.1:{whole.sandbox}/_sandbox/messages", trust_env=False).json()
    assert [one["to"] for one in messages] == [OFFICER]


def _let_the_sweep_begin_soon(whole: Whole) -> None:
    """Give the sweep a nearer schedule than the next minute, as somebody may in Prefect's pages, once it is served again."""
    number = wait_for(lambda: _served(whole), PATIENCE, "nothing is served")
    soon = {"active": True, "schedule": {"interval": 10.0, "anchor_date": "2026-01-01T00:00:00Z"}}
    whole.server.api.post(f"/deployments/{number}/schedules", json=[soon]).raise_for_status()


def _served(whole: Whole) -> str:
    answer = whole.server.api.get(f"/deployments/name/{SWEEP}")
    return str(answer.json()["id"]) if answer.status_code == 200 else ""


def _silence(whole: Whole) -> None:
    """Stop the sweep, and wait for the end of a run that is at work."""
    number = _served(whole)
    whole.server.api.patch(f"/deployments/{number}", json={"paused": True}).raise_for_status()
    wait_for(lambda: not whole.server.runs(number, "PENDING", "RUNNING"), PATIENCE, "the sweep does not end")
    time.sleep(1)  # a run that the server gave out a moment ago
    wait_for(lambda: not whole.server.runs(number, "PENDING", "RUNNING"), PATIENCE, "the sweep does not end")
