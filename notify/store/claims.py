"""SQL of work that only one may do at a time: whoever takes it writes so, and takes the line away at the end.

A worker that dies leaves its line; after `LEASE` it counts for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from notify.duty.store import PULSES

LEASE = timedelta(minutes=20)


def take(connection: Connection, name: str, now: datetime) -> bool:
    """Take a piece of work; False if somebody is at it."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(PULSES)
    free = insert.values(name=name, at=now).on_conflict_do_update(
        index_elements=["name"], set_={"at": now}, where=PULSES.c.at < now - LEASE
    )
    return connection.execute(free.returning(PULSES.c.name)).first() is not None


def taken_at(connection: Connection, name: str, now: datetime) -> datetime | None:
    """Return since when somebody is at it; None: nobody is."""
    query = select(PULSES.c.at).where(PULSES.c.name == name, PULSES.c.at >= now - LEASE)
    found: datetime | None = connection.execute(query).scalar()
    return found


def give_back(connection: Connection, name: str, taken: datetime) -> None:
    """Say that the work which was taken at that moment is at its end."""
    connection.execute(delete(PULSES).where(PULSES.c.name == name, PULSES.c.at == taken))
