"""Writes and queries on what was asked for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from core.tables import table
from registry.rights.model import RequestKind
from registry.rights.tables import PersonRequest

REQUESTS = table(PersonRequest)


def add_request(
    connection: Connection, registrant_id: int, kind: RequestKind, *, by: str, now: datetime, result: str = ""
) -> None:
    """Write that something was asked for a person, and done at once."""
    values = {"registrant_id": registrant_id, "kind": kind, "asked_at": now, "asked_by": by, "done_at": now, "done_by": by,
              "result": result}  # fmt: skip
    connection.execute(insert(REQUESTS).values(values))


def add_waiting(connection: Connection, registrant_id: int, *, by: str, now: datetime) -> None:
    """Write that an erasure was asked for and has to wait; once, however often it is asked."""
    if registrant_id not in waiting(connection):
        values = {
            "registrant_id": registrant_id,
            "kind": RequestKind.ERASURE,
            "asked_at": now,
            "asked_by": by,
            "result": "waiting",
        }
        connection.execute(insert(REQUESTS).values(values))


def waiting(connection: Connection) -> list[int]:
    """Return the people whose erasure was asked for and waits, the longest waiting first."""
    query = select(REQUESTS.c.registrant_id).where(REQUESTS.c.kind == RequestKind.ERASURE, REQUESTS.c.done_at.is_(None))
    return list(connection.execute(query.order_by(REQUESTS.c.id)).scalars())


def close_erasures(
    connection: Connection, registrant_ids: Sequence[int], kind: RequestKind, *, by: str, now: datetime
) -> None:
    """Write that people were erased: what waited for it is done, and who had not asked gets a line of `kind`."""
    asked = set(waiting(connection))
    for one in registrant_ids:
        if one in asked:
            mine = and_(
                REQUESTS.c.registrant_id == one, REQUESTS.c.kind == RequestKind.ERASURE, REQUESTS.c.done_at.is_(None)
            )
            connection.execute(update(REQUESTS).where(mine).values(done_at=now, done_by=by, result="erased"))
        else:
            add_request(connection, one, kind, by=by, now=now, result="erased")
