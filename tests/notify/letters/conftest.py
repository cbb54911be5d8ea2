"""The desk of an office that has told its people: a copy for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notify.letters.desk import Desk, desk_of
from tests.notify.proof.world import World, copy_of, tell


@pytest.fixture(scope="session")
def told_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the office; nobody may change it."""
    made = tell(tmp_path_factory.mktemp("letters") / "home")
    yield made
    made.office.engine.dispose()


@pytest.fixture
def desk(told_once: World, tmp_path: Path) -> Iterator[Desk]:
    """Give a copy of the office, to be changed."""
    made = copy_of(told_once, tmp_path / "home")
    yield desk_of(made)
    made.office.engine.dispose()
