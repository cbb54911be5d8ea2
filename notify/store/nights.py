"""SQL of runs as pages show them: which nights there were, and how each source was read in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from notify.store.proof import RUNS
from notify.tables import Run


@dataclass(frozen=True)
class Reading:
    """How one source was read in one run, as the run wrote it down.

    Attributes:
        as_of: the night of the run. `kind`: of the run, `night` or `part`.
        status: `read`, `broken` or `skipped`.
        reason: why it was not read, in the language of the office; empty if it was.
    """

    source: str
    as_of: datetime
    kind: str
    status: str
    entries: int
    changes: int
    reason: str


def readings(connection: Connection, most: int, kind: str = "") -> list[Reading]:
    """Return how each source was read in the newest runs that came to their end, the newest run first.

    Args:
        most: so many runs. `kind`: only of these.
    """
    r = RUNS.c
    query = select(r.as_of, r.kind, r.summary["sources"].label("sources")).where(r.ended_at.is_not(None))
    if kind:
        query = query.where(r.kind == kind)
    rows = connection.execute(query.order_by(r.id.desc()).limit(most)).all()
    return [_reading(row.as_of, row.kind, one) for row in rows for one in row.sources or ()]


def _reading(as_of: datetime, kind: str, one: dict[str, Any]) -> Reading:
    return Reading(
        one["id"], as_of, kind, one["status"], one["entries"] or 0, one["changes"] or 0, one["reason"] or ""
    )  # fmt: skip


def night_within(connection: Connection, kind: str, begins: datetime, ends: datetime) -> Run | None:
    """Return the newest run of a kind for a moment from `begins` until before `ends` that came to its end; None: there is none."""
    r = RUNS.c
    query = select(RUNS).where(r.kind == kind, r.ended_at.is_not(None), r.as_of >= begins, r.as_of < ends)
    row = connection.execute(query.order_by(r.id.desc()).limit(1)).mappings().first()
    return Run(**row) if row else None


def night_beside(connection: Connection, kind: str, moment: datetime, *, later: bool) -> datetime | None:
    """Return the moment of the nearest run of a kind before a moment, or from it on; None: there is none."""
    r = RUNS.c
    query = select(r.as_of).where(r.kind == kind, r.ended_at.is_not(None))
    if later:
        return connection.execute(query.where(r.as_of >= moment).order_by(r.as_of).limit(1)).scalar()
    return connection.execute(query.where(r.as_of < moment).order_by(r.as_of.desc()).limit(1)).scalar()
