"""The night flow and the `lingbao night` command, as far as they need Prefect."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from sqlalchemy import Engine

from core.errors import SourceBroken, SourceTransient, WrongSetting
from core.i18n import t
from flows.night import _report, _state, is_unreachable, read_source
from flows.office import refuse_if_empty
from notify.office import Office
from notify.summary import STATES
from sources.archive import Archive
from sources.catalog import publishers
from sources.model import Capture, Card, Publisher
from sources.read import Desk, SourceReport, SourceStatus
from tests.flows.conftest import FIRST, SECOND
from tests.flows.running import FED, Server, environment, lingbao


@dataclass(frozen=True)
class FailingFetcher:
    """A fetcher that has one answer: a fault."""

    fault: SourceBroken

    def get(self, card: Card, url: str, previous: Capture | None) -> Capture:
        """Raise the fault."""
        raise self.fault


@dataclass(frozen=True)
class FakeOffice:
    """As much of an office as reading a source needs."""

    engine: Engine
    home: Path
    fault: SourceBroken

    @property
    def sources(self) -> dict[str, Publisher]:
        """Return the sources of a fresh office: ours."""
        return publishers()

    @contextlib.contextmanager
    def desk(self, as_of: object, captures: Path | None) -> Iterator[Desk]:
        """Give a desk whose fetcher fails."""
        yield Desk(self.engine, Archive(self.home), FailingFetcher(self.fault), timedelta(0))


def read(office: FakeOffice, captures: Path | None = None) -> object:
    """Run the reading task as plain Python."""
    return read_source.fn(cast(Office, office), "cn-mfa", FIRST, captures, dry_run=True)


def summary(status: str) -> dict[str, Any]:
    """Make the summary of a run that ended so."""
    return {"status": status, "alerts": [], "gaps": []}


def test_an_unreachable_source_is_tried_again(engine: Engine, tmp_path: Path) -> None:
    """A source that cannot be reached raises what Prefect tries again."""
    office = FakeOffice(engine, tmp_path, SourceTransient(t("no answer")))
    with pytest.raises(ConnectionError, match="no answer"):
        read(office)


def test_a_broken_source_is_not_tried_again(engine: Engine, tmp_path: Path) -> None:
    """A page that cannot be understood ends as failed at once, with the report inside."""
    state = cast(State[Any], read(FakeOffice(engine, tmp_path, SourceBroken(t("redesigned")))))
    assert state.is_failed()
    assert isinstance(state.data, SourceReport)
    assert not is_unreachable(read_source, cast(Any, None), state)


def test_captures_are_never_tried_again(engine: Engine, tmp_path: Path) -> None:
    """A failure that was captured stays one: waiting would change nothing."""
    state = cast(State[Any], read(FakeOffice(engine, tmp_path, SourceTransient(t("no answer"))), captures=tmp_path))
    assert state.is_failed()


def test_only_what_is_unreachable_is_tried_again() -> None:
    """Prefect is told to try again after a lost connection, and after no other fault."""
    run = cast(Any, None)
    assert is_unreachable(read_source, run, Failed(data=ConnectionError("no answer")))
    assert not is_unreachable(read_source, run, Failed(data=RuntimeError("a fault of ours")))


def test_a_task_that_died_is_a_broken_source() -> None:
    """A reading task that ended in an exception counts as a broken source that is named."""
    report = _report("cn-mfa", RuntimeError("the disk is full"))
    assert report.status is SourceStatus.BROKEN
    assert str(report.reason) == "cn-mfa: the reading died: the disk is full"


@pytest.mark.parametrize(
    ("status", "kind", "name"),
    [("Completed", Completed, "Completed"), ("Partial", Completed, "Partial"), ("Failed", Failed, "Failed")],
)
def test_the_state_says_how_the_night_ended(status: str, kind: Any, name: str) -> None:
    """Prefect shows the end of a night under its own name, and carries the summary."""
    state = _state(summary(status))
    assert (state.type, state.name) == (kind().type, name)
    assert state.data == summary(status)


def test_a_worker_makes_no_office(tmp_path: Path) -> None:
    """A worker whose settings point at no office is refused: an empty register would warn nobody."""
    with pytest.raises(WrongSetting, match="lingbao db init"):
        refuse_if_empty(f"sqlite:///{tmp_path / 'none.db'}", str(tmp_path))


def count(home: Path, what: str) -> int:
    """Count the rows of a table of the office."""
    with contextlib.closing(sqlite3.connect(home / "lingbao.db")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608


@dataclass(frozen=True)
class Nights:
    """What `lingbao night` said, in the order of the runs, and what stood in the database after each."""

    home: Path
    rehearsed: subprocess.CompletedProcess[str]
    kept_after_rehearsal: int
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    versions: int
    again: subprocess.CompletedProcess[str]
    versions_again: int
    brief: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def nights(server: Server, feeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Rehearse a night, work two nights, work the second one again, and ask for the brief."""
    home = tmp_path_factory.mktemp("nights")
    env = environment(home, **server.variables)

    def night(at: object, *more: str) -> subprocess.CompletedProcess[str]:
        return lingbao(env, "night", "--captures", str(feeds), "--at", cast(Any, at).isoformat(), "--json", *more)

    rehearsed = night(FIRST, "--dry-run")
    kept = count(home, "capture") + count(home, "run") + count(home, "source_state")
    first, second = night(FIRST), night(SECOND)
    versions = count(home, "alert_version")
    again = night(SECOND)
    return Nights(
        home, rehearsed, kept, first, second, versions, again, count(home, "alert_version"), lingbao(env, "brief")
    )


def test_a_rehearsal_keeps_nothing(nights: Nights) -> None:
    """A dry run says what it read and leaves no row."""
    said = json.loads(nights.rehearsed.stdout)
    assert said["dry_run"] is True
    assert {one["id"] for one in said["sources"]} == FED
    assert nights.kept_after_rehearsal == 0


def test_the_baseline_is_green_and_silent(nights: Nights) -> None:
    """The first night exits with 0, sends nothing, and says nothing on stderr but that it starts."""
    said = json.loads(nights.first.stdout)
    assert (nights.first.returncode, said["status"], said["alerts"], said["gaps"]) == (0, "Completed", [], [])
    assert nights.first.stderr == "\nStarting the night …\n" or nights.first.stderr == "Starting the night …\n"


def test_a_broken_source_is_named(nights: Nights) -> None:
    """A night with a broken source is Partial, exits with 1, and names it in the result and in one line of the log."""
    said = json.loads(nights.second.stdout)
    broken = [one["id"] for one in said["sources"] if one["status"] == "broken"]
    assert (nights.second.returncode, said["status"], broken) == (1, "Partial", ["de-aa"])
    lines = nights.second.stderr.strip().splitlines()
    assert lines[0] == "Starting the night …"
    assert [(json.loads(line)["event"], json.loads(line)["source"]) for line in lines[1:]] == [
        ("source broken", "de-aa")
    ]


def test_the_same_night_twice_opens_nothing(nights: Nights) -> None:
    """Worked again, a night finds no change and opens no alert."""
    assert nights.versions > 0
    assert nights.versions_again == nights.versions
    assert json.loads(nights.again.stdout)["changes"] == []


def test_the_brief_still_tells_what_changed(nights: Nights) -> None:
    """After the night was worked again, the brief tells what its first working brought."""
    assert nights.brief.returncode == 0
    assert "Nothing changed." not in nights.brief.stdout
    assert "cn-mfa: " in nights.brief.stdout


def test_a_part_of_the_sources_is_no_night(server: Server, feeds: Path, tmp_path: Path) -> None:
    """A run over the home sources writes no brief and does not stand for the night in it, but what it found is told."""
    env = environment(tmp_path, **server.variables)
    at, after = FIRST.isoformat(), SECOND.isoformat()
    assert lingbao(env, "night", "--captures", str(feeds), "--at", at).returncode == 0
    part = lingbao(env, "night", "--captures", str(feeds), "--at", after, "--authority", "home", "--json")
    assert [one["id"] for one in json.loads(part.stdout)["sources"]] == ["cn-mfa"]
    assert len(list((tmp_path / "briefs").iterdir())) == 1
    brief = lingbao(env, "brief").stdout
    assert "5 of 5 sources read" in brief
    assert "cn-mfa: " in brief


def test_a_night_without_sources_fails(server: Server, feeds: Path, tmp_path: Path) -> None:
    """If no source can be read the night is Failed and exits with 1; each source is named."""
    nothing = tmp_path / "captures"
    nothing.mkdir()
    (nothing / "captures.toml").write_text("", encoding="utf-8")
    done = lingbao(environment(tmp_path / "home", **server.variables), "night", "--captures", str(nothing), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["status"]) == (1, "Failed")
    assert {one["subject"] for one in said["gaps"]} == {f"source/{one}" for one in FED}


def test_tasks_that_die_leave_a_night_that_ends(server: Server, feeds: Path, tmp_path: Path) -> None:
    """If every reading task dies, the night still comes to its end and names each source as broken, and the log where each died."""
    (tmp_path / "captures").write_text("a file where the archive should be", encoding="utf-8")
    env = environment(tmp_path, **server.variables)
    done = lingbao(env, "night", "--captures", str(feeds), "--at", FIRST.isoformat(), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["status"]) == (1, "Failed")
    assert {one["id"] for one in said["sources"] if "the reading died" in one["reason"]} == FED
    assert done.stderr.count("archive.py:") == len(FED)


@pytest.mark.parametrize(
    "wrong",
    [["--at", "yesterday"], ["--source", "nobody"], ["--captures", "."], ["--authority", "somebody"]],
    ids=lambda w: w[0],
)
def test_wrong_use_exits_with_2(wrong: list[str], tmp_path: Path) -> None:
    """A wrong option is refused before Prefect starts, in words and without a traceback."""
    done = lingbao(environment(tmp_path), "night", *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_night_needs_no_server(feeds: Path, tmp_path: Path) -> None:
    """Without a Prefect server the command brings its own along, needs no network, and is as quiet."""
    # A proxy on a port where nobody listens refuses whatever would leave this machine.
    nowhere = {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    done = lingbao(
        environment(tmp_path, **nowhere), "night", "--captures", str(feeds), "--at", FIRST.isoformat(), "--json"
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["notices"]) <= STATES
    assert done.stderr.strip() == "Starting the night …"
