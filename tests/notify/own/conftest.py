"""An office open for business, on both databases, with short words for its own alerts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from core.settings import Settings
from notify.channels.recorder import Recorder
from notify.office import Office
from tests.notify.alerts.scene import Scene


@pytest.fixture
def scene(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with an empty register."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made


@pytest.fixture
def phones() -> Recorder:
    """Give a channel that takes every SMS."""
    return Recorder()


@pytest.fixture
def office(scene: Scene, phones: Recorder, tmp_path: Path) -> Office:
    """Give the office at work over this scene."""
    settings = Settings(home=tmp_path, lang="en", drill_allow=frozenset({"+260977000009"}))
    return Office(settings, scene.engine, scene.clock, scene.keys, {"sms": phones})
