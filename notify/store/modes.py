"""SQL of what waits for this instance to be in another mode: a live notice in a drill neither leaves nor is lost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal, select, true, update

from core.tables import Mode
from notify.store.alerts import ALERTS, VERSIONS, instance
from notify.store.deliveries import DELIVERIES, IS_READY, waits_for_mode
from notify.tables import DeliveryState

HELD = "mode"
"""Begins the reason of a notice that waits for a mode: `mode:live`."""


def held_now(connection: Connection) -> frozenset[int]:
    """Return the versions of which nothing may leave as long as this instance is in the mode it is in."""
    mode = Mode(instance(connection).mode)
    return frozenset() if mode is Mode.LIVE else frozenset(connection.execute(waits_for_mode(mode)).scalars())


def not_held(connection: Connection) -> ColumnElement[bool]:
    """Tell of a version whether its notices may leave in the mode this instance is in."""
    mode = Mode(instance(connection).mode)
    return true() if mode is Mode.LIVE else VERSIONS.c.id.not_in(waits_for_mode(mode))


def hold(connection: Connection, now: datetime) -> None:
    """Name what waits for a mode, and let go what does not any more. Repeatable."""
    mode, d = Mode(instance(connection).mode), DELIVERIES.c
    waits = d.reason.startswith(f"{HELD}:")
    let_go = update(DELIVERIES).where(IS_READY, waits)
    if mode is not Mode.LIVE:
        let_go = let_go.where(d.version_id.not_in(waits_for_mode(mode)))
        wanted = select(literal(f"{HELD}:") + ALERTS.c.mode).join(VERSIONS, VERSIONS.c.alert_id == ALERTS.c.id)
        reason = wanted.where(VERSIONS.c.id == d.version_id).scalar_subquery()
        keep = update(DELIVERIES).where(IS_READY, ~waits, d.version_id.in_(waits_for_mode(mode)))
        connection.execute(keep.values(reason=reason, updated_at=now))
    connection.execute(let_go.values(reason="", due=None, updated_at=now))


def waiting_for(connection: Connection, mode: Mode) -> int:
    """Return how many notices wait for this mode."""
    open_ = DELIVERIES.c.state.in_([DeliveryState.PLANNED, DeliveryState.READY])
    query = select(func.count()).select_from(DELIVERIES).join(VERSIONS, VERSIONS.c.id == DELIVERIES.c.version_id)
    query = query.join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id).where(open_, ALERTS.c.mode == mode)
    return int(connection.execute(query).scalar_one())
