"""Nothing personal lies open: not in the database, its log, its backups, its rows, nor in what the program says to its log."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, LargeBinary, MetaData, func, select
from sqlmodel import SQLModel
from typer.testing import CliRunner, Result

from cli.app import app
from core.database import reading, writing
from core.errors import LingbaoError, WrongUse
from core.keys import KEY_FILE, KeyGone, MasterKeys, fresh_key, load_master_keys
from core.settings import load
from core.tables import Audit, table
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import open_office
from notify.sandbox.running import Running, running
from notify.tables import Receipt
from notify.wrapped import WRAPPED
from registry.actors import SYSTEM
from registry.signup.texts import current
from registry.tables import HomeContact, Registrant

SECRETS = {
    "name of an employee": "欧阳倩茹", "phone of an employee": "+992935471826", "mail of an employee": "ouyang.qr@example.com",
    "name of a contact at home": "司徒婉仪", "phone of a contact at home": "+8613918273645",
    "name of a resident": "诸葛静姝", "phone of a resident": "+992917263548", "companion of a resident": "诸葛小满",
    "name of a company's contact": "端木崇远", "phone of a company's contact": "+8613516273849",
    "mail of a company's contact": "duanmu.cy@example.com",
    "passport number": "E83726154", "identity number": "370602198503127431",
    "answer of an employee": "困在彩虹旅馆三楼",
}  # fmt: skip


@dataclass
class Home:
    """A command line over one database."""

    path: Path
    url: str
    sandbox: Running
    said: str = ""

    def run(self, *words: str) -> Result:
        """Run a command with its log; keep what went to the log."""
        env = {"LINGBAO_HOME": str(self.path), "LINGBAO_DATABASE_URL": self.url, "LINGBAO_LANG": "zh-CN",
               "LINGBAO_SANDBOX_PORT": str(self.sandbox.port), "LINGBAO_POLL_AFTER": "0"}  # fmt: skip
        result = CliRunner().invoke(app, ["--verbose", *words], env=env)
        self.said += result.stderr
        return result

    def ok(self, *words: str) -> str:
        """Run a command that must end by itself; return its result."""
        result = self.run(*words)
        assert result.exception is None or isinstance(result.exception, SystemExit), (words, result.exception)
        return result.stdout


def roster(path: Path) -> Path:
    """Write a roster with everything a company may put into one, papers too."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        [
            "姓名",
            "身份证号",
            "护照号码",
            "所在国家",
            "境外联系电话",
            "邮箱",
            "紧急联系人",
            "紧急联系人电话",
            "是否同意境外服务商",
        ]
    )
    sheet.append([
        SECRETS["name of an employee"], SECRETS["identity number"], SECRETS["passport number"], "塔吉克斯坦",
        SECRETS["phone of an employee"], SECRETS["mail of an employee"], SECRETS["name of a contact at home"],
        SECRETS["phone of a contact at home"], "是",
    ])  # fmt: skip
    book.save(path)
    return path


@pytest.fixture
def home(bare_engine: Engine, tmp_path: Path) -> Iterator[Home]:
    """Give a register filled through the doors people use, an alert sent through the sandbox, and its receipts."""
    with running(tmp_path / "sandbox") as sandbox:
        home = Home(tmp_path / "home", bare_engine.url.render_as_string(hide_password=False), sandbox)
        fill(home, roster(tmp_path / "roster.xlsx"))
        warn(home)
        yield home


def fill(home: Home, file: Path) -> None:
    """Bring in an employee by roster, a resident with a companion by code, and the contact of a company."""
    home.ok("employer", "add", "DEMO1", "示例一公司")
    home.ok("employer", "contact-add", "DEMO1", SECRETS["name of a company's contact"], "--phone",
            SECRETS["phone of a company's contact"], "--mail", SECRETS["mail of a company's contact"])  # fmt: skip
    home.ok("roster", "check", str(file), "--json")
    home.ok("roster", "import", str(file), "--employer", "DEMO1", "--apply", "--json")
    pending = home.ok(
        "resident", "register", SECRETS["name of a resident"], "--country", "塔吉克斯坦", "--foreign", "--companion",
        SECRETS["companion of a resident"], "--address", SECRETS["phone of a resident"], "--contact",
        SECRETS["name of a contact at home"], "--contact-phone", SECRETS["phone of a contact at home"], "--accept", current(),
        "--json",
    )  # fmt: skip
    [message] = home.sandbox.messages()
    code = re.search(r"(?<!\d)\d{6}(?!\d)", message.body)
    assert code is not None
    home.ok("resident", "confirm", "--ticket", json.loads(pending)["ticket"], "--code", code[0])


def warn(home: Home) -> None:
    """Send an alert to everybody, fetch what became of it, and seal the proof."""
    office = open_office(load(home=home.path, database_url=home.url))
    manual = ManualAlert(countries=["塔吉克斯坦"], level=4, title_zh="示例：请尽快离开", channels=["sms", "email"])
    with writing(office.engine) as connection:
        draft = draft_manual(manual, office.name, office.clock.now())
        version = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version is not None
        alerts.release_by_rule(connection, version, office.acting(SYSTEM))
    home.ok("dispatch", "--json")
    home.ok("reconcile", "--json")
    home.ok("safe", "mark", "1", "--person", "1", "--answer", "help", "--note", SECRETS["answer of an employee"])
    home.ok("prove", "--json")
    with reading(office.engine) as connection:
        assert len(connection.execute(select(table(Receipt))).all()) >= 2, "no receipt was kept"
        assert len(connection.execute(select(table(Registrant))).all()) == 3
        assert len(connection.execute(select(table(HomeContact))).all()) >= 2
    office.engine.dispose()
    assert {one.to for one in home.sandbox.messages()} >= {
        SECRETS["phone of an employee"],
        SECRETS["phone of a resident"],
    }
    assert [one.to for one in home.sandbox.mail()] == [(SECRETS["mail of an employee"],)]


def forms(secret: str) -> set[bytes]:
    """Return a value as it might lie somewhere: plain, in UTF-16, escaped as in JSON, in hex, in base64 at any offset."""
    words = {secret, secret.removeprefix("+")}
    found = set()
    for word in words:
        plain = word.encode()
        found |= {
            plain,
            word.encode("utf-16-le"),
            word.encode("utf-16-be"),
            json.dumps(word)[1:-1].encode(),
            plain.hex().encode(),
        }
        for shift in range(3):
            coded = base64.b64encode(bytes(shift) + plain)
            found.add(coded[4 if shift else 0 : len(coded) - 4])
    return found


def leaks(where: str, content: bytes) -> list[str]:
    """Return which of the secrets lie open in some bytes."""
    return [f"{name} in {where}" for name, secret in SECRETS.items() if any(form in content for form in forms(secret))]


def rows_as_bytes(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Yield every column of every table, as bytes."""
    found = MetaData()
    found.reflect(engine)
    with reading(engine) as connection:
        for one in found.sorted_tables:
            for row in connection.execute(select(one)).mappings():
                for column, value in row.items():
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    yield f"{one.name}.{column}", raw


def test_nothing_personal_lies_open(home: Home, bare_engine: Engine, tmp_path: Path) -> None:
    """No name, number, mail or paper is in any row, file, log line, write-ahead log or backup; what was sent is the test's proof."""
    found = [leak for where, content in rows_as_bytes(bare_engine) for leak in leaks(where, content)]
    files = [path for path in home.path.rglob("*") if path.is_file()]
    if bare_engine.dialect.name == "sqlite":
        source = Path(str(bare_engine.url.database))
        with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
            opened.backup(backup)
        files += [*source.parent.glob(f"{source.name}*"), tmp_path / "backup.db"]
        assert source in files
    found += [leak for path in files for leak in leaks(path.name, path.read_bytes())]
    assert home.said, "there was no log to look at"
    assert found + leaks("the log", home.said.encode()) == []


ENCODINGS: tuple[Callable[[str], bytes], ...] = (
    str.encode, lambda text: base64.b64encode(b"x" + text.encode() + b"yz"), lambda text: text.encode("utf-16-le"),
)  # fmt: skip


@pytest.mark.parametrize("encode", ENCODINGS)
def test_a_leak_would_be_found(encode: Callable[[str], bytes]) -> None:
    """The search finds each secret in each form."""
    for name, secret in SECRETS.items():
        assert leaks("here", b"12" + encode(secret) + b"34") == [f"{name} in here"]


def test_after_a_rotation_the_old_key_opens_nothing(home: Home, bare_engine: Engine) -> None:
    """The command changes the master key; everybody can still be shown, and no wrapped key of any table opens with the old one."""
    settings = load(home=home.path)
    old = load_master_keys(settings)
    kept = MasterKeys(dict(old.keys), old.current)
    done = json.loads(home.ok("db", "rotate-keys", "--json"))
    assert (done["current"], done["retired"], done["damaged"]) == ("k2", ["k1"], [])
    new = load_master_keys(settings)
    wraps = []
    with reading(bare_engine) as connection:
        for column in WRAPPED:
            wraps += list(connection.execute(select(column).where(column.is_not(None))).scalars())
    assert len(wraps) == done["rewrapped"] >= 5
    for wrapped in wraps:
        assert len(new.unwrap(bytes(wrapped))) == 32
        with pytest.raises(KeyGone):
            kept.unwrap(bytes(wrapped))
    assert SECRETS["name of an employee"] in home.ok("people", "list", "--json")
    assert json.loads(home.ok("ledger", "verify", "--json"))["faults"] == []


def test_every_column_of_bytes_is_known() -> None:
    """Each column of bytes is sealed, a blind index, a hash, or a wrapped key that a rotation passes: a new one must be decided on."""
    wrapped = {f"{column.table.name}.{column.name}" for column in WRAPPED}
    columns = {
        f"{one.name}.{column.name}" for one in SQLModel.metadata.tables.values() for column in one.columns
        if isinstance(column.type, LargeBinary)
    }  # fmt: skip
    sealed = {name for name in columns if name.endswith(("_sealed", "_index", "_hash", ".payload"))}
    assert columns - sealed == wrapped


def test_every_look_at_people_leaves_a_line(home: Home, bare_engine: Engine, tmp_path: Path) -> None:
    """Each command that shows, exports or writes people leaves a line in the audit: who and what, by number and never by name."""
    out, roster, book = (str(tmp_path / name) for name in ("taken.json", "roster.xlsx", "safe.xlsx"))
    commands = [
        (("people", "list"), "people.view"), (("people", "history", "1"), "people.history"),
        (("people", "whereabouts", "--country", "TJ", "--names"), "people.whereabouts"),
        (("person", "show", "1", "--json"), "person.access"), (("person", "export", "1", "--out", out), "person.export"),
        (("person", "correct", "1", "--language", "en"), "person.correction"),
        (("people", "export", "--format", "jsonl"), "people.export"), (("coverage", "--numbers"), "people.numbers"),
        (("safe", "board", "1", "--by", "person"), "safe.board"), (("safe", "export", "1", "--out", book), "safe.export"),
        (("safe", "mark", "1", "--person", "1", "--answer", "safe"), "safe.mark"),
        (("employer", "contact-list", "DEMO1"), "contact.view"), (("ledger", "export", "--person", "1"), "ledger.export"),
        (("roster", "import", roster, "--employer", "DEMO1", "--apply"), "roster.import"),
        (("person", "erase", "1", "--confirm", "1"), "person.erase"),
        (("person", "erase-contact", "1"), "contact.erase"),
    ]  # fmt: skip
    audit = table(Audit)
    for words, action in commands:
        with reading(bare_engine) as connection:
            last = connection.execute(select(func.max(audit.c.id))).scalar_one()
        home.ok(*words)
        with reading(bare_engine) as connection:
            lines = connection.execute(select(audit).where(audit.c.id > last)).all()
        assert action in [line.action for line in lines], words
        assert {line.actor for line in lines} == {"console"}, words
    taken = json.loads((tmp_path / "taken.json").read_text(encoding="utf-8"))
    assert (taken["name"], taken["contacts"][0]["name"]) == (
        SECRETS["name of an employee"],
        SECRETS["name of a contact at home"],
    )
    assert {one["state"] for one in taken["notices"]} == {"accepted"}
    assert taken["answers"][0]["words"] == SECRETS["answer of an employee"]
    assert 1 not in {json.loads(line)["id"] for line in home.ok("people", "list", "--json").splitlines()}
    assert json.loads(home.ok("ledger", "verify", "--json"))["faults"] == []
    exported = [json.loads(line) for line in home.ok("ledger", "export", "--person", "1").splitlines()]
    assert exported
    assert all(one["erased_at"] for one in exported)


def test_wrong_use_of_the_rights_is_refused(home: Home, tmp_path: Path) -> None:
    """An erasure without its confirmation, an export over a file, and a change without its stay do nothing."""
    there = tmp_path / "there.json"
    there.write_text("mine")
    for words in (
        ("person", "erase", "1"), ("person", "erase", "1", "--confirm", "2"), ("person", "export", "1", "--out", str(there)),
        ("person", "correct", "1", "--city", "杜尚别"), ("person", "correct", "1", "--add", "12345"),
        ("person", "correct", "1", "--posting", "1", "--to", "soon"), ("person", "show", "99"),
    ):  # fmt: skip
        assert isinstance(home.run(*words).exception, LingbaoError), words
    assert there.read_text() == "mine"
    assert SECRETS["name of an employee"] in home.ok("people", "list", "--json")
    assert SECRETS["name of an employee"] in home.ok("person", "show", "1")
    assert json.loads(home.ok("retention", "run", "--json")) == {
        "erased": [],
        "waiting": [],
        "rows": {},
        "bodies": 0,
        "freed": 0,
    }


def test_keys_from_the_environment_are_changed_by_hand(tmp_path: Path) -> None:
    """With one key given the command prints another to put in front; with both it wraps anew and says which to remove."""
    first = fresh_key("k1")
    env = {"LINGBAO_HOME": str(tmp_path), "LINGBAO_LANG": "en", "LINGBAO_MASTER_KEYS": first}
    refused = CliRunner().invoke(app, ["db", "rotate-keys"], env=env)
    assert isinstance(refused.exception, WrongUse)
    second = refused.stdout.strip()
    assert second.startswith("k2:")
    both = env | {"LINGBAO_MASTER_KEYS": f"{second},{first}"}
    done = CliRunner().invoke(app, ["db", "rotate-keys"], env=both)
    assert (done.exit_code, "remove it from LINGBAO_MASTER_KEYS" in done.stdout) == (0, True)
    assert CliRunner().invoke(app, ["people", "where"], env=env | {"LINGBAO_MASTER_KEYS": second}).exit_code == 0
    assert not (tmp_path / KEY_FILE).exists()
