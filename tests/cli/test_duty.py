"""`lingbao duty` and `lingbao watchdog`: the table, who is on duty, who knows, and what is found; and a database that is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.database import writing
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import t
from core.settings import load
from notify.duty.paging import page
from notify.office import open_office
from notify.sandbox.running import Running, running

LAST = "+260970000009"
LONG = ("--from", "2020-01-01 08:00", "--until", "2020-01-02 08:00")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose messages live their whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A new office."""
    where = tmp_path / "home"
    open_office(load(home=where)).engine.dispose()
    return where


def run(home: Path, *words: str, **settings: str) -> Result:
    """Run a command in this home, on a wide screen, in English."""
    env = {"LINGBAO_HOME": str(home), "LINGBAO_LANG": "en", "COLUMNS": "300"} | settings
    return CliRunner().invoke(app, list(words), env=env)


def lines(result: Result) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return [json.loads(line) for line in result.stdout.splitlines()]


def want(home: Path, cause: str) -> None:
    """Want a person for a cause."""
    office = open_office(load(home=home))
    with writing(office.engine) as connection:
        page(connection, cause, t("{source} was never read.", source="x"), office.clock.now())
    office.engine.dispose()


def test_a_shift_is_written_shown_and_removed(home: Path) -> None:
    """The officer of a moment is named with the number; nobody else's moment is covered; taken away, the shift is gone."""
    assert run(home, "duty", "add", "林黛玉", "--phone", "13800138000", *LONG).exit_code == 0
    [there] = lines(run(home, "duty", "now", "--at", "2020-01-01T12:00:00+08:00", "--json"))
    assert [(one["name"], one["phone"]) for one in there["on_duty"]] == [("林黛玉", "+8613800138000")]
    after = run(home, "duty", "now", "--at", "2020-01-02T08:00:00+08:00", LINGBAO_DUTY_PHONE=LAST)
    assert (after.exit_code, "The number of the settings is called" in after.stdout) == (1, True)
    assert "nobody can be called" in run(home, "duty", "now").stdout
    assert run(home, "duty", "remove", "1").exit_code == 0
    assert isinstance(run(home, "duty", "remove", "1").exception, NotFound)
    assert run(home, "duty", "now", "--at", "2020-01-01T12:00:00+08:00").exit_code == 1


def test_a_file_is_written_whole_or_not_at_all(home: Path, tmp_path: Path) -> None:
    """One wrong line: it is named and nothing is written. Mended, all are; the same file again writes none twice."""
    file = tmp_path / "duty.csv"
    head, good = "姓名,电话,开始,结束", "林黛玉,13800138000,2020-01-01 08:00,20:00"
    file.write_text(f"{head}\n{good}\n薛宝钗,12,2020-01-02 08:00,20:00\n", encoding="utf-8")
    refused = run(home, "duty", "import", str(file))
    assert (refused.exit_code, "Line 3" in refused.stdout, "written: 0" in refused.stdout) == (1, True, True)
    file.write_text(f"{head}\n{good}\n", encoding="utf-8")
    assert lines(run(home, "duty", "import", str(file), "--json")) == [{"shifts": [1], "wrong": []}]
    assert lines(run(home, "duty", "import", str(file), "--json")) == [{"shifts": [1], "wrong": []}]
    file.write_text("a,b\n", encoding="utf-8")
    assert isinstance(run(home, "duty", "import", str(file)).exception, BadInput)


def test_holes_of_the_table_are_said(home: Path) -> None:
    """Nobody on duty for two weeks: said, and exit 1."""
    shown = run(home, "duty", "list")
    assert (shown.exit_code, "Nobody is on duty" in shown.stdout) == (1, True)


def test_a_page_is_known_by_number(home: Path) -> None:
    """What somebody is wanted for is listed until somebody knows, with who; a number that waits for nothing is refused."""
    assert run(home, "duty", "pages").exit_code == 0
    want(home, "help/1/2")
    assert run(home, "duty", "pages").exit_code == 1
    assert run(home, "duty", "ack", "1").exit_code == 0
    [one] = lines(run(home, "duty", "pages", "--json"))
    assert (one["cause"], one["acked_by"]) == ("help/1/2", "console")
    assert isinstance(run(home, "duty", "ack", "1").exception, NotFound)


def test_companies_stay_outside(home: Path) -> None:
    """Once there are users, nobody without a token sees the table."""
    assert run(home, "user", "add", "wang", "--role", "administrator").exit_code == 0
    assert isinstance(run(home, "duty", "list").exception, NotAllowed)


def test_the_watchdog_calls_from_the_command_line(home: Path, sandbox: Running) -> None:
    """Without Prefect: what is found is printed, the officer gets one SMS, and the next round sends none."""
    sandbox.reset()
    want(home, "help/1/2")
    settings = {
        "LINGBAO_SANDBOX_PORT": str(sandbox.port),
        "LINGBAO_DUTY_PHONE": LAST,
        "LINGBAO_WATCH_FREE_MB": "900000000",
    }
    [told] = lines(run(home, "watchdog", "--page", "--json", **settings))
    assert [one["cause"] for one in told["findings"]] == ["watch/disk"]
    [sms] = sandbox.messages(LAST)
    assert "(2)" in sms.body
    assert run(home, "watchdog", "--page", **settings).exit_code == 1
    assert len(sandbox.messages(LAST)) == 1
    assert run(home, "watchdog", LINGBAO_DUTY_PHONE=LAST).exit_code == 0, "without --page it only looks"


@pytest.mark.parametrize("gone", [True, False])
def test_a_database_that_cannot_be_read(home: Path, sandbox: Running, gone: bool) -> None:
    """Gone or broken: exit 1, the number of the settings gets one SMS an outage, and no new office is made."""
    sandbox.reset()
    settings = {"LINGBAO_SANDBOX_PORT": str(sandbox.port), "LINGBAO_DUTY_PHONE": LAST}
    assert run(home, "watchdog", "--page", **settings).exit_code == 0
    kept = (home / "lingbao.db").read_bytes()
    for part in home.glob("lingbao.db*"):
        part.unlink()
    if not gone:
        (home / "lingbao.db").write_bytes(b"no database" * 1000)
    for _ in range(3):
        told = run(home, "watchdog", "--page", **settings)
        assert (told.exit_code, "cannot be read" in told.stdout) == (1, True)
    assert (home / "lingbao.db").exists() is not gone
    [sms] = sandbox.messages(LAST)
    assert "cannot be read" in sms.body
    (home / "lingbao.db").write_bytes(kept)
    assert run(home, "watchdog", "--page", **settings).exit_code == 0
    (home / "lingbao.db").unlink()
    assert "was called" in run(home, "watchdog", "--page", **settings).stdout, "another outage"
    assert len(sandbox.messages(LAST)) == 2


def test_without_a_note_nobody_is_called(home: Path, sandbox: Running) -> None:
    """Nobody knows what an instance may do whose database was never read: it calls nobody, and says so."""
    sandbox.reset()
    (home / "lingbao.db").write_bytes(b"no database")
    told = run(home, "watchdog", "--page", LINGBAO_DUTY_PHONE=LAST, LINGBAO_SANDBOX_PORT=str(sandbox.port))
    assert (told.exit_code, "Nobody was called" in told.stdout) == (1, True)
    assert sandbox.messages() == []
