"""The database: how it is opened, written and read."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from core.clock import FixedClock
from core.database import ensure_instance, learn_sizes, open_engine, reading, set_mode, writing
from core.errors import StoreBusy, WrongSetting
from core.keys import MasterKeys
from core.tables import Audit, Instance, Mode, table
from sources.tables import EntryRow

AUDIT, INSTANCE = table(Audit), table(Instance)


def act(clock: FixedClock) -> dict[str, object]:
    """Return the columns of some act."""
    return {"at": clock.now(), "actor": "li", "action": "look", "object": "alert/1", "detail": ""}


def count(engine: Engine) -> int:
    """Return how many acts are written down."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(AUDIT)).scalar_one()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Give the address of a SQLite file in a directory that is not there yet."""
    return f"sqlite:///{tmp_path / 'new' / 'one.db'}"


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)]
)
def test_sqlite_is_opened_safe_against_power_cuts(file: str, pragma: str, value: object) -> None:
    """A write-ahead log that is synced at every commit, foreign keys that hold, writers that wait."""
    engine = open_engine(file)
    with reading(engine) as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    engine.dispose()


def sorts_in(url: str) -> tuple[int, str]:
    """Return how a database keeps what it sorts (1: in files, 2: in memory), and the directory of the files."""
    engine = open_engine(url)
    with reading(engine) as connection:
        kept = connection.exec_driver_sql("PRAGMA temp_store").scalar_one()
        where = connection.exec_driver_sql("PRAGMA temp_store_directory").scalar()
    engine.dispose()
    return kept, where or ""


def test_what_is_sorted_lies_beside_a_database(tmp_path: Path) -> None:
    """Rows about people that do not fit into memory go to a directory of a database, never to one of the system's. When that
    directory is gone, the next database that is opened gives another one; quotes in its name do no harm."""
    ours, gone = tmp_path / "王's office", tmp_path / "gone"
    gone.mkdir()
    raw = sqlite3.connect(":memory:")
    raw.execute(f"PRAGMA temp_store_directory='{gone}'")
    raw.close()
    assert sorts_in(f"sqlite:///{ours / 'one.db'}") == (1, str(gone))
    gone.rmdir()
    assert sorts_in(f"sqlite:///{ours / 'one.db'}") == (1, str(ours))
    assert sorts_in(f"sqlite:///{tmp_path / 'other' / 'two.db'}") == (1, str(ours))
    assert sorts_in("sqlite://")[0] == 2


def test_foreign_keys_hold(engine: Engine, clock: FixedClock) -> None:
    """No row points to a row that is not there."""
    row = {"source_id": "one", "native_id": "a", "advisory_id": 99, "list_mark": "", "last_seen": clock.now()}
    with pytest.raises(IntegrityError):
        put(engine, row | {"gone": False, "expired": False})


def put(engine: Engine, row: dict[str, object]) -> None:
    """Write one entry."""
    with writing(engine) as connection:
        connection.execute(insert(table(EntryRow)).values(row))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("no address", "no database address"),
        ("mysql://h/d", "mysql"),
        ("", "no database address"),
        ("oracle://h", "oracle"),
    ],
)
def test_another_database_is_refused_with_words(url: str, words: str) -> None:
    """What is no address, or no database we run on, is named; nothing is connected to."""
    with pytest.raises(WrongSetting, match=words):
        open_engine(url)


def test_a_wrong_address_is_not_repeated() -> None:
    """A mistyped address may hold a password: it is in no message."""
    with pytest.raises(WrongSetting) as caught:
        open_engine("postgresql//office:geheim@host/db")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"])
def test_any_way_to_write_postgresql_opens_with_our_driver(scheme: str) -> None:
    """Hosting services write the address in several ways."""
    assert open_engine(f"{scheme}://h/d").dialect.driver == "psycopg"


def test_a_transaction_that_fails_leaves_nothing(engine: Engine, clock: FixedClock) -> None:
    """Everything of a transaction is written, or nothing."""
    with pytest.raises(ZeroDivisionError):
        fail(engine, clock)
    assert count(engine) == 0


def fail(engine: Engine, clock: FixedClock) -> None:
    """Write, then fail."""
    with writing(engine) as connection:
        connection.execute(insert(AUDIT).values(act(clock)))
        raise ZeroDivisionError


def test_a_second_writer_waits_for_the_first(engine: Engine, clock: FixedClock) -> None:
    """Two writers one after the other: both acts are there, nobody is refused."""

    def second() -> None:
        with writing(engine) as connection:
            connection.execute(insert(AUDIT).values(act(clock)))

    other = threading.Thread(target=second)
    with writing(engine) as connection:
        connection.execute(insert(AUDIT).values(act(clock)))
        other.start()
        other.join(0.2)
    other.join(10)
    assert count(engine) == 2


def test_a_writer_that_waits_too_long_is_told_that_the_database_is_busy(file: str, clock: FixedClock) -> None:
    """Locked is a sentence and a class of its own, and nothing was changed."""
    first, second = open_engine(file), open_engine(file, busy_ms=20)
    with writing(first) as connection:
        Audit.metadata.create_all(connection, tables=[AUDIT])
    with writing(first), pytest.raises(StoreBusy, match="locked"), writing(second):
        pass
    assert count(second) == 0
    for engine in (first, second):
        engine.dispose()


def test_reading_is_not_held_up_by_a_writer(engine: Engine, clock: FixedClock) -> None:
    """While somebody writes, what was committed before is read at once."""
    with writing(engine) as connection:
        connection.execute(insert(AUDIT).values(act(clock)))
        assert count(engine) == 0
    assert count(engine) == 1


def test_reading_sees_one_picture_from_its_first_look_on(engine: Engine, clock: FixedClock) -> None:
    """What is committed in between does not appear halfway through a reading."""
    query = select(func.count()).select_from(AUDIT)
    with reading(engine) as connection:
        before = connection.execute(query).scalar_one()
        with writing(engine) as other:
            other.execute(insert(AUDIT).values(act(clock)))
        assert connection.execute(query).scalar_one() == before == 0
    assert count(engine) == 1


def test_a_database_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    """A directory in the place of the file, and a server that does not answer, are both “busy or gone”."""
    for url in (f"sqlite:///{tmp_path}", "postgresql://nobody@127.0.0.1:9/none"):
        engine = open_engine(url)
        with pytest.raises(StoreBusy), reading(engine) as connection:
            connection.execute(text("SELECT 1"))
        engine.dispose()


def test_the_instance_is_made_once_and_starts_in_the_sandbox(
    engine: Engine, clock: FixedClock, keys: MasterKeys
) -> None:
    """First use gives an identity, a fresh index key and mode sandbox; later uses change none of it."""
    for _ in range(2):
        ensure_instance(engine, keys, clock.now())
    with reading(engine) as connection:
        (row,) = connection.execute(select(INSTANCE)).all()
    assert (row.mode, len(row.uid), len(keys.unwrap(row.index_key))) == ("sandbox", 36, 32)


def test_the_mode_is_changed_in_the_transaction_of_the_caller(
    engine: Engine, clock: FixedClock, keys: MasterKeys
) -> None:
    """Setting the mode touches the mode alone."""
    ensure_instance(engine, keys, clock.now())
    with writing(engine) as connection:
        before = connection.execute(select(INSTANCE)).one()
        set_mode(connection, Mode.DRILL)
        after = connection.execute(select(INSTANCE)).one()
    assert after._asdict() == before._asdict() | {"mode": "drill"}


@pytest.mark.parametrize("bare_engine", ["postgres"], indirect=True)
def test_a_table_that_was_just_filled_is_looked_at_before_a_large_question(engine: Engine, clock: FixedClock) -> None:
    """PostgreSQL knows how many rows a table has that grew a moment ago; one that is small is not looked at."""
    believed = text("SELECT relname, reltuples FROM pg_class WHERE relname IN ('audit', 'seal')")
    with writing(engine) as connection:
        connection.execute(insert(AUDIT), [act(clock)] * 20_000)
    with writing(engine) as connection:
        learn_sizes(connection)
        found = dict(connection.execute(believed).all())
    assert found["audit"] == 20_000
    assert found["seal"] <= 0
