"""The engine: dispatch and reconcile in turn, until nothing is left that a machine can move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database import reading, writing
from notify.dispatch import Dispatcher, Tools
from notify.reconcile import reconcile
from notify.store import alerts as alert_store
from notify.store import deliveries as store

LONGEST_NAP = 1.0


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
    stopped: tuple[str, ...] = ()


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
    try:
        while True:
            now = tools.clock.now()
            await _pass(tools, total, moment + (now - begun), alert_id)
            if progress is not None:
                progress(total)
            nap = _nap(tools, alert_id)
            if nap is None or tools.clock.now() - begun + timedelta(seconds=nap) > within:
                break
            await asyncio.sleep(nap)
    finally:
        for channel in tools.channels.values():
            await channel.close()
        with writing(tools.engine) as connection:
            alert_store.finish_sent(connection, store.unfinished_versions())
    return total


async def _pass(tools: Tools, total: Sent, moment: datetime, alert_id: int | None) -> None:
    tally = await Dispatcher(tools, alert_id=alert_id).drain(moment)
    findings = await reconcile(tools)
    total.accepted += tally.accepted
    total.not_sent += tally.not_sent
    total.in_doubt += tally.in_doubt
    total.rejected += tally.rejected
    total.expired += tally.expired
    total.stopped = tuple(sorted({*total.stopped, *tally.stopped}))
    for name in ("found", "absent", "resent", "unresolved", "doubled", "polled"):
        setattr(total, name, getattr(total, name) + getattr(findings, name))


def _nap(tools: Tools, alert_id: int | None) -> float | None:
    """Return how long to wait for the next thing to do, in seconds; None if nothing is left for a machine."""
    with reading(tools.engine) as connection:
        due = store.next_due(connection, alert_id, timedelta(seconds=tools.settings.grace))
    if due is None:
        return None
    return min(max((due - tools.clock.now()).total_seconds(), 0.02), LONGEST_NAP)
