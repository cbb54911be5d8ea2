"""Fixtures of the pages: the warm process, a sandbox, and the ready office of which each page gets a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notify.sandbox.running import Running, running
from tests.docs.preparations import BEFORE, FROM_NOTHING, OFFICE
from tests.docs.session import Desk, lay_desk, run, warm


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the directory of the stand-ins, with the warm process behind them."""
    with warm(tmp_path_factory.mktemp("warm")) as found:
        yield found


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a sandbox that all pages share which start none themselves."""
    with running(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, tools: Path, sandbox: Running) -> Path:
    """Give the directory of an office that works: users, a company, its people, an alert that was sent."""
    made = lay_desk(tmp_path_factory.mktemp("office"), tools, language="en", sandbox=sandbox.port)
    assert run(made, f"```sh\n{OFFICE}```\n") == []
    return made.directory


@pytest.fixture
def page_of(request: pytest.FixtureRequest, tmp_path: Path, tools: Path) -> Callable[[str], Desk]:
    """Give a function that lays the desk of a page, prepared as its reader's is."""

    def lay(name: str) -> Desk:
        language = "zh-CN" if ".zh-CN" in name or "/zh" in name else "en"
        bare = name in FROM_NOTHING
        port = 0 if bare else request.getfixturevalue("sandbox").port
        made = lay_desk(tmp_path, tools, language=language, sandbox=port)
        if not bare:
            shutil.copytree(request.getfixturevalue("office"), made.directory, dirs_exist_ok=True)
        if name in BEFORE:
            assert run(made, f"```sh\n{BEFORE[name]}```\n") == []
        return made

    return lay
