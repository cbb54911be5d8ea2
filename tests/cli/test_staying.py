"""The dispatcher that stays, and the sweep without Prefect."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from cli.app import app
from cli.staying import due_now, stay
from core.clock import FixedClock
from core.database import reading
from core.keys import MasterKeys
from core.settings import Settings
from notify.channels.recorder import Recorder
from notify.duty.store import last_beat
from notify.office import Office
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import draft


@pytest.fixture
def scene(sqlite_engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with one person."""
    made = Scene(sqlite_engine, keys, index_key, clock)
    made.open_for_business()
    made.enrol(person(sms=("+8613800138000",)))
    return made


def office(scene: Scene, home: Path, phones: Recorder) -> Office:
    """Return the office with a channel that keeps what it gets."""
    return Office(Settings(home=home, lang="zh-CN"), scene.engine, scene.clock, scene.keys, {"sms": phones})


def test_what_is_released_leaves_at_once(scene: Scene, tmp_path: Path) -> None:
    """An alert released while the dispatcher stays is sent within moments, once; told to end, it ends. It says that it is there."""
    phones = Recorder()

    async def story() -> int:
        """Release while it stays, and wait."""
        staying = asyncio.create_task(stay(office(scene, tmp_path, phones)))
        await asyncio.sleep(0.3)
        before = len(phones.sent)
        scene.by_officers(draft())
        for _ in range(100):
            await asyncio.sleep(0.1)
            if phones.sent:
                break
        staying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await staying
        return before

    assert asyncio.run(story()) == 0
    assert [one.address for one in phones.sent] == ["+8613800138000"]
    with reading(scene.engine) as connection:
        assert last_beat(connection, "dispatcher") == scene.clock.now()


@dataclass
class Counting(Recorder):
    """Counts how often the engine ran: at the end of each run it lets go of its channels."""

    runs: int = 0

    async def close(self) -> None:
        """Count."""
        self.runs += 1


def test_what_waits_for_a_person_does_not_keep_it_busy(scene: Scene, tmp_path: Path) -> None:
    """A mail without a relay is ready and cannot leave: the engine does not run every second for it."""
    scene.enrol(person(email=("wu.kong@example.org",)))
    scene.by_officers(draft())
    phones = Counting()

    async def story() -> None:
        """Let it stay for some looks."""
        staying = asyncio.create_task(stay(office(scene, tmp_path, phones)))
        await asyncio.sleep(2.5)
        staying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await staying

    asyncio.run(story())
    assert due_now(office(scene, tmp_path, phones), scene.clock.now()) == {"email"}
    assert (len(phones.sent), phones.runs) == (1, 1)


def test_staying_goes_with_no_other_choice(tmp_path: Path) -> None:
    """`--stay` with an alert is refused: it would leave the others lying."""
    done = CliRunner().invoke(app, ["dispatch", "--stay", "--alert", "1"], env={"LINGBAO_HOME": str(tmp_path)})
    assert "--stay looks after everything" in str(done.exception)


def test_a_sweep_without_prefect(tmp_path: Path) -> None:
    """Every step of a sweep is done in an empty office; one that fails is told, the others are done, and the exit is 1."""
    env = {"LINGBAO_HOME": str(tmp_path), "LINGBAO_LANG": "en"}
    done = CliRunner().invoke(app, ["sweep"], env=env)
    assert (done.exit_code, "Accepted by providers: 0" in done.stdout) == (0, True), done.output
    broken = CliRunner().invoke(app, ["sweep"], env=env | {"LINGBAO_BOUNCE_MAILBOX": str(tmp_path / "nowhere")})
    assert (broken.exit_code, "Accepted by providers: 0" in broken.stdout) == (1, True), broken.output
