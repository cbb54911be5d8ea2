"""The archive of a backup: every kind of row comes back as it was, on either database; what is not whole is refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel

from core.backup.faults import BackupFailed, BadBackup
from core.backup.manifest import read_manifest
from core.backup.read import outside, read_backup
from core.backup.sealing import new_recovery_key, public_of, sealed, unsealed
from core.backup.tape import members
from core.backup.write import file_name, in_folder, keep_newest, write_backup
from core.clock import FixedClock
from core.database import alembic_config, at_head, ensure_instance, open_engine, reading, upgrade, writing
from core.errors import LingbaoError, WrongSetting, WrongUse
from core.keys import KEY_FILE, MasterKeys, fresh_key
from core.settings import Settings, load
from tests.core.old_rows import fill_all, schema_of
from tests.databases import open_quickly, tell

KEY = new_recovery_key()


def canonical(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table, written the same way on every database."""
    with reading(engine) as connection:
        return {
            one.name: sorted(repr(tuple(row)) for row in connection.execute(select(one)))
            for one in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def other_engine(bare_engine: Engine, tmp_path: Path, postgres_server: URL) -> Iterator[Engine]:
    """Give an empty database of the other kind than `bare_engine`."""
    if bare_engine.dialect.name == "postgresql":
        opened = open_quickly(tmp_path / "other.db")
        yield opened
        opened.dispose()
        return
    name = f"test_{uuid.uuid4().hex}"
    tell(postgres_server, f"CREATE DATABASE {name}")
    opened = open_engine(postgres_server.set(database=name).render_as_string(hide_password=False))
    yield opened
    opened.dispose()
    tell(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def test_every_row_comes_back_on_the_other_kind_of_database(
    bare_engine: Engine, other_engine: Engine, tmp_path: Path, clock: FixedClock
) -> None:
    """Rows of all tables, sealed, of today's schema and of an older one: each is there again, and new ones get new numbers."""
    command.upgrade(alembic_config(bare_engine), "0012" if bare_engine.dialect.name == "sqlite" else "head")
    with writing(bare_engine) as connection:
        fill_all(connection, schema_of(connection), 0)
        # A value that is null and no value are two things, and a text may hold anything.
        words = {"words": '一\n"二\\'}
        connection.execute(text("UPDATE run SET summary = 'null', actor = :words WHERE id = 1"), words)
        nulls = connection.execute(text("SELECT count(*) FROM run WHERE summary IS NULL")).scalar_one()
        assert nulls == 1
    settings = load(home=tmp_path / "home")
    written = write_backup(bare_engine, settings, tmp_path / "one.age", clock.now(), recipient=KEY.public)
    got = read_backup(tmp_path / "one.age", KEY.secret, other_engine, tmp_path / "files")
    assert got.missing() == []
    assert (got.manifest, got.manifest.rows > 100) == (written.manifest, True)
    assert at_head(other_engine)
    upgrade(bare_engine)
    assert canonical(other_engine) == canonical(bare_engine)
    with writing(other_engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM run WHERE summary IS NULL")).scalar_one() == nulls
        fill_all(
            connection, schema_of(connection), 1
        )  # would meet numbers that are there, if they were not gone on with


@pytest.fixture
def office(tmp_path: Path, sqlite_tables: bytes, clock: FixedClock, keys: MasterKeys) -> tuple[Engine, Settings]:
    """Give a database with one row and a home directory with one of each kind of file."""
    home = tmp_path / "home"
    for name, content in FILES.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    (home / "test.db").write_bytes(sqlite_tables)
    engine = open_quickly(home / "test.db")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0017')"))
    ensure_instance(engine, keys, clock.now())
    return engine, load(home=home, backup_recipient=KEY.public)


FILES = {
    "lingbao.toml": b'office_name = "x"\n', str(KEY_FILE): fresh_key("k1").encode(), "spool/answers/a.json": b"{}",
    "captures/ab/one.gz": b"\x1f\x8b1", "briefs/a.md": b"a", "bulletins/b.md": b"b", "tokens/chief": b"t",
}  # fmt: skip
NEVER = {"prefect/prefect.db": b"p", "logs/up.log": b"l", "spool/answers/.draft": b"d", "sandbox/messages": b"m"}


def test_what_the_home_directory_needs_is_in_it(
    office: tuple[Engine, Settings], tmp_path: Path, clock: FixedClock
) -> None:
    """Keys, settings, captures, what waits and what was written come back; Prefect's own, logs and drafts stay out."""
    engine, settings = office
    for name, content in NEVER.items():
        (settings.home / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.home / name).write_bytes(content)
    policy = tmp_path / "elsewhere.toml"
    policy.write_text("x = 1\n")
    given = fresh_key("given")
    settings = settings.model_copy(update={"policy_file": policy, "master_keys": load(master_keys=given).master_keys})
    write_backup(engine, settings, tmp_path / "one.age", clock.now(), recipient=KEY.public)
    with (tmp_path / "one.age").open("rb") as handle, unsealed(handle, KEY.secret) as stream:
        found = {str(one.path): one.content for one in members(stream) if one.path is not None}
    assert found == FILES | {str(KEY_FILE): f"{given}\n".encode(), "policy.restored.toml": b"x = 1\n"}


def test_a_backup_is_for_its_owners_eyes_and_takes_no_file_s_place(
    office: tuple[Engine, Settings], tmp_path: Path, clock: FixedClock
) -> None:
    """Mode 0600, nothing readable in it, no draft left behind, and a file that is there is not written over."""
    engine, settings = office
    target = tmp_path / "new" / "one.age"
    write_backup(engine, settings, target, clock.now(), recipient=KEY.public)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["one.age"]
    assert b"k1:" not in target.read_bytes()
    seen = outside(target)
    assert (seen.size, seen.sealed) == (target.stat().st_size, True)
    with pytest.raises(WrongUse):
        write_backup(engine, settings, target, clock.now(), recipient=KEY.public)


def test_what_cannot_be_written_leaves_nothing(
    office: tuple[Engine, Settings], tmp_path: Path, clock: FixedClock
) -> None:
    """A key that is none, or a place that is none: words, and no file."""
    engine, settings = office
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupFailed):
        write_backup(engine, settings, tmp_path / "file" / "one.age", clock.now(), recipient=KEY.public)
    with pytest.raises(WrongSetting):
        write_backup(engine, settings, tmp_path / "there" / "one.age", clock.now(), recipient="age1nothing")
    assert list((tmp_path / "there").iterdir()) == []


def cut(whole: bytes) -> bytes:
    """Return a file that was cut off."""
    return whole[: len(whole) * 2 // 3]


def changed(whole: bytes) -> bytes:
    """Return a file of which one byte is another."""
    at = len(whole) - 40
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


def tape_of(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Return a sealed tape that anybody with the public key can make."""
    plain, target = io.BytesIO(), io.BytesIO()
    with gzip.GzipFile(fileobj=plain, mode="wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with sealed(target, KEY.public) as stream:
        stream.write(plain.getvalue())
    return target.getvalue()


def named(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    """Return the head of a member."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
    return entry


def forged(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"x") -> Callable[[bytes], bytes]:
    """Return how to make a backup with one member too many out of a good one's manifest."""

    def make(whole: bytes) -> bytes:
        with unsealed(io.BytesIO(whole), KEY.secret) as stream:
            manifest = next(members(stream)).content
        return tape_of(
            (named("manifest.json"), manifest), (named(name, kind), content if kind == tarfile.REGTYPE else b"")
        )

    return make


def of_schema(schema: str) -> Callable[[bytes], bytes]:
    """Return how to make a backup of another schema out of a good one."""

    def make(whole: bytes) -> bytes:
        with unsealed(io.BytesIO(whole), KEY.secret) as stream:
            plain = json.loads(next(members(stream)).content)
        return tape_of((named("manifest.json"), json.dumps(plain | {"schema": schema}).encode()))

    return make


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "cut off": cut, "one byte": changed, "cut in its head": lambda whole: whole[:90], "empty": lambda whole: b"",
    "not of age": lambda whole: b"PK\3\4" + whole, "no tape": lambda whole: tape_of(), "no schema": of_schema(""),
    "no manifest": lambda whole: tape_of((named("home/a"), b"")), "a newer schema": of_schema("9999"),
    "nonsense in front": lambda whole: tape_of((named("manifest.json"), b"[1]")),
    "a newer format": lambda whole: tape_of((named("manifest.json"), b'{"format": 99}')),
    "rows of nothing": forged("rows/audit/1.jsonl", content=b"x\n"), "twice": forged("manifest.json", content=b"{}"),
    "rows too short": forged("rows/audit/1.jsonl", content=b"[1]\n"), "a start file": forged("home/.profile"),
    "the version": forged("rows/alembic_version/1.jsonl", content=b'["0001"]\n'), "a folder of nobody": forged("home/evil/a"),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_not_whole_is_refused_in_words(
    office: tuple[Engine, Settings], tmp_path: Path, clock: FixedClock, how: str
) -> None:
    """What is cut off, changed, foreign or forged is refused with a sentence, and nothing is written beside the place given."""
    engine, settings = office
    write_backup(engine, settings, tmp_path / "one.age", clock.now(), recipient=KEY.public)
    bad, room = tmp_path / "bad.age", tmp_path / "room"
    bad.write_bytes(BROKEN[how]((tmp_path / "one.age").read_bytes()))
    room.mkdir()
    before = {path for path in tmp_path.rglob("*") if room not in path.parents}
    target = open_quickly(room / "new.db")
    with pytest.raises(LingbaoError) as told:
        read_backup(bad, KEY.secret, target, room / "files")
    target.dispose()
    assert str(told.value)
    assert not list(room.rglob("evil*"))
    assert {path for path in tmp_path.rglob("*") if room not in path.parents} == before


@pytest.mark.parametrize(("name", "kind"), [
    ("home/../../evil", tarfile.REGTYPE), ("home/captures/../../evil", tarfile.REGTYPE), ("/tmp/evil", tarfile.REGTYPE),
    ("home//evil", tarfile.REGTYPE), ("./home/evil", tarfile.REGTYPE), ("evil", tarfile.REGTYPE), ("home/a\nb", tarfile.REGTYPE),
    ("rows/../evil", tarfile.REGTYPE), ("rows/Audit/1.jsonl", tarfile.REGTYPE), ("home/captures/a", tarfile.SYMTYPE),
    ("home/captures/a", tarfile.LNKTYPE), ("home/captures/a", tarfile.CHRTYPE), ("home/captures/a", tarfile.DIRTYPE),
])  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str, kind: bytes) -> None:
    """A path that climbs, a link, a device: refused before anything is made of it, whoever sealed it."""
    sealed_tape = tape_of((named(name, kind), b"x" if kind == tarfile.REGTYPE else b""))
    with pytest.raises(BadBackup, match="no place"), unsealed(io.BytesIO(sealed_tape), KEY.secret) as stream:
        list(members(stream))


def test_another_key_opens_nothing(office: tuple[Engine, Settings], tmp_path: Path, clock: FixedClock) -> None:
    """A wrong key, no key, and a text that is none are told apart, and the text is not repeated."""
    engine, settings = office
    write_backup(engine, settings, tmp_path / "one.age", clock.now(), recipient=KEY.public)
    target = open_quickly(tmp_path / "new.db")
    with pytest.raises(BadBackup, match="another one"):
        read_backup(tmp_path / "one.age", new_recovery_key().secret, target, tmp_path / "files")
    with pytest.raises(WrongUse, match="--identity"):
        read_backup(tmp_path / "one.age", "", target, tmp_path / "files")
    with pytest.raises(WrongSetting) as told:
        read_backup(tmp_path / "one.age", "AGE-SECRET-KEY-1SLIP", target, tmp_path / "files")
    assert "SLIP" not in str(told.value)
    assert (public_of(KEY.secret), repr(KEY)) == (KEY.public, f"RecoveryKey({KEY.public!r})")
    target.dispose()


def test_the_newest_are_kept(tmp_path: Path, clock: FixedClock) -> None:
    """Of the backups of one name the newest stay; whatever else lies there is nobody's business."""
    names = [file_name("lingbao", clock.now().replace(hour=hour)) for hour in (1, 2, 3)]
    for name in [*names, "lingbao-notes.txt", "lingbao-20261122T000000Z.age.part", "other.age"]:
        (tmp_path / name).write_text("")
    assert [path.name for path in keep_newest(tmp_path, "lingbao", 2)] == names[:1]
    assert [path.name for path in in_folder(tmp_path, "lingbao")] == [names[2], names[1]]
    assert len(list(tmp_path.iterdir())) == 5


def test_the_manifest_is_read_as_it_was_written(
    office: tuple[Engine, Settings], tmp_path: Path, clock: FixedClock
) -> None:
    """What a backup says of itself comes back whole."""
    engine, settings = office
    made = write_backup(engine, settings, tmp_path / "one.age", clock.now(), recipient=KEY.public).manifest
    assert read_manifest(made.written()) == made
    assert (made.schema, made.mode, made.taken_at) == ("0017", "sandbox", clock.now())
