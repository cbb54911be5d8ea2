"""`lingbao sources changes` and `change`: an officer finds a change and sees what is said now and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.errors import WrongUse
from core.settings import load
from notify.office import open_office
from sources.archive import Archive
from sources.read import Desk, read_source
from tests.sources.made import CONFIRM, DAY, NIGHT, FakeFetcher, FakePublisher, advisory, reading

CALM = advisory("a", 2, level_words="Take care", summary="Floods in the west. Avoid the coast.")
WORSE = replace(CALM, level_national=4, level_words="Do not travel", summary="Floods in the west. Leave the coast.")
FILL = tuple(advisory(f"f{i}", 1) for i in range(10))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which one country was raised from 2 to 4 in the second night, and another appeared in the third."""
    office = open_office(load(home=tmp_path / "home"))
    desk = Desk(office.engine, Archive(tmp_path / "captures"), FakeFetcher(), CONFIRM)
    for at, says in (
        (NIGHT, reading(CALM, *FILL)),
        (NIGHT + DAY, reading(WORSE, *FILL)),
        (NIGHT + 2 * DAY, reading(WORSE, advisory("b", 3), *FILL)),
    ):
        read_source(FakePublisher(says), desk, at)
    office.engine.dispose()
    return tmp_path / "home"


def run(home: Path, *words: str, lang: str = "en") -> Result:
    """Run a command in this home, on a wide screen."""
    return CliRunner().invoke(
        app, ["sources", *words], env={"LINGBAO_HOME": str(home), "LINGBAO_LANG": lang, "COLUMNS": "300"}
    )


def test_the_newest_change_comes_first_and_limits_hold(home: Path) -> None:
    """All changes by number; from the third night on there is one; at most one is the newest."""
    found = [json.loads(line) for line in run(home, "changes", "--json").stdout.splitlines()]
    assert [(one["number"], one["kind"], one["native_id"]) for one in found] == [(2, "new", "b"), (1, "raised", "a")]
    third = (NIGHT + 2 * DAY - timedelta(hours=1)).isoformat()
    assert [
        json.loads(line)["number"] for line in run(home, "changes", "--since", third, "--json").stdout.splitlines()
    ] == [2]
    assert [
        json.loads(line)["number"] for line in run(home, "changes", "--most", "1", "--json").stdout.splitlines()
    ] == [2]
    assert "About a" in run(home, "changes").stdout


def test_a_change_shows_why_and_both_texts(home: Path) -> None:
    """The reason, the sentence that is gone, the one that came, both grades and the address."""
    shown = run(home, "change", "1").stdout
    for line in ("Level raised from 2 to 4.", "− 2 (Take care)", "+ 4 (Do not travel)", "− Avoid the coast.", "+ Leave the coast.",
                 CALM.url):  # fmt: skip
        assert line in shown
    assert "Floods in the west." not in shown
    assert "理由" in run(home, "change", "1", lang="zh-CN").stdout


def test_a_change_as_json_has_both_versions_whole(home: Path) -> None:
    """A program gets the advisory before and after, and the same difference."""
    told = json.loads(run(home, "change", "1", "--json").stdout)
    assert (told["before"]["level_national"], told["after"]["level_national"]) == (2, 4)
    assert told["before"]["summary"] == CALM.summary
    assert {"what": "Level", "before": ["2 (Take care)"], "after": ["4 (Do not travel)"]} in told["difference"]


@pytest.mark.parametrize("words", [("change", "99"), ("changes", "nosuch"), ("changes", "--since", "gestern")])
def test_what_is_not_there_is_said(home: Path, words: tuple[str, ...]) -> None:
    """An unknown number, an unknown source and a time that is none are wrong use."""
    assert isinstance(run(home, *words).exception, WrongUse)
