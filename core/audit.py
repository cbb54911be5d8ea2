"""Who did what: one append-only line per act, in the transaction of the act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from core.tables import Audit, table


def record(connection: Connection, *, actor: str, action: str, subject: str, now: datetime, detail: str = "") -> None:
    """Write that `actor` did `action` to `subject` (a kind and an id such as `alert/7`). Never put names or numbers in."""
    row = {"at": now, "actor": actor, "action": action, "object": subject, "detail": detail}
    connection.execute(insert(table(Audit)).values(row))
