"""SQL of the first page of the office: places and schedules of many versions at once, doubts, and what was released."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from core.tables import table
from notify.own.tables import AlertSchedule, ScheduleState
from notify.store.alerts import ALERTS, PLACES, VERSIONS, no_drill
from notify.store.deliveries import DELIVERIES
from notify.tables import AlertVersion, DeliveryState

SCHEDULES = table(AlertSchedule)
DOUBTFUL = (DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED)


@dataclass(frozen=True)
class Doubt:
    """Notices of one alert of which nobody knows whether they left.

    Attributes:
        checked: the provider is being asked. `unresolved`: a person must decide.
        since: when the first of them last moved.
    """

    alert_id: int
    checked: int
    unresolved: int
    since: datetime


def doubts(connection: Connection) -> list[Doubt]:
    """Return the alerts with notices in doubt, drills apart."""
    d = DELIVERIES.c
    unresolved = func.sum(case((d.state == DeliveryState.UNRESOLVED, 1), else_=0))
    query = (
        select(VERSIONS.c.alert_id, func.count(), unresolved, func.min(d.updated_at))
        .join(VERSIONS, VERSIONS.c.id == d.version_id)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .where(d.state.in_(DOUBTFUL), no_drill(connection))
        .group_by(VERSIONS.c.alert_id)
        .order_by(VERSIONS.c.alert_id)
    )
    return [Doubt(row[0], row[1] - int(row[2]), int(row[2]), row[3]) for row in connection.execute(query)]


def places_of(connection: Connection, version_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the countries of these versions, each in order; a version without one is absent."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = select(PLACES.c.version_id, PLACES.c.country).where(PLACES.c.version_id.in_(version_ids))
    for row in connection.execute(query.order_by(PLACES.c.version_id, PLACES.c.country)):
        found[row.version_id].append(row.country)
    return {version: tuple(countries) for version, countries in found.items()}


def leaving(connection: Connection, version_ids: Sequence[int]) -> dict[int, datetime]:
    """Return which of these versions leave by themselves, and when."""
    s = SCHEDULES.c
    query = select(s.version_id, s.at).where(s.version_id.in_(version_ids), s.state == ScheduleState.WAITING)
    return {row.version_id: row.at for row in connection.execute(query)}


def released_since(connection: Connection, since: datetime, most: int) -> list[AlertVersion]:
    """Return the versions released since a moment, drills apart, the newest first."""
    v = VERSIONS.c
    mine = select(ALERTS.c.id).where(no_drill(connection))
    query = select(VERSIONS).where(v.released_at >= since, v.alert_id.in_(mine)).order_by(v.released_at.desc())
    return [AlertVersion(**row) for row in connection.execute(query.limit(most)).mappings()]
