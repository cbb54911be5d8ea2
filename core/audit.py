"""Who did what: one append-only line per act, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from core.tables import Audit, table

CHUNK = 900  # values in one IN list; older SQLite allows 999


def record(connection: Connection, *, actor: str, action: str, subject: str, now: datetime, detail: str = "") -> None:
    """Write that `actor` did `action` to `subject` (a kind and an id such as `alert/7`). Never put names or numbers in."""
    row = {"at": now, "actor": actor, "action": action, "object": subject, "detail": detail}
    connection.execute(insert(table(Audit)).values(row))


def last_details(connection: Connection, action: str, subjects: Sequence[str]) -> dict[str, str]:
    """Return the detail of the last line of an action on each subject; one without a line is absent."""
    rows = table(Audit)
    found: dict[str, str] = {}
    for start in range(0, len(subjects), CHUNK):
        wanted = rows.c.object.in_(subjects[start : start + CHUNK])
        query = select(rows.c.object, rows.c.detail).where(rows.c.action == action, wanted).order_by(rows.c.id)
        found.update((row.object, row.detail) for row in connection.execute(query))
    return found
