"""The ladder: whom one channel did not reach is written to over the next one, until something is confirmed.

When that is, and why, is told in `docs/states.md`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog

from core.database import reading, writing
from notify import alerts
from notify.dispatch import Tools
from notify.grounds import transfer_of
from notify.later.store import say_since
from notify.store import ladder as store
from notify.store import modes
from notify.store.ladder import Patience
from notify.tables import AlertVersion
from registry import scope
from registry.actors import SYSTEM

log = structlog.get_logger(__name__)
BY_TIME_FROM = 3
"""The level from which silence alone moves on: below it a second message is not worth waking anybody for."""


def climb(tools: Tools, moment: datetime, going: Collection[str], alert_id: int | None = None) -> int:
    """Plan the next notices of every version in force, or of one alert; return how many are new.

    Args:
        moment: on the time line of the night, for quiet hours: they hold for later steps as for the first.
        going: channels over which something goes out now.
    """
    now, transfer = tools.clock.now(), transfer_of(tools.settings)
    made, addresses = 0, scope.usable_addresses(SYSTEM)
    with reading(tools.engine) as connection:
        stuck, held = [], modes.held_now(connection)
        for version in store.in_force(connection, now, alert_id):
            if version.id in held:
                continue  # its first step waits for another mode
            plan = alerts.plan_of(connection, version, now, transfer)
            if plan.routes and store.anybody_stuck(connection, plan, addresses, _patience(tools, version, going)):
                stuck.append(version)
    for version in stuck:
        assert version.id is not None
        with writing(tools.engine) as connection:
            if not store.still_in_force(connection, version.id, now):
                continue  # An officer stopped it meanwhile, or a later version took its place.
            plan = alerts.plan_of(connection, version, now, transfer)
            plan = alerts.awake(connection, version, plan, moment, tools.night)
            count = store.climb(connection, plan, addresses, _patience(tools, version, going))
            say_since(connection, version.id)
        log.info("next step of the ladder", alert=version.alert_id, notices=count)
        made += count
    return made


def _patience(tools: Tools, version: AlertVersion, going: Collection[str]) -> Patience:
    by_time = (version.level or 0) >= BY_TIME_FROM
    since = tools.clock.now() - timedelta(seconds=tools.settings.ladder_after) if by_time else None
    return Patience(since, going)
