"""Stories end to end by the command: `lingbao night --captures`, officers at the same command line, telephones in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.clock import iso
from core.database import writing
from core.settings import load
from notify.office import open_office
from notify.rundown import has_findings
from notify.sandbox.running import Running, running
from registry import users
from registry.actors import SYSTEM, Actor
from registry.enrol import enrol, index_key
from registry.people import NewPosting
from registry.tables import Role
from tests.flows.running import Server, environment, lingbao
from tests.notify.alerts.nights import Captures
from tests.notify.alerts.scene import person
from tests.notify.alerts.test_hazard_nights import work_turkey
from tests.notify.stories.office import hold_border, number, work_border

CHIEF = Actor("console", Role.ADMINISTRATOR)


@dataclass
class ByCommand(Captures):
    """An office of which every night is a process of its own."""

    env: Mapping[str, str]
    sandbox: Running

    def work(self, sources: Any, at: datetime) -> dict[str, Any]:
        """Work the night by the command; return what it printed."""
        named = [word for one in sources for word in ("--source", one)]
        done = lingbao(self.env, "night", "--captures", str(self.folder), "--at", str(iso(at)), *named, "--json")
        found: dict[str, Any] = json.loads(done.stdout)
        assert (done.returncode, found["status"]) == (int(has_findings(found)), "Completed"), done.stderr
        return found

    def officer(self, name: str, *words: str) -> Result:
        """Type a command as an officer."""
        return CliRunner().invoke(app, ["--as", name, *words], env=dict(self.env))

    def sent(self) -> list[tuple[str, str]]:
        """Return what reached telephones: numbers and words."""
        return [(one.to, one.body) for one in self.sandbox.messages()]


@pytest.fixture(scope="module")
def telephones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a sandbox whose messages live their whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


@pytest.fixture
def office(server: Server, telephones: Running, tmp_path: Path) -> ByCommand:
    """Give an office with one person in each country of the stories, an officer and an approver."""
    telephones.reset()
    home, folder = tmp_path / "home", tmp_path / "captures-of-the-story"
    folder.mkdir()
    made = open_office(load(home=home))
    now = made.clock.now()
    (home / "tokens").mkdir()
    people = [person(NewPosting(one), sms=(number(one),)) for one in ("TJ", "AF", "UZ", "TR", "SY")]
    with writing(made.engine) as connection:
        for name, role in (("chief", Role.ADMINISTRATOR), ("zhang", Role.OFFICER), ("li", Role.APPROVER)):
            users.add_user(connection, CHIEF, name=name, role=role, now=now)
            (home / "tokens" / name).write_text(users.issue_token(connection, CHIEF, name, now))
        enrol(connection, SYSTEM, people, keys=made.keys, index_key=index_key(connection, made.keys), now=now)
    made.engine.dispose()
    more = {"LINGBAO_CHANNELS": "sms", "LINGBAO_TWILIO_BASE_URL": telephones.url, "LINGBAO_LANG": "zh-CN"}
    return ByCommand(folder, environment(home, **server.variables, **more), telephones)


def test_the_ministry_warns_of_a_border(office: ByCommand) -> None:
    """TJ/AF, 14 September 2026, level 4 and "leave": one alert by rule, one message each to Tajikistan and Afghanistan."""
    hold_border(work_border(office), office.sent())


def test_a_great_quake_is_one_click_away(office: ByCommand) -> None:
    """Turkey, 6 February 2023, M 7.8: one draft at 02:00, nobody is told before two officers say so; then one message, once."""
    work_turkey(office, [datetime(2023, 2, 6, 2, tzinfo=UTC)])
    drafts = [json.loads(line) for line in office.officer("zhang", "alert", "status", "--json").stdout.splitlines()]
    quakes = [one for one in drafts if one["rule"] == "hazard-3"]
    assert [(one["status"], one["countries"]) for one in quakes] == [("draft", ["TR"])]
    assert office.sent() == []
    alert = str(quakes[0]["id"])
    for name, *words in (("zhang", "submit"), ("li", "approve", "--confirm", "土耳其"), ("zhang", "send")):
        done = office.officer(name, "alert", words[0], alert, *words[1:])
        assert done.exit_code == 0, (done.output, done.exception)
    assert [to for to, _ in office.sent()] == [number("TR")]
    assert office.officer("zhang", "alert", "send", alert).exit_code != 0
    assert [to for to, _ in office.sent()] == [number("TR")]
