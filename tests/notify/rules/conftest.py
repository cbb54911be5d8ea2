"""An office open for business, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from core.settings import Settings
from notify.office import Office
from tests.notify.alerts.scene import Scene


@pytest.fixture
def scene(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with an empty register."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made


@pytest.fixture
def office(scene: Scene, tmp_path: Path) -> Office:
    """Give the office at work with its default policy."""
    return Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys)
