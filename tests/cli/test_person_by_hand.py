"""What a person was told by hand is theirs to know: `lingbao person show` and `export` give it with its note."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from cli.app import app
from core.database import writing
from core.settings import load
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import open_office
from registry.actors import SYSTEM

NOTE, OTHER = "其兄代为转告，回拨 13800138000", "无人接听"
ROSTER = "姓名,所在国家,境外联系电话\n孙悟空,塔吉克斯坦,+992935000001\n猪八戒,塔吉克斯坦,+992935000002\n"
Run = Callable[..., str]


@pytest.fixture
def run(bare_engine: Engine, tmp_path: Path) -> Run:
    """Give the command line of an office that warned two people."""
    home, url = tmp_path / "home", bare_engine.url.render_as_string(hide_password=False)
    env = {"LINGBAO_HOME": str(home), "LINGBAO_DATABASE_URL": url, "LINGBAO_LANG": "zh-CN", "COLUMNS": "250"}

    def run(*words: str, by: str = "", token: str = "") -> str:
        named = ("--as", by, *words) if by else words
        result = CliRunner().invoke(app, list(named), env=env | {"LINGBAO_TOKEN": token})
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.stdout

    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    run("employer", "add", "DEMO1", "示例一公司")
    run("roster", "import", str(tmp_path / "roster.csv"), "--employer", "DEMO1", "--apply")
    warn(home, url)
    return run


def warn(home: Path, url: str) -> None:
    """Release an alert to everybody there."""
    office = open_office(load(home=home, database_url=url))
    manual = ManualAlert(countries=["塔吉克斯坦"], level=4, title_zh="示例：请尽快离开", channels=["sms"])
    with writing(office.engine) as connection:
        draft = draft_manual(manual, office.name, office.clock.now())
        version = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version is not None
        alerts.release_by_rule(connection, version, office.acting(SYSTEM))
    office.engine.dispose()


def test_the_note_of_what_was_told_by_hand_is_open(run: Run, tmp_path: Path) -> None:
    """The file and the screen have record, way, note and withdrawal, with name and number in full; nothing of another person."""
    about = ("--alert", "1", "--way", "phone", "--note")
    run("hand", "add", "--person", "1", *about, NOTE)
    run("hand", "add", "--person", "2", *about, OTHER)
    run("hand", "withdraw", "1", "--reason", "登记有误")
    run("person", "export", "1", "--out", str(tmp_path / "taken.json"))
    notice, first, second = json.loads((tmp_path / "taken.json").read_text(encoding="utf-8"))["notices"]
    assert (notice["name"], notice["address"], notice["note"]) == ("孙悟空", "+992935000001", None)
    assert (first["channel"], first["reason"], first["state"], first["note"]) == ("by-hand", "phone", "withdrawn", NOTE)
    assert (second["state"], second["note"]) == ("withdraws", "登记有误")
    shown = run("person", "show", "1")
    for words in (NOTE, "登记有误", "人工", "已撤回", "撤回此前登记"):
        assert words in shown
    assert OTHER not in shown + (tmp_path / "taken.json").read_text(encoding="utf-8")
    assert OTHER in run("person", "show", "2")


def test_an_auditor_reads_no_note(run: Run) -> None:
    """An auditor sees that somebody was told by hand, and not the note about them; names and numbers are shortened."""
    run("hand", "add", "--alert", "1", "--person", "1", "--way", "phone", "--note", NOTE)
    chief = run("user", "add", "chief").strip().splitlines()[-1]
    made = run("user", "add", "jia", "--role", "auditor", by="chief", token=chief)
    found = json.loads(run("person", "show", "1", "--json", by="jia", token=made.strip().splitlines()[-1]))
    assert [(one["channel"], one["note"], one["name"]) for one in found["notices"]] == [
        ("sms", None, "孙**"), ("by-hand", "", "孙**"),
    ]  # fmt: skip
