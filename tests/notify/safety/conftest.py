"""An office that has asked people of two companies in two countries whether they are safe."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.notify.alerts.scene import Scene
from tests.notify.safety.call import Call, asked


@pytest.fixture
def call(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Call:
    """Give a roll call of twelve people, on both databases."""
    scene = Scene(engine, keys, index_key, clock)
    scene.open_for_business()
    return asked(scene)
