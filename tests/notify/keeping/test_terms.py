"""The table of what is kept how long: whole, and the same as the pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from core.i18n import Language
from core.settings import Settings
from notify.keeping.page import page
from notify.keeping.terms import TERMS
from notify.store.proof import CHAINED
from tests.core.test_migrations import ROOT  # imports the tables of all rooms

NAMES = Counter(name for one in TERMS for name in one.where)


def test_every_table_stands_in_it_once() -> None:
    """A table whose keeping nobody thought of is named here; none is listed that is not there."""
    tables = {name for name in NAMES if not name.endswith("/")}
    assert tables == {one.name for one in SQLModel.metadata.sorted_tables}
    assert set(NAMES.values()) == {1}


def test_settings_that_are_named_are_there() -> None:
    """A term that follows a setting follows one that is there."""
    assert {one.setting for one in TERMS} - {""} <= set(Settings.model_fields)


@pytest.mark.parametrize("language, name", [("en", "keeping.md"), ("zh", "keeping.zh-CN.md")])
def test_the_page_is_the_table(language: Language, name: str) -> None:
    """The pages in docs/ are made of the table; how is said at their end."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(language)


def test_nothing_under_the_chain_has_an_end() -> None:
    """What is sealed is kept for good: a deleted row would break the chain."""
    chained = {one.name for one in CHAINED} | {"seal"}
    ends = {name for one in TERMS for name in one.where if one.kept.text != "for good"}
    assert chained & ends == set()


def test_every_directory_of_the_home_stands_in_it() -> None:
    """Directories that the program makes beside the database are in the table."""
    known = {name.rstrip("/").split("/")[0] for name in NAMES if name.endswith("/")}
    made = {"keys", "captures", "briefs", "bulletins", "spool", "sandbox", "prefect", "logs", "tokens", "watchdog"}
    assert made <= known
    assert not any((Path(name)).is_absolute() for name in NAMES)
