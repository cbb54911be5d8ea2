"""An office for residents, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine
from core.keys import MasterKeys
from tests.console.pages.resident.desk import Desk, desk


@pytest.fixture
def here(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Iterator[Desk]:
    """An office with an empty register."""
    engine = open_engine(f"sqlite:///{tmp_path / 'residents.db'}")
    SQLModel.metadata.create_all(engine)
    yield desk(engine, tmp_path, clock, keys)
    engine.dispose()
