"""SQL of what is due when: the next moment at which a machine can do something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from notify.store.deliveries import DELIVERIES, IS_HELD, IS_READY, VERSIONS, of_alert
from notify.tables import DeliveryState

HOLDS = ("budget", "country-stopped", "mode")
"""How the reasons begin of what is ready and does not go: see `store.holds` and `store.modes`."""


@dataclass(frozen=True)
class NextDue:
    """When the first delivery of a channel in a state is due; a moment in the past means now."""

    channel: str
    state: DeliveryState
    moment: datetime


def next_due(connection: Connection, alert_id: int | None, grace: timedelta) -> list[NextDue]:
    """Return when the next deliveries that a machine can move are due, by channel and state.

    Rows that wait for an hour of the night (`planned`), for a person (`unresolved`, paused), for a budget or for a country
    do not count.
    """
    d = DELIVERIES.c
    found = []
    paused = select(VERSIONS.c.id).where(VERSIONS.c.paused_at.is_not(None))
    for wanted in (and_(IS_READY, ~is_held(), d.version_id.not_in(paused)), IS_HELD):
        query = select(
            d.channel, d.state, func.min(func.coalesce(d.due, d.lease_until, d.updated_at)), func.min(d.lease_until)
        )
        query = query.where(wanted).group_by(d.channel, d.state)
        if alert_id is not None:
            query = query.where(d.version_id.in_(of_alert(alert_id)))
        for channel, state, due, lease in connection.execute(query):
            # A lease that runs out is in doubt first, and only then the grace begins.
            begins = lease if state == DeliveryState.SENDING else due
            wait = timedelta(0) if state == DeliveryState.READY else grace
            found.append(NextDue(channel, DeliveryState(state), begins + wait))
    return found


def is_held() -> ColumnElement[bool]:
    """Tell whether something holds a notice that is ready: a budget, a country that cannot be reached, or the mode."""
    return or_(*(DELIVERIES.c.reason.startswith(f"{word}:") for word in HOLDS))
