"""SQL of the bulletin: what a week is drafted from, and the bulletins that were released."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from core.tables import table
from notify.bulletin.model import Numbers
from notify.bulletin.tables import Bulletin
from notify.store.alerts import ALERTS, VERSIONS, no_drill
from notify.store.outbox import RECIPIENTS
from sources.model import Advisory
from sources.store import ADVISORIES, CHANGES, ENTRIES, StoredChange, load_changes
from sources.wire import load_advisory

BULLETINS = table(Bulletin)
DISMISSED = "dismissed"


def changes(connection: Connection, after: datetime, until: datetime) -> list[StoredChange]:
    """Return the changes of nights later than `after` and not later than `until`, oldest first; not what was dismissed."""
    c = CHANGES.c
    query = select(CHANGES).where(c.as_of > after, c.as_of <= until, c.outcome != DISMISSED).order_by(c.id)
    return load_changes(connection, connection.execute(query).all())


def standing(connection: Connection, sources: Sequence[str]) -> list[Advisory]:
    """Return the entries of these sources that stand: neither gone nor expired."""
    e = ENTRIES.c
    query = (
        select(ADVISORIES.c.body)
        .join(ENTRIES, e.advisory_id == ADVISORIES.c.id)
        .where(e.source_id.in_(sources), e.gone.is_(False), e.expired.is_(False))
        .order_by(e.source_id, e.native_id)
    )
    return [load_advisory(body) for body in connection.execute(query).scalars()]


def numbers(connection: Connection, after: datetime, until: datetime) -> Numbers:
    """Count what was released in a time, drills apart: versions of alerts, and the people they were for."""
    v = VERSIONS.c
    mine = (v.released_at > after, v.released_at <= until, no_drill(connection))
    ids = select(v.id).join(ALERTS, ALERTS.c.id == v.alert_id).where(*mine)
    alerts = connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    people = connection.execute(select(func.count()).where(RECIPIENTS.c.version_id.in_(ids))).scalar_one()
    return Numbers(alerts, people)


def released(connection: Connection, week: str) -> Bulletin | None:
    """Return the bulletin of a week; None if it was not released."""
    row = connection.execute(select(BULLETINS).where(BULLETINS.c.week == week)).mappings().first()
    return Bulletin(**row) if row else None


def every(connection: Connection) -> list[Bulletin]:
    """Return every bulletin that was released, by week."""
    return [Bulletin(**row) for row in connection.execute(select(BULLETINS).order_by(BULLETINS.c.week)).mappings()]


def count(connection: Connection) -> int:
    """Count the bulletins that were released."""
    return connection.execute(select(func.count()).select_from(BULLETINS)).scalar_one()


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Write a released bulletin; return its number.

    Raises:
        IntegrityError: the week has one.
    """
    return int(connection.execute(insert(BULLETINS).values(values).returning(BULLETINS.c.id)).scalar_one())
