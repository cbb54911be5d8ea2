"""How often something may be tried: counted in the database, so that every process and every restart knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from registry.accounts.tables import AttemptWindow

_windows = table(AttemptWindow)
KEPT = timedelta(days=2)
"""No window is longer than a day."""


def count_attempt(connection: Connection, key: bytes, now: datetime, *, window: timedelta) -> int:
    """Count a try; return how many there are in this window of time, this one among them. In a transaction that writes.

    Args:
        key: what is counted, as a blind index (`core.keys.blind_index`): an address, a caller.
        window: at most a day. Windows follow each other; they do not slide.
    """
    seconds = int(window.total_seconds())
    begins = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"key_index": key, "begins": begins, "tries": 1}
    counted = (
        dialect.insert(_windows).values(row)
        .on_conflict_do_update(index_elements=["key_index", "begins"], set_={"tries": _windows.c.tries + 1})
        .returning(_windows.c.tries)
    )  # fmt: skip
    tries = int(connection.execute(counted).scalar_one())
    connection.execute(delete(_windows).where(_windows.c.begins < now - KEPT))
    return tries


def forget_attempts(connection: Connection, key: bytes) -> None:
    """Begin to count anew: the last try was a good one."""
    connection.execute(delete(_windows).where(_windows.c.key_index == key))
