"""Offices for stories: each works real captures night after night, on one database (the SQL has tests of its own on both)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.databases import open_quickly
from tests.notify.alerts.nights import Nights
from tests.notify.alerts.scene import Scene
from tests.notify.stories.office import nights_in


@pytest.fixture
def engine(sqlite_tables: bytes, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty database with all tables, in a file."""
    path = tmp_path / "story.db"
    path.write_bytes(sqlite_tables)
    opened = open_quickly(path)
    yield opened
    opened.dispose()


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
