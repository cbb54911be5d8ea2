"""An office of its own for each test."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.registry.office.house import House, house


@pytest.fixture
def office(engine: Engine, keys: MasterKeys, clock: FixedClock) -> House:
    """Give an office with its first administrator."""
    return house(engine, keys, clock)
