"""The engine: dispatch and reconcile in turn, until nothing is left that a machine can move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.database import reading, writing
from notify import ladder
from notify.dispatch import Dispatcher, Tally, Tools
from notify.lanes import Lane, lanes
from notify.reconcile import Findings, askable, reconcile
from notify.rules import muting
from notify.store import alerts as alert_store
from notify.store import deliveries as store
from notify.store import due
from notify.tables import DeliveryState
from notify.timekeeping import behind

log = structlog.get_logger(__name__)
LONGEST_NAP = 1.0
POLL_EVERY = timedelta(minutes=1)
CLIMB_EVERY = timedelta(seconds=30)
PASS = timedelta(seconds=20)
"""How long one drain goes on taking notices, before doubts, ladders and what became due are looked at again."""


@dataclass
class Sent:
    """What a run of the engine did, added up over its passes."""

    accepted: int = 0
    not_sent: int = 0
    in_doubt: int = 0
    rejected: int = 0
    expired: int = 0
    found: int = 0
    absent: int = 0
    resent: int = 0
    unresolved: int = 0
    doubled: int = 0
    polled: int = 0
    climbed: int = 0
    stopped: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()


async def run(
    tools: Tools,
    *,
    moment: datetime,
    within: timedelta,
    alert_id: int | None = None,
    progress: Callable[[Sent], None] | None = None,
) -> Sent:
    """Send what is due at `moment`, ask about what is in doubt, send again what is proven absent, and so on.

    Args:
        moment: time line of the night: what waits for a later hour stays. It moves on with the wall clock.
        within: give up after this long and leave the rest to the next run; rows in doubt are never given up, only left.
    """
    begun = tools.clock.now()
    total = Sent()
    _tell_of_clock(tools, begun)
    open_lanes = lanes(
        tools.channels, tools.settings.dispatch_concurrency, tools.settings.rates, lease=tools.settings.lease
    )
    next_poll = next_climb = begun
    try:
        while True:
            now = tools.clock.now()
            dispatcher = Dispatcher(tools, alert_id=alert_id, lanes=open_lanes)
            tally = await dispatcher.drain(moment + (now - begun), until=now + PASS if within > PASS else None)
            findings = await reconcile(tools, poll=now >= next_poll)
            next_poll = now + POLL_EVERY if now >= next_poll else next_poll
            _add(total, tally, findings)
            climbed = 0
            if now >= next_climb or tally.rejected or findings.polled or findings.unresolved:
                next_climb = now + CLIMB_EVERY
                going = [name for name, lane in open_lanes.items() if not lane.stopped]
                climbed = ladder.climb(tools, moment + (tools.clock.now() - begun), going, alert_id)
                total.climbed += climbed
                # After the ladder: only whom no further way can reach has not been told of the higher one.
                climbed += _give_back(tools, moment + (tools.clock.now() - begun))
            if progress is not None:
                progress(total)
            nap = 0.0 if climbed else _nap(tools, alert_id, open_lanes)
            if nap is None or tools.clock.now() - begun + timedelta(seconds=nap) > within:
                break
            await asyncio.sleep(nap)
    finally:
        for channel in tools.channels.values():
            await channel.close()
        with writing(tools.engine) as connection:
            alert_store.finish_sent(connection, store.unfinished_versions())
    return total


def _tell_of_clock(tools: Tools, now: datetime) -> None:
    with reading(tools.engine) as connection:
        late = behind(connection, now)
    if late:
        log.error("clock behind the ledger: notices may be late", minutes=round(late.total_seconds() / 60))


def _give_back(tools: Tools, moment: datetime) -> int:
    with reading(tools.engine) as connection:
        if not muting.any_muted(connection, tools.clock.now()):
            return 0
    with writing(tools.engine) as connection:
        return muting.give_back(connection, tools.night, moment, tools.clock.now())


def _add(total: Sent, tally: Tally, findings: Findings) -> None:
    total.accepted += tally.accepted
    total.not_sent += tally.not_sent
    total.in_doubt += tally.in_doubt
    total.rejected += tally.rejected
    total.expired += tally.expired
    total.stopped = tuple(sorted({*total.stopped, *tally.stopped}))
    total.places = tuple(sorted({*total.places, *tally.places}))
    for name in ("found", "absent", "resent", "unresolved", "doubled", "polled"):
        setattr(total, name, getattr(total, name) + getattr(findings, name))


def _nap(tools: Tools, alert_id: int | None, open_lanes: Mapping[str, Lane]) -> float | None:
    """Return how long to wait for the next thing to do, in seconds; None if nothing is left for a machine.

    What waits for a channel that is stopped or not in use waits for a person.
    """
    with reading(tools.engine) as connection:
        found = due.next_due(connection, alert_id, timedelta(seconds=tools.settings.grace))
    now, may_ask = tools.clock.now(), askable(tools)
    waits = []
    for one in found:
        lane, wait = open_lanes.get(one.channel), (one.moment - now).total_seconds()
        if one.state is DeliveryState.READY and lane is not None and not lane.stopped:
            waits.append(max(wait, lane.wait(now)))
        elif one.state is not DeliveryState.READY and one.channel in may_ask:
            waits.append(wait)
    return min(max(min(waits), 0.02), LONGEST_NAP) if waits else None
