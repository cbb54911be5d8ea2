"""SQL of the bulletin: what a week is drafted from, and the bulletins that were released."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, or_, select

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
EDITION = "/"
"""Stands between a week and the number of a corrected edition."""
MOST_IDS = 500


def changes(connection: Connection, after: datetime, until: datetime) -> list[StoredChange]:
    """Return the changes of nights later than `after` and not later than `until`, oldest first; not what was dismissed."""
    c = CHANGES.c
    query = select(CHANGES).where(c.as_of > after, c.as_of <= until, c.outcome != DISMISSED).order_by(c.id)
    return load_changes(connection, connection.execute(query).all())


def standing(connection: Connection, sources: Sequence[str], at: datetime) -> list[Advisory]:
    """Return the entries of these sources that stood after the nights up to `at`: neither gone nor expired then.

    Found from what stands now, by taking back every change since.
    """
    e, c = ENTRIES.c, CHANGES.c
    now = select(e.source_id, e.native_id, e.advisory_id).where(
        e.source_id.in_(sources), e.gone.is_(False), e.expired.is_(False)
    )
    stood = {(row.source_id, row.native_id): row.advisory_id for row in connection.execute(now)}
    since = select(c.source_id, c.native_id, c.before_id).where(c.source_id.in_(sources), c.as_of > at)
    for row in connection.execute(
        since.order_by(c.id.desc())
    ):  # so that the first change after the moment counts in the end
        stood[row.source_id, row.native_id] = row.before_id
    ids = [stood[key] for key in sorted(stood) if stood[key] is not None]
    found = {}
    for start in range(0, len(ids), MOST_IDS):
        query = select(ADVISORIES.c.id, ADVISORIES.c.body).where(ADVISORIES.c.id.in_(ids[start : start + MOST_IDS]))
        found.update({row.id: load_advisory(row.body) for row in connection.execute(query)})
    return [found[one] for one in ids]


def numbers(connection: Connection, after: datetime, until: datetime) -> Numbers:
    """Count what was released in a time, drills apart: versions of alerts, and the people they were for."""
    v = VERSIONS.c
    mine = (v.released_at > after, v.released_at <= until, no_drill(connection))
    ids = select(v.id).join(ALERTS, ALERTS.c.id == v.alert_id).where(*mine)
    alerts = connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    people = connection.execute(select(func.count()).where(RECIPIENTS.c.version_id.in_(ids))).scalar_one()
    return Numbers(alerts, people)


def editions(connection: Connection, week: str) -> list[Bulletin]:
    """Return the bulletin of a week as it was released, and its corrected editions, the oldest first; each under the plain week."""
    b = BULLETINS.c
    query = select(BULLETINS).where(or_(b.week == week, b.week.startswith(f"{week}{EDITION}"))).order_by(b.id)
    return [_plainly(row) for row in connection.execute(query).mappings()]


def released(connection: Connection, week: str) -> Bulletin | None:
    """Return the bulletin of a week in its newest edition; None if it was not released."""
    found = editions(connection, week)
    return found[-1] if found else None


def every(connection: Connection) -> list[Bulletin]:
    """Return every bulletin that was released, in its newest edition, by week."""
    newest: dict[str, Bulletin] = {}
    for row in connection.execute(select(BULLETINS).order_by(BULLETINS.c.id)).mappings():
        one = _plainly(row)
        newest[one.week] = one
    return [newest[week] for week in sorted(newest)]


def _plainly(row: RowMapping) -> Bulletin:
    return Bulletin(**{**row, "week": row["week"].partition(EDITION)[0]})


def edition_name(week: str, number: int) -> str:
    """Return how an edition is named in the tables of bulletins and letters: the week; from the second on with its number. Pure."""
    return week if number == 1 else f"{week}{EDITION}{number}"


def count(connection: Connection) -> int:
    """Count the weeks of which a bulletin was released."""
    first = ~BULLETINS.c.week.contains(EDITION)
    return connection.execute(select(func.count()).select_from(BULLETINS).where(first)).scalar_one()


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Write a released bulletin; return its number.

    Raises:
        IntegrityError: the week has this edition.
    """
    return int(connection.execute(insert(BULLETINS).values(values).returning(BULLETINS.c.id)).scalar_one())
