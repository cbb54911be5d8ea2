"""The sweep: what time alone decides about the outbox, in the one order in which it is right."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.settings import Settings
from notify import morning
from notify.budgets import day_of
from notify.store import deliveries, holds, ladder, merging, modes, outbox


def sweep(connection: Connection, settings: Settings, moment: datetime, now: datetime, *, whole: bool) -> int:
    """Bring the outbox to the present; return how many notices ran out. Repeatable.

    What ends a notice that carries several comes after it was taken apart, and nothing is merged or made ready that has ended.

    Args:
        moment: on the time line of the night, for what waits for an hour.
        now: by the wall clock, for leases and validity.
        whole: of the whole outbox; of one alert alone its notices must not wait with another one.
    """
    merging.take_turns(connection)
    deliveries.lose_leases(connection, now)
    merging.take_apart(connection, merging.over(now), now)
    deliveries.call_off(connection, now)
    expired = outbox.expire(connection, now)
    if whole:
        morning.merge(connection, settings, moment, now)
    outbox.promote(connection, moment, now)
    modes.hold(connection, now)
    ladder.spare_told(connection, now)
    holds.let_go(connection, settings.budgets, day_of(now, settings.zone), now)
    return expired
