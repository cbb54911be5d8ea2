"""An office open for business, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.notify.alerts.scene import Scene


@pytest.fixture
def scene(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with an empty register."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made
