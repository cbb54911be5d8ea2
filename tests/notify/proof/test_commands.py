"""The commands of the proof, as somebody at the command line sees them."""

from __future__ import annotations

import base64
import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from cli.app import app
from core.errors import LingbaoError
from tests.notify.proof.world import World


class Desk:
    """Somebody at the command line of an office."""

    def __init__(self, world: World, **env: str) -> None:
        """Work in the home of `world`."""
        keys = f"test:{base64.b64encode(bytes(range(32))).decode()}"
        self._env = {
            "LINGBAO_HOME": str(world.home),
            "LINGBAO_MASTER_KEYS": keys,
            "LINGBAO_LANG": "zh-CN",
            "COLUMNS": "250",
        } | env

    def run(self, *words: str) -> Result:
        """Give a command."""
        return CliRunner().invoke(app, list(words), env=self._env)

    def told(self, *words: str, code: int = 0) -> str:
        """Give a command that must end with a code; return what it printed."""
        result = self.run(*words)
        assert result.exit_code == code, (result.output, result.exception)
        return result.stdout

    def json(self, *words: str, code: int = 0) -> Any:
        """Give a command; return its JSON."""
        return json.loads(self.told(*words, "--json", code=code))


@pytest.fixture
def desk(own: World) -> Desk:
    """Sit down in a copy of the office."""
    own.office.engine.dispose()
    return Desk(own)


def test_prove_prints_the_equation_and_the_gaps(desk: Desk) -> None:
    """The sum in words, the gaps in a table, exit code 1; told by hand it is 0, and withdrawn it is 1 again."""
    words = desk.told("prove", "--alert", "1", code=1)
    assert "应通知 6 人 = 已计划 6 + 未列入 0" in words
    found = desk.json("prove", code=1)
    assert [(one["expected"], one["open"], one["holds"]) for one in found["accounts"]] == [(6, 2, True)]
    assert {gap["kind"] for gap in found["gaps"]} == {"unreachable", "delivery-failed"}
    made = desk.json("hand", "add", "--alert", "1", "--person", "2", "--person", "4", "--way", "phone",
                     "--at", "2026-11-22T03:00:00+08:00", "--note", "已接通")  # fmt: skip
    assert made == {"records": [1, 2]}
    assert desk.json("prove", "--alert", "1")["accounts"][0]["people"]["by-hand"] == 2
    assert "撤回" in desk.told("hand", "withdraw", "2", "--reason", "打错")
    assert desk.json("prove", "--alert", "1", code=1)["accounts"][0]["people"]["by-hand"] == 1
    listed = desk.told("hand", "list", "--alert", "1")
    for words in ("已接通", "电话", "人员 4", "已撤回", "撤回登记 2：打错"):
        assert words in listed
    assert "已核验" in desk.told("ledger", "verify")


def test_by_hand_needs_one_target_and_a_zone(desk: Desk) -> None:
    """Nobody, two at once, a time without a zone, a number in a plain note: refused with a sentence."""
    for words in (
        ("--way", "phone"), ("--way", "phone", "--person", "1", "--group", "群"), ("--way", "visit", "--person", "1", "--at", "2026-11-22"),
        ("--way", "wechat-group", "--employer", "A-1", "--note", "+86 138 0013 8000"),
    ):  # fmt: skip
        assert isinstance(desk.run("hand", "add", "--alert", "1", *words).exception, LingbaoError)
    assert desk.told("hand", "list", "--json") == ""


def test_verify_says_what_it_checked_and_where_it_fails(desk: Desk, own: World) -> None:
    """Counts in words and JSON; a capture that is gone is named and ends with 1."""
    found = desk.json("ledger", "verify")
    assert (found["holds"], found["texts"], found["captures"]) == (True, 4, 1)
    assert "4 条已发原文、1 份抓取快照" in desk.told("ledger", "verify")
    next((own.home / "captures").rglob("*.gz")).unlink()
    assert "快照文件缺失" in desk.told("ledger", "verify", "--all-captures", code=1)
    assert desk.json("ledger", "verify", code=1)["wrong_captures"][0]["missing"] is True


def test_export_in_every_form(desk: Desk, tmp_path: Path) -> None:
    """jsonl with every call, csv a spreadsheet reads, xlsx and html as files for the owner's eyes only."""
    lines = [json.loads(line) for line in desk.told("ledger", "export", "--alert", "1").splitlines()]
    assert len(lines) == 6
    assert [(one["name"], len(one["tried"])) for one in lines][:2] == [("孙**", 1), ("猪**", 1)]
    assert all(one["text_holds"] is not False for one in lines)
    [row] = csv.DictReader(io.StringIO(desk.told("ledger", "export", "--person", "1", "--format", "csv", "--plain")))
    assert (row["name"], row["address"], row["provider_status"]) == ("孙悟空", "'+260970000001", "delivered")
    for form, head in (("xlsx", b"PK"), ("html", b"<!doctype html>")):
        path = tmp_path / f"proof.{form}"
        desk.told("ledger", "export", "--employer", "A-1", "--format", form, "--out", str(path))
        assert path.read_bytes().startswith(head)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "应通知 6 人" in desk.told("ledger", "export", "--alert", "1", "--format", "html")
    assert isinstance(desk.run("ledger", "export", "--format", "xlsx").exception, LingbaoError)


def test_cap_prints_one_message(desk: Desk) -> None:
    """The newest message of an alert as XML, the chain as JSON, and no message of what is not there."""
    root = etree.fromstring(desk.told("cap", "1").encode())
    assert root.findtext("{*}scope") == "Restricted"
    [only] = desk.json("cap", "1")
    assert (only["kind"], only["status"], only["references"]) == ("Alert", "Test", [])
    for words in (("cap", "2"), ("cap", "1", "--message", "2")):
        assert isinstance(desk.run(*words).exception, LingbaoError)


def test_canary_without_a_setting_or_a_provider(own: World) -> None:
    """Without the setting it says what to set; with nobody at the other end it ends with 1 and says so."""
    own.office.engine.dispose()
    assert isinstance(Desk(own).run("canary").exception, LingbaoError)
    desk = Desk(own, LINGBAO_CANARIES="sms:+8613800138000", LINGBAO_SANDBOX_PORT="9", LINGBAO_CONNECT_TIMEOUT="1")
    [found] = [json.loads(line) for line in desk.told("canary", "--wait", "0", "--json", code=1).splitlines()]
    assert (found["channel"], found["outcome"]) == ("sms", "failed")
    gaps = desk.json("prove", code=1)["gaps"]
    assert "canary-silent" in {gap["kind"] for gap in gaps}
