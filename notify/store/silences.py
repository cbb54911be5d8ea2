"""SQL of silences. A silence is never deleted: it runs out, or an officer ends it early."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.tables import table
from notify.rules.tables import Silence
from notify.store.proof import RUNS
from sources.store import CHANGES, StoredChange, load_changes

SILENCES = table(Silence)
SILENCED = "silenced:"
"""How the outcome of a silenced change begins; the number of the silence follows."""


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Write a silence; return its number."""
    return int(connection.execute(insert(SILENCES).values(values).returning(SILENCES.c.id)).scalar_one())


def every(connection: Connection) -> list[Silence]:
    """Return every silence there ever was, oldest first."""
    return [Silence(**row) for row in connection.execute(select(SILENCES).order_by(SILENCES.c.id)).mappings()]


def one(connection: Connection, number: int) -> Silence | None:
    """Return a silence; None if there is none of that number."""
    row = connection.execute(select(SILENCES).where(SILENCES.c.id == number)).mappings().first()
    return Silence(**row) if row else None


def agree(connection: Connection, number: int, *, by: str, now: datetime) -> bool:
    """Write that a second person agreed; False if somebody had, or it was ended."""
    s = SILENCES.c
    mine = update(SILENCES).where(s.id == number, s.agreed_at.is_(None), s.ended_at.is_(None))
    return connection.execute(mine.values(agreed_at=now, agreed_by=by)).rowcount == 1


def end(connection: Connection, number: int, *, by: str, now: datetime) -> bool:
    """End a silence now; False if it was ended before."""
    mine = update(SILENCES).where(SILENCES.c.id == number, SILENCES.c.ended_at.is_(None))
    return connection.execute(mine.values(ended_at=now, ended_by=by)).rowcount == 1


def silenced(connection: Connection, run_id: int) -> list[tuple[StoredChange, Silence]]:
    """Return the changes that were silenced since a run began, with the silence, oldest first."""
    began = select(RUNS.c.started_at).where(RUNS.c.id == run_id).scalar_subquery()
    query = select(CHANGES).where(CHANGES.c.decided_at >= began, CHANGES.c.outcome.startswith(SILENCED))
    rows = connection.execute(query.order_by(CHANGES.c.id)).all()
    numbers = [int(row.outcome.removeprefix(SILENCED)) for row in rows]
    known = {int(one.id or 0): one for one in every(connection)} if rows else {}
    return [(change, known[number]) for change, number in zip(load_changes(connection, rows), numbers, strict=True)]
