"""Two companies on both databases, and on one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine
from core.keys import MasterKeys
from tests.console.api.world import World, world


@pytest.fixture
def two(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> World:
    """Two companies, on SQLite and on PostgreSQL."""
    return world(engine, tmp_path, clock, keys)


@pytest.fixture
def light(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Iterator[World]:
    """Two companies on SQLite alone, where the database makes no difference."""
    engine = open_engine(f"sqlite:///{tmp_path / 'light.db'}")
    SQLModel.metadata.create_all(engine)
    yield world(engine, tmp_path, clock, keys)
    engine.dispose()
