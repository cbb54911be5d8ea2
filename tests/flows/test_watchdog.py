"""The watchdog and the sweep as flows: thin coats over what is tested elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from core.database import open_engine, reading
from flows.sweep import call_duty
from flows.watchdog import call, look
from notify.duty import store
from notify.duty.outage import FOLDER, SEEN
from tests.notify.duty.desk import ANNA, Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An office with one officer on duty."""
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    SQLModel.metadata.create_all(engine)
    made = open_desk(engine, tmp_path, watch_free_mb=900_000_000)
    made.on_duty(ANNA)
    yield made
    engine.dispose()


def test_the_sweep_calls_and_leaves_a_sign(desk: Desk) -> None:
    """The officer is called by the sweep, which then counts as alive."""
    desk.page("help/1/2")
    assert call_duty.fn(desk.office)["handed"] == 1
    with reading(desk.office.engine) as connection:
        assert store.last_beat(connection, "sweep") == desk.clock.now()


def test_the_watchdog_looks_and_calls(desk: Desk) -> None:
    """It opens a page for what it finds, calls the officer itself, and leaves the note that an outage needs."""
    found = look.fn(desk.office)
    assert "watch/disk" in found["findings"]
    assert (found["opened"], call.fn(desk.office)["handed"]) == (1, 1)
    assert "disk of the office" in desk.sms.sent[0].body
    assert (desk.office.settings.home / FOLDER / SEEN).exists()
    quiet = replace(desk.office, settings=desk.office.settings.model_copy(update={"watch_free_mb": 0}))
    assert look.fn(quiet)["settled"] == 1
