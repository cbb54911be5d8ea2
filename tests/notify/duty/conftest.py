"""A desk on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.notify.duty.desk import Desk, open_desk


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    """Give an office with two channels, and nobody on duty yet."""
    return open_desk(engine, tmp_path)
