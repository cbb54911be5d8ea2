"""An office on SQLite; what both databases must do alike is proven where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.database import open_engine, upgrade


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once."""
    path = tmp_path_factory.mktemp("asked") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(template: Path, tmp_path: Path) -> Iterator[Engine]:
    """Give a database of this test with all tables."""
    path = tmp_path / "here.db"
    path.write_bytes(template.read_bytes())
    made = open_engine(f"sqlite:///{path}", busy_ms=50)
    yield made
    made.dispose()
