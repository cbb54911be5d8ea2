"""One office that has told its people, made once; and copies of it that a test may change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notify.proof.world import World, copy_of, tell


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the office; nobody may change it."""
    made = tell(tmp_path_factory.mktemp("told") / "home")
    yield made
    made.office.engine.dispose()


@pytest.fixture
def own(told: World, tmp_path: Path) -> Iterator[World]:
    """Give a copy of the office, to be changed."""
    made = copy_of(told, tmp_path / "home")
    yield made
    made.office.engine.dispose()
