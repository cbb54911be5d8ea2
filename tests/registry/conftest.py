"""A register in an open transaction, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import writing
from core.keys import MasterKeys
from tests.registry.people import Register


@pytest.fixture
def register(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Iterator[Register]:
    """Give an empty register."""
    with writing(engine) as connection:
        yield Register(connection, keys, index_key, clock)
