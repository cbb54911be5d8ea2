"""SQL of rates: from when on a channel is free that may say only so much a second, for all who send over it.

A line of `pulse` for each such channel, locked by whoever takes notices in hand: dispatchers take their moments one after the
other, in whatever process and on whatever machine they are, and none of them leads.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.dialects import postgresql, sqlite

from notify.duty.store import PULSES


def _line(channel: str) -> str:
    return f"free: {channel}"


def lock(connection: Connection, channel: str, now: datetime) -> datetime:
    """Lock the line of a channel until the transaction ends; return from when on it is free. One that has none gets it: now."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(PULSES)
    row = insert.values(name=_line(channel), at=now)
    # An update that changes nothing: it takes the lock, which an insert that is skipped would not.
    locked = row.on_conflict_do_update(index_elements=["name"], set_={"at": PULSES.c.at}).returning(PULSES.c.at)
    found: datetime = connection.execute(locked).scalar_one()
    return found


def take(connection: Connection, channel: str, until: datetime) -> None:
    """Take everything up to a moment. The line must be locked."""
    connection.execute(update(PULSES).where(PULSES.c.name == _line(channel)).values(at=until))
