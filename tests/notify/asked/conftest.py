"""An office on SQLite; what both databases must do alike is proven where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.databases import open_quickly


@pytest.fixture
def engine(sqlite_tables: bytes, tmp_path: Path) -> Iterator[Engine]:
    """Give a database of this test with all tables."""
    path = tmp_path / "here.db"
    path.write_bytes(sqlite_tables)
    made = open_quickly(path, busy_ms=50)
    yield made
    made.dispose()
