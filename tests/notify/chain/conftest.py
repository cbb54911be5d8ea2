"""An office in which people come later, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from core.settings import load
from notify.channels.recorder import Recorder
from notify.office import Office
from tests.notify.alerts.scene import Scene
from tests.notify.chain.newcomers import Later


@pytest.fixture
def later(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock, tmp_path: Path) -> Later:
    """Give an office with an empty register, and recorders for SMS and mail."""
    scene = Scene(engine, keys, index_key, clock)
    scene.open_for_business()
    channels = {"sms": Recorder(), "email": Recorder(name="email")}
    settings = load(home=tmp_path, channels=("sms", "email"), dispatch_concurrency=4)
    return Later(scene, Office(settings, engine, clock, keys, channels))
