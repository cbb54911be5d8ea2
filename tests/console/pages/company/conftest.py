"""Two companies at the portal: fresh for each test, or one world for a whole file that only looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine
from core.keys import MasterKeys
from tests.console.api.world import world
from tests.console.pages.company.portal import Portal, copied, portal


@pytest.fixture
def two(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Portal:
    """Two companies on SQLite and on PostgreSQL."""
    return portal(world(engine, tmp_path, clock, keys))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Two companies on SQLite, made once, and never touched again."""
    home, clock = tmp_path_factory.mktemp("portal"), FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    engine = open_engine(f"sqlite:///{home / 'light.db'}")
    SQLModel.metadata.create_all(engine)
    yield portal(world(engine, home, clock, MasterKeys({"test": bytes(range(32))}, "test")))
    engine.dispose()


@pytest.fixture
def light(template: Portal, tmp_path: Path) -> Iterator[Portal]:
    """Two companies on SQLite alone, where the database makes no difference."""
    made = copied(template, tmp_path)
    yield made
    made.world.office.engine.dispose()


@pytest.fixture(scope="module")
def shared(template: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Two companies for all tests of a file: these change nothing that another one looks at."""
    made = copied(template, tmp_path_factory.mktemp("shared"))
    yield made
    made.world.office.engine.dispose()
