"""SQL of pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from notify.store.deliveries import DELIVERIES, VERSIONS
from notify.store.merging import take_apart
from notify.tables import AlertStatus, DeliveryState

WAITING = (DeliveryState.PLANNED, DeliveryState.READY)


def pause(connection: Connection, alert_id: int, by: str, now: datetime) -> list[int]:
    """Mark the versions of an alert of which something may still go out; return their numbers."""
    v = VERSIONS.c
    query = update(VERSIONS).where(
        v.alert_id == alert_id,
        v.status.in_([AlertStatus.SENDING, AlertStatus.DONE]),
        v.send_by > now,
        v.paused_at.is_(None),
    )
    paused = sorted(connection.execute(query.values(paused_at=now, paused_by=by).returning(v.id)).scalars())
    take_apart(connection, paused, now)
    return paused


def resume(connection: Connection, alert_id: int) -> list[int]:
    """Take the marks off an alert; return the numbers of the versions that had one."""
    v = VERSIONS.c
    query = update(VERSIONS).where(v.alert_id == alert_id, v.paused_at.is_not(None))
    return sorted(connection.execute(query.values(paused_at=None, paused_by=None).returning(v.id)).scalars())


def waiting(connection: Connection, version_ids: Sequence[int], now: datetime | None = None) -> int:
    """Count the notices of versions that have not left; with `now`, only those that are still valid then."""
    d = DELIVERIES.c
    query = select(func.count()).where(d.version_id.in_(version_ids), d.state.in_(WAITING))
    if now is not None:
        query = query.where(d.version_id.in_(select(VERSIONS.c.id).where(VERSIONS.c.send_by > now)))
    return connection.execute(query).scalar_one()
