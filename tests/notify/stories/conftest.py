"""Offices for stories: each works real captures night after night, on one database (the SQL has tests of its own on both)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.notify.alerts.nights import Nights
from tests.notify.alerts.scene import Scene
from tests.notify.stories.office import nights_in


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """Give one database: SQLite."""
    return sqlite_engine


@pytest.fixture
def scene(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with an empty register."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made


@pytest.fixture
def nights(scene: Scene, tmp_path: Path) -> Nights:
    """Give an office with the shipped policy that works night after night; its phones remember what they got."""
    return nights_in(scene, tmp_path)
