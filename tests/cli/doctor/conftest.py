"""An office that is well, made once; each test gets a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.doctor.house import well


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the office."""
    home = tmp_path_factory.mktemp("well") / "home"
    well(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Give a copy of it."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"
