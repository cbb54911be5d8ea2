"""`lingbao numbers`, `lingbao text`, `lingbao alert preview` and `test`: what an officer sets, sees and sends to themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.database import writing
from core.errors import BadInput, WrongUse
from core.settings import load
from notify.office import open_office
from notify.sandbox.running import Running, running
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground

OWN = "{{ signature }}{% if drill %}【演练】{% endif %}{{ mark }}{{ sentence }}（{{ places }}）{{ contacts }} {{ url }} 编号{{ ref }}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with one person in Zambia."""
    where = tmp_path_factory.mktemp("texts") / "home"
    office = open_office(load(home=where))
    who = NewPerson("孙悟空", GivenConsent(Ground.EMPLOYMENT, "test/1"), postings=(NewPosting("ZM"),),
                    addresses=(NewAddress("sms", "+260977000001"),))  # fmt: skip
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        enrol(connection, SYSTEM, [who], keys=office.keys, index_key=secret, now=office.clock.now())
    office.engine.dispose()
    return where


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose messages live their whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


def run(home: Path, *words: str, given: str = "", **settings: str) -> Result:
    """Run a command in this home, on a wide screen, in English."""
    env = {"LINGBAO_HOME": str(home), "LINGBAO_LANG": "en", "COLUMNS": "300"} | settings
    return CliRunner().invoke(app, list(words), env=env, input=given)


def lines(result: Result) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_number_is_checked_set_and_listed(home: Path) -> None:
    """The countries of our people are asked about; what was set is listed as checked, and asked about no more."""
    before = run(home, "numbers", "check", "--json")
    assert before.exit_code == 1
    asked = {(one["country"], one["kind"]) for one in lines(before)}
    assert ("ZM", "ambulance") in asked
    assert {country for country, _ in asked} == {"ZM"}
    assert run(home, "numbers", "set", "赞比亚", "ambulance", "992", "--note", "called").exit_code == 0
    after = {(one["country"], one["kind"]) for one in lines(run(home, "numbers", "check", "--json"))}
    assert asked - after == {("ZM", "ambulance")}
    [mine] = [
        one for one in lines(run(home, "numbers", "list", "--country", "ZM", "--json")) if one["kind"] == "ambulance"
    ]
    assert (mine["number"], mine["certainty"], mine["note"]) == ("992", "checked", "called")
    assert "checked" in run(home, "numbers", "list", "--country", "ZM").stdout
    assert "no number is printed any more" in run(home, "numbers", "set", "ZM", "fire", "none").stdout


def test_a_wording_is_set_shown_and_reset(home: Path) -> None:
    """A faulty wording is refused, a good one is in use with its version, and the shipped one comes back."""
    assert isinstance(run(home, "text", "set", "sms", "zh", "-", given="{{ title }}").exception, BadInput)
    assert isinstance(run(home, "text", "set", "sms", "zh", "-", given=" ").exception, BadInput)
    assert isinstance(run(home, "text", "set", "fax", "zh", "-", given=OWN).exception, WrongUse)
    assert isinstance(run(home, "text", "set", "sms_cn", "en", "-", given=OWN).exception, WrongUse)
    assert "version 1 is in use" in run(home, "text", "set", "sms", "zh", "-", given=OWN).stdout
    used = {(one["form"], one["language"]): one["wording"] for one in lines(run(home, "text", "list", "--json"))}
    assert used["sms", "zh"] == "own:sms.zh/1"
    assert run(home, "text", "show", "sms", "zh").stdout.strip() == OWN
    assert run(home, "text", "reset", "sms", "zh").exit_code == 0
    assert "{{ excerpt }}" in run(home, "text", "show", "sms").stdout
    assert run(home, "text", "show", "sms", "--version", "1").stdout.strip() == OWN
    assert isinstance(run(home, "text", "show", "sms", "--version", "9").exception, WrongUse)


def test_a_preview_and_a_test_to_oneself(home: Path, sandbox: Running) -> None:
    """The preview tells people, cost, time and size; the test arrives in the sandbox to the letter, marked; nobody else gets one."""
    made = run(home, "alert", "new", "--country", "ZM", "--level", "3", "--title", "赞比亚铜带省道路中断", "--body", "请绕行。",
               "--channel", "sms", "--json")  # fmt: skip
    number = str(lines(made)[0]["alert"])
    prices = '[{"channel": "sms", "per_part": 0.5}]'
    settings = {"LINGBAO_PRICES": prices, "LINGBAO_RATES": '{"sms": 2}', "LINGBAO_TWILIO_BASE_URL": sandbox.url}
    [seen] = lines(run(home, "alert", "preview", number, "--json", **settings))
    assert (seen["people"], seen["by_channel"]) == (1, {"sms": 1})
    assert seen["cost"] == {"CNY": seen["parts"] * 0.5}
    assert seen["seconds"] == {"sms": seen["parts"] / 2}
    shown = run(home, "alert", "preview", number, **settings).stdout
    assert "Cost, by the office's prices" in shown
    assert "units" in shown
    sent = run(home, "alert", "test", number, "--to", "+8613800138000", **settings)
    assert "taken by the provider" in sent.stdout
    [kept] = sandbox.messages()
    [text] = seen["texts"]
    assert kept.body == "【测试】" + text["body"].replace("{ref}", "TEST00")
    assert isinstance(
        run(home, "alert", "test", number, "--to", "+1", "--channel", "fax", **settings).exception, WrongUse
    )
