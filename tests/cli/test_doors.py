"""The doors of officers and companies, at the command line, with users, tokens, the real SDK and the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.errors import LingbaoError
from notify.sandbox.running import Running, running

ROSTER = "姓名,所在国家,境外联系电话,邮箱\n示例甲,塔吉克斯坦,+992935000001,a@example.com\n示例乙,阿富汗,+93700000001,\n"


@dataclass
class Desk:
    """A command line with a home of its own."""

    home: Path
    sandbox: Running
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, by: str = "") -> Result:
        """Run a command as a user."""
        env = {
            "LINGBAO_HOME": str(self.home), "LINGBAO_SANDBOX_PORT": str(self.sandbox.port), "LINGBAO_LANG": "en",
            "LINGBAO_TOKEN": self.tokens.get(by, ""),
        }  # fmt: skip
        return CliRunner().invoke(app, [*(("--as", by) if by else ()), *words], env=env)

    def ok(self, *words: str, by: str = "") -> str:
        """Run a command that must succeed; return what it printed."""
        result = self.run(*words, by=by)
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.stdout

    def refused(self, *words: str, by: str = "") -> str:
        """Run a command that must be refused by us; return the sentence."""
        result = self.run(*words, by=by)
        assert isinstance(result.exception, LingbaoError), (words, result.output, result.exception)
        return str(result.exception)

    def user(self, name: str, *more: str, by: str = "") -> None:
        """Add a user and keep the token."""
        self.tokens[name] = self.ok("user", "add", name, *more, by=by).strip().splitlines()[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A fresh home and a sandbox, with an administrator, a drafter, an approver, and two people of one company."""
    with running(tmp_path / "sandbox") as sandbox:
        desk = Desk(tmp_path / "home", sandbox)
        desk.user("chief")
        desk.user("drafter", by="chief")
        desk.user("second", "--role", "approver", by="chief")
        desk.ok("employer", "add", "DEMO1", "示例一公司", by="chief")
        file = tmp_path / "roster.csv"
        file.write_text(ROSTER, encoding="utf-8")
        desk.ok("roster", "import", str(file), "--employer", "DEMO1", "--apply", by="drafter")
        yield desk


def _draft(desk: Desk) -> str:
    words = ("--country", "塔吉克斯坦", "--level", "4", "--title", "示例：请尽快离开边境地区", "--json")
    return str(json.loads(desk.ok("alert", "new", *words, by="drafter"))["alert"])


def test_two_people_send_an_alert(desk: Desk) -> None:
    """One officer drafts, another approves, exactly the people of the country get it over both channels, and it can be paused."""
    number = _draft(desk)
    seen = json.loads(desk.ok("alert", "preview", number, "--json", by="drafter"))
    assert (seen["people"], seen["by_channel"]) == (1, {"email": 1, "sms": 1})
    assert desk.sandbox.messages() == []
    desk.ok("alert", "submit", number, by="drafter")
    desk.ok("alert", "approve", number, "--confirm", "塔吉克斯坦", by="second")
    desk.ok("alert", "send", number, by="drafter")
    assert [one.to for one in desk.sandbox.messages()] == ["+992935000001"]
    assert [one.to for one in desk.sandbox.mail()] == [("a@example.com",)]
    assert "already" in desk.refused("alert", "send", number, by="drafter") or desk.sandbox.stats().messages == 1
    desk.ok("prove", "--alert", number)
    desk.ok("ledger", "verify")
    assert "is paused" in desk.ok("alert", "pause", number, by="drafter")
    assert "goes on" in desk.ok("alert", "resume", number, by="drafter")


def test_the_drafter_cannot_approve(desk: Desk) -> None:
    """Whoever drafted cannot approve, an officer cannot at all, and nothing is sent meanwhile."""
    number = _draft(desk)
    desk.ok("alert", "submit", number, by="drafter")
    assert "role approver" in desk.refused("alert", "approve", number, "--confirm", "TJ", by="drafter")
    assert "not among" in desk.refused("alert", "approve", number, "--confirm", "阿富汗", by="second")
    desk.refused("alert", "send", number, by="drafter")
    assert desk.sandbox.messages() == []


def test_an_unproven_name_may_nothing(desk: Desk) -> None:
    """Without a token, or with somebody else's, a name opens no door."""
    desk.tokens["ghost"] = desk.tokens["drafter"]
    for who in ("ghost", "nobody"):
        desk.refused("alert", "status", by=who)
    desk.refused("people", "list")


def test_a_company_sees_its_own_people_only(desk: Desk, tmp_path: Path) -> None:
    """A user of another company finds none of the first one's people, alerts or codes."""
    desk.ok("employer", "add", "DEMO2", "示例二公司", by="chief")
    desk.user("contact", "--role", "company", "--employer", "DEMO2", by="chief")
    rows: list[Any] = [json.loads(line) for line in desk.ok("people", "list", "--json", by="contact").splitlines()]
    assert rows == []
    assert "no employer" in desk.refused("people", "list", "--employer", "DEMO1", by="contact")
    for words in (("alert", "status"), ("ledger", "export"), ("user", "list")):
        desk.refused(*words, by="contact")


def test_a_roster_is_previewed_before_it_is_applied(desk: Desk, tmp_path: Path) -> None:
    """Without --apply nothing is written; with it, the same file twice changes nothing."""
    file = tmp_path / "more.csv"
    file.write_text(ROSTER + "示例丙,赞比亚,+260977123456,\n", encoding="utf-8")
    before = desk.ok("people", "where", "--json", by="drafter")
    desk.ok("roster", "import", str(file), "--employer", "DEMO1", by="drafter")
    assert desk.ok("people", "where", "--json", by="drafter") == before
    first = json.loads(desk.ok("roster", "import", str(file), "--employer", "DEMO1", "--apply", "--json", by="drafter"))
    again = json.loads(desk.ok("roster", "import", str(file), "--employer", "DEMO1", "--apply", "--json", by="drafter"))
    assert (first["joined"], again["joined"], again["changed"]) == (1, 0, 0)
