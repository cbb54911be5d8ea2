"""At the command line too a company sees and changes its own people only: every command, with a token of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.errors import LingbaoError

A_ROSTER = "姓名,所在国家,境外联系电话\n孙悟空,塔吉克斯坦,+992935000001\n猪八戒,赞比亚,+260977123456\n"
B_ROSTER = (
    "姓名,所在国家,境外联系电话,所在城市\n林黛玉,塔吉克斯坦,+992935009001,苦盏\n贾宝玉,安哥拉,+244923009002,罗安达\n"
)
NAMED = re.compile(r"[BZ]-1|\d+")
"""What was asked for, as an answer repeats it."""
SECRETS = ("林黛玉", "贾宝玉", "992935009001", "244923009002", "大观园", "苦盏", "AO", "安哥拉")


@dataclass
class Desk:
    """A command line with a home of its own and two companies."""

    home: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, by: str = "") -> Result:
        """Run a command as a user."""
        env = {"LINGBAO_HOME": str(self.home), "LINGBAO_LANG": "zh-CN", "LINGBAO_TOKEN": self.tokens.get(by, "")}
        return CliRunner().invoke(app, [*(("--as", by) if by else ()), *words], env=env)

    def ok(self, *words: str, by: str = "") -> str:
        """Run a command that must succeed; return what it printed."""
        result = self.run(*words, by=by)
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.stdout

    def refused(self, *words: str) -> tuple[int, str]:
        """Run a command as A that must be refused; return exit code and sentence."""
        result = self.run(*words, by="hr.a")
        assert isinstance(result.exception, LingbaoError), (words, result.output, result.exception)
        assert tells(result) == []
        return result.exception.exit_code, result.exception.message.render("zh")


def tells(result: Result) -> list[str]:
    """Return what a command printed of B."""
    return [one for one in SECRETS if one in result.output or one in str(result.exception)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two companies, each with a user and people."""
    desk = Desk(tmp_path / "home")
    desk.tokens["chief"] = desk.ok("user", "add", "chief").strip().splitlines()[-1]
    for code, name, text in (("A-1", "花果山公司", A_ROSTER), ("B-1", "大观园公司", B_ROSTER)):
        user = f"hr.{code[0].lower()}"
        desk.ok("employer", "add", code, name, by="chief")
        made = desk.ok("user", "add", user, "--role", "company", "--employer", code, by="chief")
        desk.tokens[user] = made.strip().splitlines()[-1]
        file = tmp_path / f"{code}.csv"
        file.write_text(text, encoding="utf-8")
        desk.ok("roster", "import", str(file), "--employer", code, "--apply", by=user)
    return desk


def test_lists_and_counts_are_of_the_own_people(desk: Desk) -> None:
    """People, places, companies, rosters, coverage and open questions: A's alone, in tables and in JSON."""
    for words in (
        ("people", "list"), ("people", "list", "--country", "AO"), ("people", "where"), ("people", "doubles"), ("employer", "list"),
        ("coverage",), ("freshness", "list"), ("roster", "imports", "--employer", "A-1"), ("people", "list", "--after", "0"),
        ("people", "history", "3"), ("people", "history", "4"), ("people", "whereabouts", "--country", "TJ,AO"),
        ("people", "export"), ("people", "export", "--country", "AO"), ("people", "export", "--residents"),
    ):  # fmt: skip
        for more in ((), ("--json",)):
            result = desk.run(*words, *more, by="hr.a")
            assert result.exception is None or isinstance(result.exception, LingbaoError | SystemExit), (
                words,
                result.exception,
            )
            told = tells(result)
            assert told == [] or (told == ["AO"] and "AO" in words[-1]), (words, result.output)
    listed = [json.loads(line)["name"] for line in desk.ok("people", "list", "--json", by="hr.a").splitlines()]
    assert listed == ["孙悟空", "猪八戒"]


def test_what_is_of_b_is_not_there(desk: Desk, tmp_path: Path) -> None:
    """B's company, people and rosters are answered as those that do not exist, with exit code 2, and stay as they are."""
    before = desk.ok("people", "list", "--json", by="hr.b")
    roster, out = str(tmp_path / "A-1.csv"), str(tmp_path / "out.json")
    for of_b, of_nobody in (
        (("roster", "import", roster, "--employer", "B-1"), ("roster", "import", roster, "--employer", "Z-1")),
        (("roster", "import", roster, "--employer", "B-1", "--apply"), ("roster", "import", roster, "--employer", "Z-1", "--apply")),
        (("roster", "imports", "--employer", "B-1"), ("roster", "imports", "--employer", "Z-1")),
        (("people", "list", "--employer", "B-1"), ("people", "list", "--employer", "Z-1")),
        (("people", "export", "--employer", "B-1"), ("people", "export", "--employer", "Z-1")),
        (("roster", "undo", "2"), ("roster", "undo", "99")),
        (("person", "show", "3"), ("person", "show", "99")),
        (("person", "export", "3", "--out", out), ("person", "export", "99", "--out", out)),
        (("person", "correct", "3", "--language", "en"), ("person", "correct", "99", "--language", "en")),
    ):  # fmt: skip
        (code, sentence), (other, nobody) = desk.refused(*of_b), desk.refused(*of_nobody)
        assert (code, other) == (2, 2), of_b
        assert NAMED.sub("…", sentence) == NAMED.sub("…", nobody), of_b
    assert desk.ok("people", "list", "--json", by="hr.b") == before


def test_what_the_office_does_a_company_does_not(desk: Desk, tmp_path: Path) -> None:
    """Erasing, companies, users, alerts, exports of the proof and the database itself are not for companies."""
    for words in (
        ("person", "erase", "1"), ("person", "erase", "3"), ("employer", "add", "C-1", "丙公司"), ("user", "list"),
        ("user", "add", "other"), ("user", "token", "hr.b"), ("user", "token", "chief"), ("user", "close", "hr.b"),
        ("db", "mode", "live"), ("db", "rotate-keys"), ("retention", "run"), ("freshness", "run"), ("alert", "status", "1"),
        ("ledger", "export"), ("ledger", "export", "--alert", "1"), ("ledger", "export", "--person", "3"),
        ("night",), ("brief",), ("dispatch",), ("reconcile",), ("prove",), ("ledger", "verify"), ("db", "show"),
        ("people", "import", str(tmp_path / "B-1.csv")), ("people", "import", str(tmp_path / "B-1.csv"), "--apply"),
        ("people", "imports"),
    ):  # fmt: skip
        result = desk.run(*words, by="hr.a")
        assert result.exit_code != 0, (words, result.output)
        assert tells(result) == [], words
    assert len(desk.ok("people", "list", "--json", by="hr.b").splitlines()) == 2
