"""Fixtures of the pages: what stands around them, and the ready office of which each page gets a copy."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.databases import tell
from tests.docs.preparations import BEFORE, FROM_NOTHING, OFFICE
from tests.docs.session import DATABASE, Desk, lay_desk, run
from tests.docs.surroundings import Surroundings, surroundings
from tests.docs.tools import ROOT

NEEDED = ("curl", "make")
"""Commands of pages that are not ours, and that a machine may lack."""


@pytest.fixture(scope="session")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    """Give the warm process, a sandbox and a publisher."""
    with surroundings(tmp_path_factory.mktemp("around")) as found:
        yield found


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, around: Surroundings) -> Path:
    """Give the directory of an office that works: users, companies, their people, an alert that was sent."""
    made = lay_desk(tmp_path_factory.mktemp("office"), around, language="en", own_sandbox=False)
    assert run(made, f"```sh\n{OFFICE}```\n") == []
    return made.directory


@pytest.fixture
def page_of(request: pytest.FixtureRequest, tmp_path: Path, around: Surroundings) -> Callable[[str], Desk]:
    """Give a function that lays the desk of a page, prepared as its reader's is."""

    def lay(name: str) -> Desk:
        text = (ROOT / name).read_text(encoding="utf-8")
        if lacking := [one for one in NEEDED if re.search(rf"(?m)^{one} ", text) and not shutil.which(one)]:
            pytest.skip(f"this machine has no {', '.join(lacking)}")
        made = lay_desk(
            tmp_path,
            around,
            language="zh-CN" if name.endswith(".zh-CN.md") else "en",
            own_sandbox="\nlingbao sandbox" in text,
            database=_database(request.getfixturevalue("postgres_server")) if DATABASE in text else "",
        )
        original = name.replace(".zh-CN.md", ".md")
        if original not in FROM_NOTHING:
            shutil.copytree(request.getfixturevalue("office"), made.directory, dirs_exist_ok=True)
        if original in BEFORE:
            assert run(made, f"```sh\n{BEFORE[original]}```\n") == []
        return made

    return lay


def _database(server: URL) -> str:
    """Make an empty database on a server; return its address."""
    tell(server, "CREATE DATABASE page")
    found = server.set(database="page", drivername="postgresql").render_as_string(hide_password=False)
    return f"'{found}'"
