"""The doctor: an office that is well is told so; each thing that is broken is named, with what to do, and nothing is changed."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from cli.doctor import store, versions
from cli.doctor.channels import Line, line_of
from cli.doctor.model import Status, Wish
from core import audit
from core.database import open_engine, reading
from core.examine import PostgresFacts, postgres_facts
from core.keys import KEY_FILE, fresh_key, replace_key_file
from core.settings import Settings
from core.tables import Mode
from notify.proof import seal
from tests.cli.doctor.house import NOW, World, by_name, change, go, look, patient

ROOT = Path(__file__).resolve().parents[3]
WRONG = (Status.WARNING, Status.FAULT)


def wrong(found: Any) -> dict[str, list[str]]:
    """Return what is not right, besides the time zone data of the machine that runs this."""
    return {name: said for name, said in by_name(found, *WRONG).items() if name != "time-zones"}


def test_an_office_that_is_well(home: Path) -> None:
    """Every check speaks, none has anything to say against it, and each line of advice belongs to something."""
    found = look(patient(home))
    assert wrong(found) == {}
    names = {one.name for one in found}
    assert names == {
        "versions", "time-zones", "files", "database", "schema", "database-file", "keys", "settings", "sources", "channels", "running",
        "watchdog", "proof", "backups", "clock", "prefect",
    }  # fmt: skip
    assert all(one.todo is None for one in found if one.status is Status.OK)


def test_there_is_no_office(tmp_path: Path) -> None:
    """The doctor says so and makes none."""
    found = look(patient(tmp_path / "elsewhere"))
    assert "There is no office in" in wrong(found)["database"][0]
    assert not (tmp_path / "elsewhere" / "lingbao.db").exists()
    assert by_name(found, Status.SKIPPED)["database-file"]


@pytest.mark.parametrize(
    ("schema", "said", "todo"),
    [("0015", "this program needs", "lingbao db upgrade"), ("9999", "newer version", "newer program")],
)
def test_another_schema(home: Path, schema: str, said: str, todo: str) -> None:
    """An older database is not brought up to date, a newer one not written to; what to do is another thing for each."""
    change(home, lambda c: c.execute(text("UPDATE alembic_version SET version_num = :s"), {"s": schema}))
    found = look(patient(home))
    (one,) = [each for each in found if each.name == "schema"]
    assert (one.status, said in str(one.words), todo in str(one.todo)) == (Status.FAULT, True, True)
    seen: list[str] = []
    change(home, lambda c: seen.extend(c.execute(text("SELECT version_num FROM alembic_version")).scalars()))
    assert seen == [schema]
    assert "keys" not in {each.name for each in found}


def test_a_file_that_is_no_database(home: Path) -> None:
    """What cannot be read is a finding, and the other checks go on."""
    for file in home.glob("lingbao.db*"):
        file.unlink()
    (home / "lingbao.db").write_bytes(b"no database" * 100)
    found = look(patient(home))
    assert wrong(found)["database"] == ["This could not be looked at: DatabaseError"]
    assert "prefect" in by_name(found)


def test_the_key_of_another_office(home: Path) -> None:
    """Keys that do not open are counted and named; the page on a lost key is pointed at."""
    replace_key_file(home / KEY_FILE, [fresh_key("k1")])
    (one,) = [each for each in look(patient(home)) if each.name == "keys"]
    assert one.status is Status.FAULT
    assert re.search(r"^\d+ of \d+ keys .* instance/1", str(one.words))
    assert "key-lost.md" in str(one.todo)


def test_a_second_key_that_opens_nothing(home: Path) -> None:
    """A rotation that was never finished, or a key that was never taken out."""
    lines = (home / KEY_FILE).read_text().split()
    replace_key_file(home / KEY_FILE, [*lines, fresh_key("k0")])
    assert wrong(look(patient(home)))["keys"] == ["Master key k0 opens nothing that was tried."]


def test_no_key_at_all(home: Path) -> None:
    """A key file that is gone is named, and no new one is made in its place."""
    (home / KEY_FILE).unlink()
    assert "There is no master key" in wrong(look(patient(home)))["keys"][0]
    assert not (home / KEY_FILE).exists()


def test_files_that_others_can_read_are_closed_if_asked(home: Path) -> None:
    """The key is a fault, the rest a warning; `--fix` closes them, and says that it did."""
    (home / KEY_FILE).chmod(0o644)
    home.chmod(0o755)
    found = [one for one in look(patient(home)) if one.name == "files"]
    assert [one.status for one in found] == [Status.WARNING, Status.FAULT]
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o644
    mended = [one for one in look(patient(home, wish=Wish(offline=True, fix=True))) if one.name == "files"]
    assert [(one.status, one.mended) for one in mended] == [(Status.OK, True)] * 2
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600
    assert wrong(look(patient(home))) == {}


def test_what_a_live_office_must_not_leave_as_the_example(home: Path) -> None:
    """Addresses that lead to this machine, example names and accounts: each is named in a live office and in none that tries."""
    go(home, Mode.LIVE)
    said = wrong(look(patient(home, duty_phone="")))
    text_ = " ".join(said["settings"])
    for name in ("public_base_url", "mail_from", "office_name", "canary", "own telephone", "Nobody is called"):
        assert name in text_, name
    assert any("Twilio" in one for one in said["channels"])
    assert any("mail is in use and has no provider" in one for one in said["channels"])
    assert said["backups"] == ["No backup is made at night."]


def test_providers_that_do_not_listen(home: Path) -> None:
    """In a sandbox a warning with the command that starts them; each is asked where it is, and nothing is sent."""
    world = World(refuses=frozenset({"127.0.0.1"}))
    found = [one for one in look(patient(home, world)) if one.name == "channels"]
    assert [one.status for one in found] == [Status.WARNING] * 2
    assert "lingbao sandbox" in str(found[0].todo)
    assert world.asked == [("127.0.0.1", 8425, False), ("127.0.0.1", 8426, False)]


def test_offline_asks_nobody_outside(home: Path) -> None:
    """A provider elsewhere is not asked, nor any server for the time; both are said."""
    go(home, Mode.DRILL)
    world = World()
    settings: dict[str, Any] = {"channels": ("sms",), "drill_allow": frozenset({"+8613800138000"})}
    found = look(patient(home, world, **settings))
    assert by_name(found, Status.SKIPPED)["channels"] == ["text message: api.twilio.com:443 was not asked (--offline)."]
    assert (world.asked, "clock" in by_name(found, Status.SKIPPED)) == ([], True)
    look(patient(home, world, Wish(), **settings))
    assert world.asked == [("api.twilio.com", 443, True)]


@pytest.mark.parametrize(
    ("name", "settings", "mode", "expected"),
    [
        ("sms", {}, Mode.SANDBOX, Line("127.0.0.1", 8425, False)),
        ("email", {}, Mode.SANDBOX, Line("127.0.0.1", 8426, False)),
        (
            "email",
            {"smtp_host": "127.0.0.1", "smtp_port": 465, "smtp_security": "tls"},
            Mode.LIVE,
            Line("127.0.0.1", 465, True),
        ),
        ("sms", {"twilio_base_url": "http://127.0.0.1:9999"}, Mode.LIVE, Line("127.0.0.1", 9999, False)),
        ("sms_cn", {"sms_cn_base_url": "https://127.0.0.1/x"}, Mode.LIVE, Line("127.0.0.1", 443, True)),
        ("wecom", {}, Mode.LIVE, Line("127.0.0.1", 443, True)),
    ],
)
def test_where_a_provider_listens(name: str, settings: dict[str, Any], mode: Mode, expected: Line) -> None:
    """By the address of the settings, else the sandbox, else the usual port over TLS."""
    assert line_of(Settings(**settings), name, "127.0.0.1", mode) == expected


@pytest.mark.parametrize(("off", "status"), [(0, Status.OK), (45, Status.WARNING), (-600, Status.FAULT)])
def test_the_clock_is_held_against_a_server(home: Path, off: int, status: Status) -> None:
    """Seconds are tolerated; minutes are a fault, whichever way it is off."""
    found = look(patient(home, World(says=NOW - timedelta(seconds=off)), Wish()))
    assert [one.status for one in found if one.name == "clock"] == [status]


def test_a_source_that_failed_says_why_and_what_to_do(home: Path) -> None:
    """One of the home authorities is a fault, another publisher's a warning."""

    def fail(connection: Connection) -> None:
        reason = '{"text": "{source}: {url} refuses us (answer {status}): blocked.", "values": {"source": "x", "url": "u", "status": 403}}'
        query = "UPDATE source_state SET failures = 3, reason = :r WHERE source_id IN ('cn-mfa', 'us-state')"
        connection.execute(text(query), {"r": reason})

    change(home, fail)
    found = [one for one in look(patient(home)) if one.name == "sources" and one.status in WRONG]
    assert {str(one.words).partition(":")[0]: one.status for one in found} == {
        "cn-mfa": Status.FAULT,
        "us-state": Status.WARNING,
    }
    assert all("Open the address in a browser" in str(one.todo) for one in found)


def test_nothing_runs(home: Path) -> None:
    """Silent dispatchers and sweeps are a fault of their own, besides what the watchdog finds of the sweep."""
    change(home, lambda c: c.execute(text("DELETE FROM pulse")))
    said = wrong(look(patient(home)))
    assert said["running"][0].startswith("Neither a dispatcher nor the sweep runs")
    assert said["watchdog"] == ["The sweep has never run."]


def test_a_changed_ledger(home: Path) -> None:
    """A row of the newest seals that was changed is located; the seals before them are not recomputed."""

    def sealed(connection: Connection) -> None:
        for day in range(30):
            audit.record(connection, actor="x", action="a", subject="s/1", now=NOW, detail=str(day))
            seal(connection, NOW)

    change(home, sealed)
    assert wrong(look(patient(home))) == {}
    change(home, lambda c: c.execute(text("UPDATE audit SET detail = 'y' WHERE id = (SELECT min(id) FROM audit)")))
    assert wrong(look(patient(home))) == {}
    change(home, lambda c: c.execute(text("UPDATE audit SET detail = 'y' WHERE id = (SELECT max(id) FROM audit)")))
    assert re.match(r"Seal \d+ does not hold: audit", wrong(look(patient(home)))["proof"][0])


def test_a_seal_that_was_slipped_in(home: Path) -> None:
    """The newest seals must join the one before them, even if only they are looked at."""

    def slip(connection: Connection) -> None:
        for day in range(25):
            audit.record(connection, actor="x", action="a", subject="s/1", now=NOW, detail=str(day))
            seal(connection, NOW)
        connection.execute(text("UPDATE seal SET link = 'x' WHERE id = 5"))

    change(home, slip)
    assert wrong(look(patient(home)))["proof"][0].startswith("Seal 6 does not hold")


def test_backups(home: Path, tmp_path: Path) -> None:
    """A directory without any, one with an old one, and a copy that nobody has claimed."""
    folder = tmp_path / "backups"
    folder.mkdir()
    settings: dict[str, Any] = {"backup_recipient": "age1" + "q" * 58, "backup_dir": folder}
    said = wrong(look(patient(home, **settings)))
    assert said["backups"] == [f"There is no backup in {folder}."]
    change(home, lambda c: c.execute(text("UPDATE instance SET restored_at = :at"), {"at": "2026-11-20 00:00:00"}))
    assert "restored copy" in wrong(look(patient(home)))["backups"][0]


def test_the_pins_are_those_of_the_project() -> None:
    """What the doctor holds against the installation is what the installation is asked for."""
    asked = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f'"{one}"' in asked for one in versions.PINS)


@pytest.mark.parametrize(
    ("asked", "have", "is_wrong"),
    [
        ("sqlalchemy>=2.0,<2.1", "2.1.9", True), ("sqlalchemy>=2.0,<2.1", "2.0.58", False), ("fastapi<0.151", "", True),
        ("x>=1; python_version < '3'", "", False),
    ],
)  # fmt: skip
def test_a_version_that_does_not_fit_is_named(asked: str, have: str, is_wrong: bool) -> None:
    """Missing and wrong ones; not what this Python does not need."""
    one = Requirement(asked)
    assert bool(versions._wrong([one], {one.name: have})) is is_wrong


def test_the_versions_installed_here_fit() -> None:
    """The libraries that the tests run with are those that were tried together."""
    assert all(Requirement(one).specifier.contains(version(Requirement(one).name)) for one in versions.PINS)


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [("+VERSION", "2026a\n", "2026a"), ("tzdata.zi", "# version 2025b\nR", "2025b"), ("x", "", "")],
)
def test_the_version_of_the_system_s_time_zones(tmp_path: Path, file: str, content: str, expected: str) -> None:
    """Two ways in which systems say it; a system that says nothing has none to compare."""
    (tmp_path / file).write_text(content)
    assert versions._system_version([str(tmp_path / "none"), str(tmp_path)]) == expected


def test_a_prefect_server_that_is_away(home: Path) -> None:
    """That notices still leave is said with it: whoever reads this at night must know."""
    found = look(patient(home, wish=Wish(offline=True, prefect_url="http://127.0.0.1:1/api")))
    (one,) = [each for each in found if each.name == "prefect"]
    assert (one.status, "does not answer" in str(one.words)) == (Status.FAULT, True)
    assert "Notices still leave" in str(one.todo)


@pytest.mark.parametrize(
    ("facts", "status", "said"),
    [
        (PostgresFacts(150004, "UTF8", True, 20, 100), Status.OK, "PostgreSQL 15 takes rows"),
        (PostgresFacts(120001, "UTF8", True, 20, 100), Status.WARNING, "of version 12"),
        (PostgresFacts(150004, "SQL_ASCII", True, 20, 100), Status.FAULT, "cannot hold every name"),
        (PostgresFacts(150004, "UTF8", False, 20, 100), Status.FAULT, "does not wait for its disk"),
        (PostgresFacts(150004, "UTF8", True, 90, 100), Status.WARNING, "90 of 100 connections"),
    ],
)
def test_what_postgresql_says_of_itself(facts: PostgresFacts, status: Status, said: str) -> None:
    """Old, in another encoding, not durable, nearly full: each has words of its own."""
    first = next(iter(store._postgres(facts)))
    assert (first.status, said in str(first.words)) == (status, True)


def test_postgresql_is_asked(postgres_server: URL) -> None:
    """A real server answers what is asked of it. (That of the tests is made quick, and so is not durable.)"""
    engine = open_engine(postgres_server.render_as_string(hide_password=False))
    with reading(engine) as connection:
        facts = postgres_facts(connection)
    engine.dispose()
    assert (facts.version >= 130000, facts.encoding, facts.connections >= 1) == (True, "UTF8", True)
