"""SQL of messages from numbers that were not asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from notify.safety.strangers.tables import UnknownSender

STRANGERS = table(UnknownSender)


def add(connection: Connection, row: Mapping[str, Any]) -> int | None:
    """Keep a message; return its number, or None if it was kept before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(STRANGERS).values(dict(row)).on_conflict_do_nothing().returning(STRANGERS.c.id)
    return connection.execute(statement).scalar_one_or_none()


def unsettled(connection: Connection, limit: int) -> list[Row[Any]]:
    """Return the messages nobody has settled, the oldest first."""
    s = STRANGERS.c
    query = select(STRANGERS).where(s.settled_at.is_(None), s.wrapped.is_not(None)).order_by(s.id).limit(limit)
    return list(connection.execute(query))


def settle(connection: Connection, stranger_id: int, *, by: str, at: datetime) -> bool:
    """Settle a message and forget it: its key goes, and what was sealed under it. False: there is none that is open."""
    s = STRANGERS.c
    query = update(STRANGERS).where(s.id == stranger_id, s.settled_at.is_(None))
    gone = {"settled_at": at, "settled_by": by, "wrapped": None, "number_sealed": b"", "words_sealed": b""}
    return bool(connection.execute(query.values(gone)).rowcount)
