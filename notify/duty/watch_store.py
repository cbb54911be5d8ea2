"""SQL of what the watchdog looks at. Only reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, union_all

from core.tables import table
from notify.canary.watch import SPEAKING
from notify.channels.base import FINAL, RANKS
from notify.duty.findings import NightRun
from notify.own.tables import AlertSchedule, ScheduleState
from notify.store.alerts import ALERTS, VERSIONS, no_drill
from notify.store.deliveries import DELIVERIES, IS_HELD
from notify.store.due import is_held
from notify.store.figures import IS_UNRESOLVED
from notify.store.proof import last_run
from notify.tables import AlertStatus, DeliveryState

SCHEDULES = table(AlertSchedule)
WAITING = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


def last_night(connection: Connection, kind: str) -> NightRun | None:
    """Return the newest night that came to an end."""
    run = last_run(connection, kind)
    return None if run is None else NightRun(run.as_of, run.status)


def on_their_way(connection: Connection, since: datetime) -> Sequence[Row[Any]]:
    """Return the versions released since a moment that have notices: version, alert, release, and how many there are (`all`)."""
    d, v = DELIVERIES.c, VERSIONS.c
    query = (
        select(v.id, v.alert_id, v.released_at, func.count().label("all"))
        .join(DELIVERIES, d.version_id == v.id)
        .join(ALERTS, ALERTS.c.id == v.alert_id)
        .where(v.released_at >= since, v.paused_at.is_(None), v.status != AlertStatus.CANCELED, d.address_id != 0)
        .where(no_drill(connection), ALERTS.c.closed_at.is_(None))
        .group_by(v.id, v.alert_id, v.released_at)
        .order_by(v.id)
    )
    return connection.execute(query).all()


def late(connection: Connection, version_id: int, before: datetime) -> int:
    """Count the notices of a version that should be at an end: their turn came before a moment, and they are not.

    The turn of a notice is its own: who came after the release, or sleeps until seven, is not late with the others. What waits
    for an hour, a budget or a country is listed, and so is what failed. What a provider took that reports, and of which it says
    nothing, is not at an end.
    """
    d = DELIVERIES.c
    silent = and_(
        d.state == DeliveryState.ACCEPTED, d.channel.in_(SPEAKING), d.provider_rank < RANKS["sent"],
        d.provider_status.not_in(FINAL),
    )  # fmt: skip
    ready = and_(d.state == DeliveryState.READY, ~is_held())
    left = or_(silent, ready, d.state.in_((DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNKNOWN)))
    turn = [or_(moment.is_(None), moment <= before) for moment in (d.created_at, d.not_before)]
    query = select(func.count()).where(d.version_id == version_id, d.address_id != 0, left, *turn)
    return int(connection.execute(query).scalar_one())


def doubts(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """Return by alert how many notices have been in doubt since before a moment."""
    d = DELIVERIES.c
    # Each half by its partial index: among the notices of years only those in doubt are looked at.
    halves = [select(d.version_id).where(state, d.updated_at < before) for state in (IS_HELD, IS_UNRESOLVED)]
    old = union_all(*halves).subquery()
    query = (
        select(VERSIONS.c.alert_id, func.count().label("count"))
        .select_from(old)
        .join(VERSIONS, VERSIONS.c.id == old.c.version_id)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .where(no_drill(connection))
        .group_by(VERSIONS.c.alert_id)
        .order_by(VERSIONS.c.alert_id)
    )
    return connection.execute(query).all()


def drafts(connection: Connection) -> Sequence[Row[Any]]:
    """Return what waits for an officer: alert, rule, level, and since when. What is approved and leaves by its schedule does not."""
    v, planned = VERSIONS.c, SCHEDULES.c
    scheduled = select(planned.version_id).where(planned.state == ScheduleState.WAITING)
    query = (
        select(v.alert_id, v.rule, v.level, v.created_at)
        .join(ALERTS, ALERTS.c.id == v.alert_id)
        .where(v.status.in_(WAITING), no_drill(connection))
        .where(or_(v.status != AlertStatus.APPROVED, v.id.not_in(scheduled)))
        .order_by(v.id)
    )
    return connection.execute(query).all()


def held_reasons(connection: Connection) -> frozenset[str]:
    """Return for what notices that are ready wait: `budget:sms:ZM`, a country, a stop."""
    d = DELIVERIES.c
    query = select(d.reason).where(d.state == DeliveryState.READY, d.reason != "").distinct()
    return frozenset(connection.execute(query).scalars())
