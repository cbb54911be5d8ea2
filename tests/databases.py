"""Databases of tests: real ones, which do not wait for the disk. No test cuts the power."""

from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import LRUCache

from core.database import BUSY_MS, open_engine

HASTE = [f"ALTER SYSTEM SET {one} = off" for one in ("fsync", "full_page_writes", "synchronous_commit")]
"""What a PostgreSQL server of tests is told before `SELECT pg_reload_conf()`."""

LARGE = 1_000_000
_LEAVE = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SHAPE = text(
    "SELECT count(*), sum(hashtext(concat(relname, attname, atttypid, attnotnull)))"
    " FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped"
)
_FROM_ONE = text(
    "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
)

_dialects: dict[str, Dialect] = {}
_compiled: LRUCache = LRUCache(4000)


def warmed(engine: Engine) -> Engine:
    """Let this engine know the statements that engines of earlier tests have compiled: half of a test's time is that.

    What is compiled is kept for a dialect, and every engine has one of its own: they share the first one of their kind.
    """
    name = engine.dialect.name
    if name not in _dialects:
        # It learns at its first connection what its database can: the first test may never make one.
        with engine.connect():
            _dialects[name] = engine.dialect
    engine.dialect = _dialects[name]
    engine.update_execution_options(compiled_cache=_compiled)
    return engine


def open_quickly(path: Path, *, busy_ms: int = BUSY_MS) -> Engine:
    """Open a SQLite file that does not wait for the disk at each commit."""
    opened = open_engine(f"sqlite:///{path}", busy_ms=busy_ms)
    event.listen(opened, "connect", _without_waiting)
    return warmed(opened)


def _without_waiting(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def tell(server: URL, *statements: str) -> None:
    """Run statements on a PostgreSQL server itself, each by itself."""
    root = create_engine(server, isolation_level="AUTOCOMMIT")
    with root.connect() as connection:
        for one in statements:
            connection.execute(text(one))
    root.dispose()


class Emptied:
    """One PostgreSQL database with all tables for many tests, one after the other: to empty it is ten times quicker than a copy."""

    def __init__(self, server: URL, template: str) -> None:
        """Copy `template` once; it has every table and no row."""
        self._server, self._template = server, template
        self._name = f"emptied_{uuid.uuid4().hex}"
        self._copy()

    @property
    def url(self) -> URL:
        """Return where it is."""
        return self._server.set(database=self._name)

    def empty(self) -> None:
        """Make it as it was: no row, every number from 1. If a test has changed the tables themselves, copy it anew."""
        with self._root.connect() as connection:
            connection.execute(_LEAVE)
            same = connection.execute(_SHAPE).one() == self._shape
            for name, size in connection.execute(self._full).all() if same else ():
                # What was large would stay large: dead rows are only swept up later.
                connection.execute(text(f"TRUNCATE {name} CASCADE" if size > LARGE else f"DELETE FROM {name}"))  # noqa: S608
            connection.execute(_FROM_ONE)
        if not same:
            self.close()
            self._copy()

    def close(self) -> None:
        """Drop it."""
        self._root.dispose()
        tell(self._server, f"DROP DATABASE {self._name} WITH (FORCE)")

    def _copy(self) -> None:
        tell(self._server, f"CREATE DATABASE {self._name} TEMPLATE {self._template}")
        # The role of a replica: rows go in any order, whatever refers to them.
        self._root = create_engine(
            self.url, isolation_level="AUTOCOMMIT", connect_args={"options": "-c session_replication_role=replica"}
        )
        with self._root.connect() as connection:
            self._shape = connection.execute(_SHAPE).one()
            tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            every = (
                f"SELECT '{one}', pg_relation_size('{one}') WHERE EXISTS (SELECT FROM {one})"  # noqa: S608
                for one in sorted(tables)
            )
            self._full = text(" UNION ALL ".join(every))
