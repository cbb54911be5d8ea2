"""The demo as a newcomer sees it: one command, from nothing to delivered notices, and nothing left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.demo import two_nights
from cli.demo_report import commands
from cli.demo_stage import OUR_NUMBER
from cli.sample import FOREMAN, UNKNOWN_NUMBER
from core.database import reading
from core.settings import load
from notify import rundown
from notify.brief import STATES
from notify.duty.store import open_pages
from notify.office import open_office
from notify.sandbox.running import running


@pytest.mark.parametrize(
    ("now", "second"),
    [
        (datetime(2026, 11, 22, 18, 29, tzinfo=UTC), datetime(2026, 11, 21, 18, 30, tzinfo=UTC)),
        (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
        (datetime(2026, 11, 22, 6, 0, tzinfo=UTC), datetime(2026, 11, 21, 18, 30, tzinfo=UTC)),
    ],
)
def test_nights_are_the_last_two_at_half_past_two_in_beijing(now: datetime, second: datetime) -> None:
    """The second night is never ahead of the clock, and the first is a day before it."""
    first, last = two_nights(now)
    assert last == second
    assert (last - first).days == 1


def test_next_commands_lead_to_the_demo_alone() -> None:
    """The commands unset what would lead to the office's database; what sends is shown only while the sandbox runs."""
    summary = {
        "alerts": [
            {"id": 1, "status": "done", "countries": ["ML"]},
            {"id": 2, "status": "draft", "countries": []},
            {"id": 3, "status": "draft", "countries": ["MG"]},
        ]
    }
    shown = commands(Path("/tmp/my home/demo"), summary, ["LINGBAO_DATABASE_URL"], serving=False)
    start = "env -u LINGBAO_DATABASE_URL LINGBAO_HOME='/tmp/my home/demo' lingbao "
    assert all(line.startswith(start) for line in shown)
    assert [line.removeprefix(start) for line in shown] == [
        "--as 示例专员 alert status",
        "--as 示例专员 ledger export --alert 1",
        "ledger verify",
        "--as 示例专员 safe phone 1",
        "--as 示例专员 why --person 14 --alert 1",
        "levels MG",
        "--as 示例专员 alert preview 3",
    ]
    serving = commands(Path("/demo"), summary, [], serving=True)
    assert [line.partition(" lingbao ")[2] for line in serving[7:]] == [
        "--as 示例专员 alert submit 3",
        "--as 示例审批员 alert approve 3 --confirm MG",
        "--as 示例审批员 alert send 3",
    ]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Play the demo once, beside an office that has a database and says so in the environment."""
    home = tmp_path_factory.mktemp("home")
    (home / "lingbao.db").write_bytes(b"the office's own")
    environ = os.environ | {
        "LINGBAO_HOME": str(home), "LINGBAO_DATABASE_URL": f"sqlite:///{home / 'lingbao.db'}", "LINGBAO_LANG": "en",
        "COLUMNS": "250",
    }  # fmt: skip
    command = [sys.executable, "-m", "cli", "demo", "--no-serve", "--people", "60"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, timeout=240, check=False)
    return home, done


def test_demo_plays_to_its_end(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """It exits with 0, without a traceback, after six steps."""
    _, done = played
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert re.findall(r"^\[(\d)/6\]", done.stderr, re.MULTILINE) == list("123456")


def test_demo_sends_the_one_alert_it_should(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Mali goes out to 27 people by 14 text messages and 13 mails; three other alerts wait for an officer.

    By hand: of the 28 special cases 25 are told (12 numbers, 11 mail addresses), and two of the 32 ordinary people.
    """
    _, done = played
    taken, arrived, lost = (
        STATES[name].render("en") for name in ("accepted", "provider_delivered", "provider_undelivered")
    )
    sent = rf"Sent by rule +#\d+ Mali: 27 people\. Notices: {taken} 27\. Receipts: {arrived} 13, {lost} 1\."
    assert len(re.findall(sent, done.stdout)) == done.stdout.count("Sent by rule") == 1
    waiting = re.findall(r"Waits for an officer +#\d+ ([^:]+):", done.stdout)
    assert sorted(waiting) == ["Madagascar", "Philippines", "no place named"]
    assert "14 text messages, 13 mails" in done.stdout


def test_demo_asks_who_is_safe(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Of 26 who were asked (one of 27 only plans to go) one needs help, two are safe; the foreman's word leaves twelve unclear."""
    home, done = played
    told = "1 need help, 12 answers are not clear, 11 of 26 have not answered, 2 are safe."
    assert " ".join(done.stdout.split()).count(told) == 1
    office = open_office(load(home=home / "demo"))
    with reading(office.engine) as connection:
        causes = [one.cause.partition("/")[0] for one in open_pages(connection)]
    office.engine.dispose()
    assert causes.count("help") == 1


def test_second_night_is_partial_and_says_why(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """One source answered with a login page, two people have no address, one number was not reached: all are named."""
    home, done = played
    assert "4 of 5 sources read, 494 entries; 6 changes; 27 people told" in done.stderr
    office = open_office(load(home=home / "demo"))
    summary = rundown.last_night(office)
    office.engine.dispose()
    assert summary["status"] == "Partial"
    assert [one["id"] for one in summary["sources"] if one["status"] == "broken"] == ["de-aa"]
    assert {"source-broken", "unreachable", "delivery-undelivered"} <= {gap["kind"] for gap in summary["gaps"]}
    briefs = sorted((home / "demo" / "briefs").iterdir())
    assert len(briefs) == 2
    assert "de-aa" in briefs[1].read_text(encoding="utf-8")


def test_sandbox_holds_what_was_planned(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Each number and each mail address was written to once; one number was not reached, all others were."""
    home, _ = played
    with running(home / "demo" / "sandbox") as sandbox:
        messages, mails = [one for one in sandbox.messages() if one.to != OUR_NUMBER], sandbox.mail()
    assert len({one.to for one in messages}) == len(messages) == 14
    assert len({one.to for one in mails}) == len(mails) == 13
    assert Counter(one.status for one in messages) == {"delivered": 13, "undelivered": 1}
    assert [one.to for one in messages if one.status == "undelivered"] == [UNKNOWN_NUMBER]
    # Only the foreman is asked to pass the word on.
    assert [one.to for one in messages if "转告" in one.body] == [FOREMAN]


def test_office_is_untouched_and_nothing_runs_on(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The office's home has nothing new but the demo's directory, and no process of the demo is left."""
    home, _ = played
    assert sorted(path.name for path in home.iterdir()) == ["demo", "lingbao.db"]
    assert (home / "lingbao.db").read_bytes() == b"the office's own"
    assert _processes_of(home) == []


def _processes_of(home: Path) -> list[str]:
    """Return the processes whose environment names the home: whatever the demo started got it from there."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if str(home).encode() in environ.read_bytes():
                found.append(environ.parent.name)
    return found
