"""SQL of `why`: one person's rows of an alert, what was decided of changes, and what a night could not read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from notify.rules.tables import PolicyVersion
from notify.store.alerts import VERSIONS
from notify.store.deliveries import ATTEMPTS, DELIVERIES, RECEIPTS
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.policies import POLICY_VERSIONS
from notify.store.proof import RUNS
from notify.tables import AlertVersion
from sources.store import CHANGES, StoredChange, load_changes


@dataclass(frozen=True)
class Decided:
    """A change and what was decided of it; `at` None: nobody has."""

    change: StoredChange
    outcome: str
    at: datetime | None
    by: str


def decided(connection: Connection, change_id: int) -> Decided | None:
    """Return a change with its outcome; None if there is none of that number."""
    return next(
        iter(_decided(connection, connection.execute(select(CHANGES).where(CHANGES.c.id == change_id)).all())), None
    )


def decided_between(connection: Connection, since: datetime, until: datetime) -> list[Decided]:
    """Return the changes of the nights from `since` to before `until`, oldest first."""
    query = select(CHANGES).where(CHANGES.c.as_of >= since, CHANGES.c.as_of < until).order_by(CHANGES.c.id)
    return _decided(connection, connection.execute(query).all())


def _decided(connection: Connection, rows: Any) -> list[Decided]:
    return [
        Decided(change, row.outcome, row.decided_at, row.decided_by or "")
        for row, change in zip(rows, load_changes(connection, rows), strict=True)
    ]


def versions_of(connection: Connection, alert_id: int) -> list[AlertVersion]:
    """Return the versions of an alert, oldest first."""
    query = select(VERSIONS).where(VERSIONS.c.alert_id == alert_id).order_by(VERSIONS.c.no)
    return [AlertVersion(**row) for row in connection.execute(query).mappings()]


def versions_between(connection: Connection, since: datetime, until: datetime) -> list[AlertVersion]:
    """Return the versions of the nights from `since` to before `until`, by alert."""
    query = select(VERSIONS).where(VERSIONS.c.as_of >= since, VERSIONS.c.as_of < until)
    rows = connection.execute(query.order_by(VERSIONS.c.alert_id, VERSIONS.c.no)).mappings()
    return [AlertVersion(**row) for row in rows]


def recipient(connection: Connection, version_id: int, registrant_id: int) -> Row[Any] | None:
    """Return a person's row of a version; None: it is not for them."""
    mine = RECIPIENTS.c.version_id == version_id, RECIPIENTS.c.registrant_id == registrant_id
    return connection.execute(select(RECIPIENTS).where(*mine)).first()


def notices(connection: Connection, recipient_id: int) -> list[Row[Any]]:
    """Return the notices that a person's row points to, in the order of the ladder."""
    query = (
        select(DELIVERIES)
        .join(LINKS, LINKS.c.delivery_id == DELIVERIES.c.id)
        .where(LINKS.c.recipient_id == recipient_id)
    )
    return list(connection.execute(query.order_by(DELIVERIES.c.step, DELIVERIES.c.id)).all())


def notice(connection: Connection, delivery_id: int) -> Row[Any] | None:
    """Return one notice."""
    return connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == delivery_id)).first()


def first_attempt(connection: Connection, delivery_id: int) -> datetime | None:
    """Return when a notice was first handed over, or tried to be."""
    query = select(func.min(ATTEMPTS.c.started_at)).where(ATTEMPTS.c.delivery_id == delivery_id)
    return connection.execute(query).scalar()


def last_receipt(connection: Connection, delivery_id: int) -> datetime | None:
    """Return when a provider last spoke of a notice."""
    query = select(func.max(RECEIPTS.c.received_at)).where(RECEIPTS.c.delivery_id == delivery_id)
    return connection.execute(query).scalar()


def runs_between(connection: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """Return the runs of nights from `since` to before `until`, oldest first."""
    query = select(RUNS).where(RUNS.c.as_of >= since, RUNS.c.as_of < until).order_by(RUNS.c.id)
    return list(connection.execute(query).all())


def policy_version(connection: Connection, digest: str, at: datetime | None) -> PolicyVersion | None:
    """Return the version of the policy with this hash; without a hash, the one that held at a moment."""
    p = POLICY_VERSIONS.c
    query = select(POLICY_VERSIONS).order_by(p.no.desc()).limit(1)
    query = query.where(p.digest == digest) if digest else query.where(p.active_from <= at)
    row = connection.execute(query).mappings().first()
    return PolicyVersion(**row) if row else None
