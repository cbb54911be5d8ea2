"""`lingbao replay`, `why` and `levels`: what an officer is asked in the morning, on the command line."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from cli.app import app
from core.clock import FixedClock
from core.database import empty_log, reading, writing
from core.errors import WrongUse
from core.settings import load
from core.tables import Audit, table
from notify import night
from notify.channels.recorder import Recorder
from notify.office import open_office
from registry.actors import SYSTEM
from registry.employers import add_employer
from registry.enrol import enrol, index_key
from registry.people import NewPosting
from sources.change import Comparison, Entry
from sources.model import ChangeKind
from sources.store import save_comparison, save_state
from sources.tables import SourceState
from tests.notify.alerts.scene import person
from tests.notify.made import NIGHT, advisory, change

PEER = advisory(source="us-state", native_id="ZM", title="Zambia - Level 4: Do Not Travel", language="en", summary="Leave.",
                level_words="Level 4: Do Not Travel")  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the ministry's word on Zambia went out to one of two people, and the United States' is a draft."""
    where = tmp_path_factory.mktemp("look-back") / "home"
    clock = FixedClock(NIGHT)
    office = open_office(load(home=where), clock).with_channels({"sms": Recorder()})
    with writing(office.engine) as connection:
        company = add_employer(connection, SYSTEM, code="A1", name="花果山公司", now=NIGHT)
        people = [
            person(NewPosting("ZM"), sms=("+260977000001",), employer=company),
            person(NewPosting("KE"), sms=("+254712345678",)),
        ]
        enrol(
            connection, SYSTEM, people, keys=office.keys, index_key=index_key(connection, office.keys), now=NIGHT
        )  # fmt: skip
        for one in (change(ChangeKind.NEW, advisory()), change(ChangeKind.NEW, PEER)):
            compared = Comparison(changes=[one], entries={one.native_id: Entry(one.advisory, NIGHT)})
            save_comparison(connection, {}, compared, None, NIGHT)
        save_state(connection, SourceState(source_id="us-state", baseline_at=NIGHT, last_good_at=datetime.now(UTC)))
    night.act_on_changes(office)
    night.send_due(office, NIGHT, timedelta(seconds=20))
    empty_log(office.engine)
    office.engine.dispose()
    return where


def run(home: Path, *words: str, lang: str = "en") -> Result:
    """Run a command in this home, on a wide screen."""
    return CliRunner().invoke(app, [*words], env={"LINGBAO_HOME": str(home), "LINGBAO_LANG": lang, "COLUMNS": "300"})


def replay(home: Path, *words: str, lang: str = "en") -> Result:
    """Replay the days around the night."""
    return run(home, "replay", "--from", "2026-11-21", "--to", "2026-11-23", *words, lang=lang)


def test_a_replay_counts_people_and_changes_no_byte(home: Path) -> None:
    """One notice as then, one draft as then, by country and company; the file of the database is what it was."""
    before = hashlib.sha256((home / "lingbao.db").read_bytes()).hexdigest()
    told = json.loads(replay(home, "--people", "--json").stdout)
    assert [(one["rule"], one["outcome"], one["difference"], one["told"]["ids"]) for one in told["items"]] == [
        ("home-4", "send", "same", [1]),
        ("peer-high", "draft", "same", [1]),
    ]
    assert told["told"] == {"people": 1, "countries": {"ZM": 1}, "companies": {"A1": 1}, "ids": [1]}
    shown = replay(home, "--people", lang="zh-CN").stdout
    assert "按国家（地区）：赞比亚 1。" in shown
    assert "按单位：A1 1。" in shown
    assert hashlib.sha256((home / "lingbao.db").read_bytes()).hexdigest() == before


def test_why_is_answered_in_both_languages_and_audited(home: Path) -> None:
    """Told and not told, each with its chain; who asked about whom is in the audit."""
    told = json.loads(run(home, "why", "--person", "1", "--alert", "1", "--json").stdout)
    assert (told["fate"], [one["passes"] for one in told["chains"][0]["links"]]) == ("told", [True] * 8)
    shown = run(home, "why", "--person", "2", "--alert", "1", lang="zh-CN").stdout
    assert "✗ 此人有一处记录在肯尼亚，不是所涉国家或地区。" in shown
    assert "人员 2：未通知。" in shown
    assert "us-state (other government)" in run(home, "why", "--person", "1", "--night", "2026-11-22").stdout
    office = open_office(load(home=home))
    with reading(office.engine) as connection:
        rows = connection.execute(select(table(Audit)).where(table(Audit).c.action == "why")).all()
    office.engine.dispose()
    assert ("registrant/2", "alert/1") in {(row.object, row.detail) for row in rows}


def test_levels_stand_beside_a_draft(home: Path) -> None:
    """By name or code; in the status of the draft of a peer's word, and of no other alert."""
    for country in ("赞比亚", "ZM"):
        told = json.loads(run(home, "levels", country, "--json").stdout)
        assert ("us-state", 4) in [(one["source"], one["level"]) for one in told["levels"]]
    assert "美国国务院" in run(home, "levels", "ZM", lang="zh-CN").stdout
    lines = [json.loads(line) for line in run(home, "alert", "status", "--json").stdout.splitlines()]
    beside = {
        one["id"]: [side["country"] for side in one.get("levels", [])] for one in lines if one["rule"] != "baseline"
    }
    assert beside == {1: [], 2: ["ZM"]}
    assert "Draft 2, Zambia: " in run(home, "alert", "status").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "--from", "2026-11-23", "--to", "2026-11-21"), ("replay", "--from", "gestern", "--to", "2026-11-21"),
        ("replay", "--from", "2026-11-21", "--to", "2026-11-22", "--captures", ".", "--archive"),
        ("replay", "--from", "2026-11-21", "--to", "2026-11-22", "--captures", "no-such-folder"),
        ("why", "--person", "1"), ("why", "--person", "1", "--alert", "1", "--night", "2026-11-22"), ("levels", "Atlantis"),
    ],
)  # fmt: skip
def test_wrong_use_is_said(home: Path, words: tuple[str, ...]) -> None:
    """Days in the wrong order, no day, two sources of nights, no question, no country."""
    assert isinstance(run(home, *words).exception, WrongUse)
