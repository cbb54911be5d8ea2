"""`lingbao policy` and `lingbao silence`: what an officer types, and what they are told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.errors import BadInput, WrongSetting
from notify.policy import POLICIES

SHIPPED = (POLICIES / "policy.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that nobody has changed anything in."""
    return tmp_path_factory.mktemp("policy") / "home"


def run(home: Path, *words: str, lang: str = "en") -> Result:
    """Run a command in this home, on a wide screen."""
    env = {"LINGBAO_HOME": str(home), "LINGBAO_LANG": lang, "COLUMNS": "300"}
    return CliRunner().invoke(app, list(words), env=env)


def test_a_policy_is_checked_switched_on_and_taken_back(home: Path, tmp_path: Path) -> None:
    """Check, preview, activate, history and the way back: the text that comes out is the text that went in."""
    own = tmp_path / "own.toml"
    own.write_text(SHIPPED.replace("per_day = 0", "per_day = 3"), encoding="utf-8")
    assert "12 routes" in run(home, "policy", "check", str(own)).output
    previewed = json.loads(run(home, "policy", "preview", str(own), "--json").output)
    assert previewed["rules"] == [{"name": "caps.per_day", "before": 0, "after": 3}]
    assert run(home, "policy", "activate", str(own), "--note", "a month of trial").exit_code == 0
    assert json.loads(run(home, "policy", "show", "--json").output)["caps"] == {"per_day": 3}
    again = run(home, "policy", "activate", str(POLICIES / "policy.toml"), "--note", "back", "--instead-of", "0")
    assert isinstance(again.exception, BadInput)
    assert run(home, "policy", "activate", str(POLICIES / "policy.toml"), "--note", "back").exit_code == 0
    rows = [json.loads(line) for line in run(home, "policy", "history", "--json").output.splitlines()]
    assert [(one["no"], one["by"], one["note"]) for one in rows] == [
        (2, "console", "back"),
        (1, "console", "a month of trial"),
    ]
    assert run(home, "policy", "history", "--text", "1").output.strip() == own.read_text(encoding="utf-8").strip()


def test_the_policy_is_shown_in_chinese(home: Path) -> None:
    """Every condition, action and manner of the shipped routes has Chinese words."""
    shown = run(home, "policy", "show", lang="zh-CN").output
    assert "发布方 国内权威" in shown
    assert "呼叫值班员 是" in shown
    assert not any(word in shown for word in ("authority", "quiet", "send", "valid"))


def test_a_wrong_policy_is_refused_with_all_its_faults(home: Path, tmp_path: Path) -> None:
    """The sentence names route and field; nothing is switched on."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SHIPPED.replace("level = [4]", "level = [5]").replace("ends = 7", "ends = 22"), encoding="utf-8")
    for words in (("check", str(wrong)), ("preview", str(wrong)), ("activate", str(wrong), "--note", "x")):
        refused = run(home, "policy", *words).exception
        assert isinstance(refused, WrongSetting)
        assert "route.home-4.level.0" in str(refused)
        assert "quiet: the night" in str(refused)


def test_a_silence_from_its_first_word_to_its_end(home: Path) -> None:
    """It is written, waits for a second person for level 4, is listed, ended, and listed still."""
    words = [
        "--owner",
        "protection",
        "--reason",
        "daily repeats",
        "--until",
        (datetime.now(UTC) + timedelta(days=30)).isoformat(),
    ]
    made = run(
        home,
        "silence",
        "add",
        *words,
        "--country",
        "赞比亚",
        "--even-4",
        "--json",
    )
    number = json.loads(made.output)["silence"]
    assert isinstance(run(home, "silence", "add", *words).exception, BadInput)
    assert "Zambia" in run(home, "silence", "list").output
    assert run(home, "silence", "agree", str(number)).exception is not None
    assert run(home, "silence", "end", str(number)).exit_code == 0
    [listed] = [json.loads(line) for line in run(home, "silence", "list", "--json").output.splitlines()]
    assert (listed["silence"], listed["on"], listed["countries"]) == (number, False, ["ZM"])
