"""Databases of tests: real ones, which do not wait for the disk. No test cuts the power."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from core.database import BUSY_MS, open_engine

HASTE = [f"ALTER SYSTEM SET {one} = off" for one in ("fsync", "full_page_writes", "synchronous_commit")]
"""What a PostgreSQL server of tests is told before `SELECT pg_reload_conf()`."""


def open_quickly(path: Path, *, busy_ms: int = BUSY_MS) -> Engine:
    """Open a SQLite file that does not wait for the disk at each commit."""
    opened = open_engine(f"sqlite:///{path}", busy_ms=busy_ms)
    event.listen(opened, "connect", _without_waiting)
    return opened


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
