"""`lingbao doctor` at the command line: exit status, JSON, both languages, and a test message to oneself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cli.doctor.prefect_server import address_here
from cli.up.command import LOCK, _alone
from core.tables import Mode
from notify.sandbox.running import Running, running
from tests.cli.doctor.house import go

ADDRESS = "+8613800138000"


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give sandbox providers that report at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


def run(home: Path, *words: str, **more: str) -> Result:
    """Run the doctor on an office, without a Prefect server."""
    env = {"LINGBAO_HOME": str(home), "LINGBAO_LANG": "en", "PREFECT_API_URL": "", "LINGBAO_DUTY_PHONE": ADDRESS} | more
    return CliRunner().invoke(app, ["doctor", "--offline", "--patience", "1", *words], env=env)


def found(result: Result) -> dict[str, list[dict[str, str]]]:
    """Return the findings by the name of the check."""
    said: dict[str, list[dict[str, str]]] = {}
    for line in result.stdout.splitlines():
        one = json.loads(line)
        assert set(one) == {"name", "status", "words", "todo", "mended"}
        said.setdefault(one["name"], []).append(one)
    return said


def test_findings_as_json_and_as_a_table(home: Path) -> None:
    """What is stale since the sample was made is found; the same is said in a table, in Chinese first for a Chinese reader."""
    result = run(home, "--json")
    said = found(result)
    assert result.exit_code == 1
    assert said["keys"][0]["status"] == "ok"
    assert "lingbao up" in said["running"][0]["todo"] or said["running"][0]["status"] == "ok"
    shown = run(home, LINGBAO_LANG="zh-CN").stdout
    assert "正常" in shown
    assert "怎么办：" in shown
    assert "主密钥 k1" in shown


def test_wrong_settings_and_wrong_words_exit_with_two(home: Path) -> None:
    """Settings that cannot be read, and a test that is not CHANNEL=ADDRESS, end before anything is looked at."""
    assert run(home, LINGBAO_SMTP_PORT="many").exit_code != 0
    for words in (["--test", "+86138"], ["--test", "sms=1", "--test", "sms=2"]):
        result = run(home, *words)
        assert (result.exit_code, result.stdout) == (1, "")  # WrongUse: `lingbao` itself makes two of it
        assert getattr(result.exception, "exit_code", None) == 2


def test_the_doctor_says_what_it_mended(home: Path) -> None:
    """With `--fix` the table has the word for it."""
    home.chmod(0o755)
    assert "mended" in run(home, "--fix").stdout


def test_a_test_message_to_oneself(home: Path, providers: Running) -> None:
    """It goes over the real way, marked, and the receipt is waited for; nobody of the register is told."""
    env = {"LINGBAO_SANDBOX_PORT": str(providers.port)}
    before = len(providers.messages())
    said = found(run(home, "--json", "--test", f"sms={ADDRESS}", **env))
    assert said["channels"][0]["status"] == "ok"
    (seen,) = providers.messages()[before:]
    assert (seen.to, "测试" in seen.body) == (ADDRESS, True)
    assert said["test"][0]["words"].startswith("text message: the test message")
    assert said["test"][0]["status"] == "warning"  # no console is there to which the receipt could come


def test_a_test_goes_only_to_an_officer(home: Path, providers: Running) -> None:
    """Out of the sandbox an address that the settings do not name is refused before anything leaves."""
    go(home, Mode.DRILL)
    before = len(providers.messages())
    result = run(home, "--test", f"sms={ADDRESS}", LINGBAO_TWILIO_BASE_URL=f"http://127.0.0.1:{providers.port}")
    assert "test_addresses" in str(result.exception)
    assert len(providers.messages()) == before


def test_the_server_of_an_office_that_is_up_is_found(home: Path) -> None:
    """Whoever runs `lingbao up` need not say where its Prefect server is; when it has ended, there is none."""
    assert address_here(home) == ""
    with _alone(home):
        assert address_here(home) == "http://127.0.0.1:4200/api"
        (home / LOCK).write_text("4321\n")
        assert address_here(home) == "http://127.0.0.1:4321/api"
        (home / LOCK).write_text("0\n")  # --no-prefect
        assert address_here(home) == ""
    assert address_here(home) == ""
