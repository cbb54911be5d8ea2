"""`lingbao sources list` and `record`: what a person is told about a source, and what is written for review."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cli.health import age
from core.database import writing
from core.errors import SourceBroken, WrongUse
from core.settings import load
from notify.office import open_office
from sources import store
from sources.fetch import refusal
from sources.publishers import us_state
from sources.tables import SourceState
from sources.wire import message_json

CAPTURES = Path(__file__).resolve().parents[1] / "sources" / "captures"
GOOD = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


def run(home: Path, *words: str) -> Result:
    """Run a command in a home of its own, in English, on a wide screen."""
    env = {"LINGBAO_HOME": str(home / "home"), "LINGBAO_LANG": "en"}
    return CliRunner().invoke(app, ["sources", *words], env=env)


def record(home: Path, source: str, *more: str) -> Result:
    """Record a source's own capture into the folder `out`."""
    file = next((CAPTURES / source).glob("list.*"))
    return run(home, "record", source, "--file", str(file), "--out", str(home / "out"), *more)


def test_the_list_says_what_is_expected_and_what_failed(tmp_path: Path) -> None:
    """A blocked source shows its last counts beside the bounds of its card, the failed tries, and the reason."""
    office = open_office(load(home=tmp_path / "home"))
    reason = message_json(refusal(us_state.CARD, us_state.CARD.url, 403).message)
    with writing(office.engine) as connection:
        state = SourceState(
            source_id="us-state", last_good_at=GOOD, last_tried_at=GOOD, failures=2, entries=211, known_levels=210, reason=reason
        )  # fmt: skip
        store.save_state(connection, state)
    office.engine.dispose()
    rows = {row["id"]: row for row in map(json.loads, run(tmp_path, "list", "--json").stdout.splitlines())}
    row = rows["us-state"]
    assert (row["entries"], row["entries_expected"]) == (211, list(us_state.CARD.entries))
    assert (row["known_levels"], row["known_levels_expected"]) == (210, us_state.CARD.known_levels)
    assert (row["failures"], rows["ptwc"]["unproven"], rows["ptwc"]["age"]) == (2, True, None)
    assert row["age"] > 0
    assert "refuses us (answer 403): blocked." in row["reason"]
    shown = run(tmp_path, "list")
    assert "us-state: 2 tries failed: us-state: " in shown.stdout


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_an_age_is_said_in_its_largest_fitting_unit(passed: timedelta, said: str) -> None:
    """Minutes, hours, then days."""
    assert str(age(passed)) == said


@pytest.mark.parametrize("source", ["cn-mofcom", "ca-gac", "us-state"])
def test_a_record_is_the_capture_and_what_was_read_from_it(tmp_path: Path, source: str) -> None:
    """The folder holds the bytes unchanged and the objects that the contract test expects of them."""
    done = record(tmp_path, source, "--at", "2026-11-09T00:00:00Z")
    assert done.exit_code in (0, 1), done.output
    own = CAPTURES / source
    kept = {file.name: file for file in (tmp_path / "out" / source).iterdir()}
    page = next(own.glob("list.*"))
    assert set(kept) == {page.name, "expected.json"}
    assert kept[page.name].read_bytes() == page.read_bytes()
    expected = json.loads((own / "expected.json").read_text(encoding="utf-8"))
    assert json.loads(kept["expected.json"].read_text(encoding="utf-8")) == expected
    assert "Review against the publisher's own page:" in done.stdout


def test_a_record_never_overwrites_an_expectation(tmp_path: Path) -> None:
    """A folder with something in it is left alone."""
    (tmp_path / "out" / "ca-gac").mkdir(parents=True)
    mine = tmp_path / "out" / "ca-gac" / "expected.json"
    mine.write_text("mine")
    done = record(tmp_path, "ca-gac")
    assert isinstance(done.exception, WrongUse)
    assert mine.read_text() == "mine"


def test_bytes_that_cannot_be_read_are_kept_for_a_look(tmp_path: Path) -> None:
    """A login page is written down, and said to be one; there is nothing to expect of it."""
    page = tmp_path / "page.html"
    page.write_text("<html><body><input name='password'></body></html>")
    done = run(tmp_path, "record", "ca-gac", "--file", str(page), "--out", str(tmp_path / "out"))
    assert isinstance(done.exception, SourceBroken)
    assert [file.name for file in (tmp_path / "out" / "ca-gac").iterdir()] == ["list.html"]
