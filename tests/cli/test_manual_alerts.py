"""Manual alerts at the command: bad input does the safe thing and says so; groups, templates, schedules, drills and pasted notices."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.database import set_mode, writing
from core.errors import BadInput, LingbaoError, NotAllowed, NotFound, WrongUse
from core.places.names import codes as country_codes
from core.settings import load
from core.tables import Mode
from notify.office import open_office
from registry import users
from registry.actors import SYSTEM, Actor
from registry.employers import add_employer
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground, Role

CHIEF = Actor("console", Role.ADMINISTRATOR)
TITLE = "请减少外出，注意安全"
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with an officer, an approver who also drafts, an employer, and two people in Zambia."""
    where = tmp_path_factory.mktemp("manual") / "home"
    office = open_office(load(home=where))
    now = office.clock.now()
    (where / "tokens").mkdir()
    with writing(office.engine) as connection:
        for name, role in (("chief", Role.ADMINISTRATOR), ("zhang", Role.OFFICER), ("li", Role.APPROVER)):
            users.add_user(connection, CHIEF, name=name, role=role, now=now)
            (where / "tokens" / name).write_text(users.issue_token(connection, CHIEF, name, now))
        employer = add_employer(connection, SYSTEM, code="C1", name="花果山公司", now=now)
        people = [_person(f"+26097700000{n}", employer if n == 1 else None) for n in (1, 2)]
        enrol(connection, SYSTEM, people, keys=office.keys, index_key=index_key(connection, office.keys), now=now)
    office.engine.dispose()
    return where


def _person(number: str, employer: int | None) -> NewPerson:
    return NewPerson("孙悟空", GivenConsent(Ground.EMPLOYMENT, "test/1"), employer, postings=(NewPosting("ZM"),),
                     addresses=(NewAddress("sms", number),))  # fmt: skip


@pytest.fixture
def run(home: Path) -> Command:
    """Give the command in this home, in English, as the officer unless said otherwise."""

    def call(*words: str, user: str = "zhang", given: str | bytes = "", **settings: str) -> Result:
        env = {"LINGBAO_HOME": str(home), "LINGBAO_LANG": "en", "COLUMNS": "300"} | settings
        return CliRunner().invoke(app, ["--as", user, *words], env=env, input=given)

    return call


def refused(result: Result, kind: type[LingbaoError], words: str) -> None:
    """Hold that a command was refused with these words, in both languages, and no traceback."""
    assert isinstance(result.exception, kind), (result.exception, result.output)
    assert words in str(result.exception.message)
    assert any("一" <= char <= "鿿" for char in result.exception.message.render("zh"))


def new(run: Command, *words: str) -> dict[str, Any]:
    """Write a draft for Zambia; return its JSON."""
    done = run("alert", "new", "--country", "赞比亚", "--level", "3", "--channel", "sms", *words, "--json")
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (["--country", " "], BadInput, "at least one country"),
        (["--country", "全部国家"], BadInput, "never goes to everybody"), (["--country", "All countries"], BadInput, "never goes to"),
        (["--country", "非洲"], BadInput, "no country or region"), (["--country", "ZM", "--employer", "C9"], NotFound, "C9"),
        (["--country", "ZM", "--group", "无"], NotFound, "no group 无"), (["--country", "ZM", "--person", "99"], NotFound, "99"),
        (["--country", "ZM", "--template", "无"], NotFound, "no template 无"), (["--country", "ZM", "--set", "x"], WrongUse, "NAME=WORDS"),
        (["--country", "ZM", "--send-at", "2020-01-01T00:00:00Z"], BadInput, "is over"),
        (["--country", "ZM", "--send-at", "明天"], WrongUse, "ISO time"),
        (["--country", "ZM", "--channel", "fax"], WrongUse, "cannot be written"),
    ],
)  # fmt: skip
def test_bad_input_writes_no_draft(run: Command, words: list[str], kind: type[LingbaoError], said: str) -> None:
    """No country, all countries, a continent, unknown targets, a moment that is over: each refused by name, and no draft is left."""
    before = run("alert", "status", "--json").stdout
    refused(run("alert", "new", "--level", "3", "--title", TITLE, *words), kind, said)
    assert run("alert", "status", "--json").stdout == before


def test_a_country_is_asked_for(run: Command) -> None:
    """Without any country the command is refused as it is typed."""
    asked = run("alert", "new", "--level", "3", "--title", TITLE)
    assert (asked.exit_code, "--country" in asked.stderr) == (2, True)


def test_too_many_countries(run: Command) -> None:
    """Thirty-one countries named one by one are everybody too."""
    codes = sorted(country_codes())[:31]
    named = [word for code in codes for word in ("--country", code)]
    refused(run("alert", "new", "--level", "3", "--title", TITLE, *named), BadInput, "31 countries are too many")


def test_a_text_over_the_limit_is_not_submitted(run: Command) -> None:
    """An officer's SMS that takes too many parts is refused when it is submitted, with what to do."""
    number = str(new(run, "--title", "请注意" * 39)["alert"])
    refused(run("alert", "submit", number, LINGBAO_SMS_MOST_PARTS="2"), BadInput, "are the limit")
    assert run("alert", "submit", number).exit_code == 0


def test_the_drafter_cannot_approve(run: Command) -> None:
    """Who wrote an alert cannot approve it, whatever the role; another approver types a country and can."""
    done = run("alert", "new", "--country", "ZM", "--level", "3", "--title", TITLE, "--json", user="li")
    number = str(json.loads(done.stdout)["alert"])
    assert run("alert", "submit", number).exit_code == 0
    refused(run("alert", "approve", number, "--confirm", "赞比亚", user="li"), NotAllowed, "another person")
    refused(run("alert", "approve", number, "--confirm", "马里", user="chief"), BadInput, "not among the countries")
    assert run("alert", "approve", number, "--confirm", "赞比亚", user="chief").exit_code == 0


def test_the_targets_of_a_draft_are_changed_until_it_is_submitted(run: Command) -> None:
    """Employers, people, groups and places of a draft are replaced by kind, or all taken away, and the people are counted anew; an
    unknown one changes nothing; what was submitted stands."""

    def edited(*words: str) -> int:
        return int(json.loads(run("alert", "edit", number, *words, "--json").stdout)["people"])

    number = str(new(run, "--title", TITLE)["alert"])
    assert edited("--employer", "C1") == 1
    assert edited("--person", "2") == 2
    refused(run("alert", "edit", number, "--employer", "C9"), NotFound, "C9")
    refused(run("alert", "edit", number, "--person", "99"), NotFound, "99")
    assert edited("--level", "2") == 2
    assert edited("--everybody", "--person", "1") == 1
    assert edited("--country", "马里") == 0
    assert edited("--country", "ZM", "--everybody") == 2
    assert json.loads(run("alert", "preview", number, "--json").stdout)["narrowing"]["targets"] == []
    assert "2 people" in run("alert", "edit", number, "--place", "基特韦").stdout
    assert run("alert", "submit", number).exit_code == 0
    refused(run("alert", "edit", number, "--everybody"), BadInput, "only a draft can be changed")


def test_a_template_and_a_group(run: Command) -> None:
    """A saved template and group make a draft in one line; a gap left open is refused; the preview says who is left out."""
    assert (
        run(
            "alert", "template", "set", "quake", "--title", "{{ countries }}{{ place }}发生地震，请注意安全", user="li"
        ).exit_code
        == 0
    )
    assert run("group", "add", "甲公司", "--employer", "C1").exit_code == 0
    refused(run("alert", "new", "--country", "ZM", "--level", "3", "--template", "quake"), BadInput, "lacks: place")
    number = str(new(run, "--template", "quake", "--set", "place=基特韦", "--group", "甲公司", "--ask-safe")["alert"])
    seen = json.loads(run("alert", "preview", number, "--json").stdout)
    assert (seen["people"], seen["narrowing"]["there"]) == (1, 2)
    assert seen["narrowing"]["targets"] == [{"target": "Groups: 甲公司", "kept": 1, "left": 1}]
    assert "leaves out 1" in run("alert", "preview", number).stdout
    assert json.loads(run("group", "list", "--json").stdout)["employers"] == ["C1"]
    assert "C1" in run("group", "show", "甲公司").stdout
    assert run("group", "remove", "甲公司").exit_code == 0
    refused(run("group", "show", "甲公司"), NotFound, "no group")
    assert "quake" in run("alert", "template", "list").stdout


def test_a_schedule_is_set_listed_and_taken_back(run: Command) -> None:
    """An alert for later stands in the list with its end, and leaves it when it is taken back."""
    later = datetime.now(UTC) + timedelta(hours=3)
    number = str(new(run, "--title", TITLE, "--send-at", later.isoformat())["alert"])
    listed = [json.loads(line) for line in run("alert", "schedules", "--json").stdout.splitlines()]
    assert [(one["state"], one["by"]) for one in listed if str(one["alert"]) == number] == [("waiting", "zhang")]
    assert "not scheduled any more" in run("alert", "unschedule", number).stdout
    assert "no schedule" in run("alert", "unschedule", number).stdout
    assert "leaves at" in run("alert", "schedule", number, "--at", later.isoformat(), "--expire-hours", "1").stdout


def test_a_pasted_notice(run: Command) -> None:
    """A notice from a chat group, in the encoding of its machine, becomes a draft; what names no country asks, and exits with 1."""
    text = "使馆提醒在马里中国公民尽快撤离\n近日局势恶化。"
    done = run("advisory", "paste", "--origin", "使馆微信群", "--json", given=text.encode("gb18030"))
    assert (done.exit_code, json.loads(done.stdout)["countries"]) == (0, ["ML"])
    assert "pasted before" in run("advisory", "paste", "--origin", "别处", given=text).stdout
    vague = run("advisory", "paste", "--origin", "使馆微信群", given="请大家注意，路上有人抢劫。")
    assert (vague.exit_code, "Which is meant?" in vague.stderr) == (1, True)


def test_live_asks_for_a_country_and_a_drill_does_not(run: Command, home: Path) -> None:
    """In a live office a send without the name of a country, or with another one, does nothing; a drill goes without, to nobody here."""
    office = open_office(load(home=home))
    with writing(office.engine) as connection:
        set_mode(connection, Mode.LIVE)
    numbers = [str(new(run, "--title", TITLE, *more)["alert"]) for more in ([], ["--drill"])]
    for number in numbers:
        assert run("alert", "submit", number).exit_code == 0
        assert run("alert", "approve", number, "--confirm", "ZM", user="chief").exit_code == 0
    refused(run("alert", "send", numbers[0], "--confirm", "马里"), BadInput, "not among the countries")
    assert run("alert", "send", numbers[0], given="").exit_code == 1  # asked, and nothing typed
    states = {str(one["id"]): one for one in map(json.loads, run("alert", "status", "--json").stdout.splitlines())}
    assert [states[number]["status"] for number in numbers] == ["approved", "approved"]
    assert [states[number]["drill"] for number in numbers] == [False, True]
    assert "This is a drill" in run("alert", "preview", numbers[1]).stdout
    with writing(office.engine) as connection:
        set_mode(connection, Mode.SANDBOX)
    office.engine.dispose()
