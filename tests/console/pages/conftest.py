"""The desk of the office: fresh for each test, or one for a whole file that only looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.console.api.world import world
from tests.console.pages.office.desk import Desk, copied, desk
from tests.databases import open_quickly


@pytest.fixture
def both_desks(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Desk:
    """The desk on SQLite and on PostgreSQL, where the database may make a difference."""
    return desk(world(engine, tmp_path, clock, keys))


@pytest.fixture(scope="session")
def desk_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk on SQLite, made once, and never touched again."""
    home, clock = tmp_path_factory.mktemp("desk"), FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    engine = open_quickly(home / "desk.db")
    SQLModel.metadata.create_all(engine)
    yield desk(world(engine, home, clock, MasterKeys({"test": bytes(range(32))}, "test")))
    engine.dispose()


@pytest.fixture
def office_desk(desk_template: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The desk on SQLite, fresh for one test."""
    made = copied(desk_template, tmp_path)
    yield made
    made.office.engine.dispose()


@pytest.fixture(scope="module")
def shared_desk(desk_template: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests of a file: these change nothing that another one looks at."""
    made = copied(desk_template, tmp_path_factory.mktemp("shared-desk"))
    yield made
    made.office.engine.dispose()
