"""An office with one person and one released alert, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from tests.notify.sending.house import House, enrol_people, house, numbers


@pytest.fixture
def empty(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with nobody in it."""
    return house(engine, tmp_path, clock, keys, dispatch_concurrency=8)


@pytest.fixture
def one(empty: House) -> House:
    """An office with one person and one alert of level 4, ready to be sent."""
    enrol_people(empty, numbers(1))
    empty.release()
    return empty
