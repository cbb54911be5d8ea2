"""A dispatcher that stays: it looks every second for what is due, so that an alert leaves as soon as it is released."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime, timedelta

from cli.show import complain
from core.database import reading, writing
from core.errors import LingbaoError, StoreBusy
from notify import engine
from notify.duty.store import beat
from notify.office import Office
from notify.readiness import DISPATCHER
from notify.store.due import next_due
from notify.tables import DeliveryState

PAUSE = 1.0
"""Seconds between two looks."""

EASE = 20
"""A look that takes long, over an outbox that waits for a person, is taken so much more rarely: it costs a twentieth of the time."""

WHOLE = timedelta(seconds=15)
"""How often doubts, ladders and receipts that did not come are looked after, though nothing new is due."""

BEAT = timedelta(seconds=15)
"""How often it writes down that it is there; while it sends, at the end of a run at the latest (`WITHIN`)."""

WITHIN = timedelta(seconds=60)
"""A run of the engine ends after so long: what other processes released meanwhile is taken by the next one."""


async def stay(office: Office) -> None:
    """Send whatever becomes due, for ever. A database that is busy is told and asked again.

    Raises:
        asyncio.CancelledError: it was told to end; what was in hand is written down.
    """
    tried, whole_at, pause = frozenset[str](), office.clock.now(), 0.0
    beat_at = whole_at
    while True:
        now, begun = office.clock.now(), time.monotonic()
        try:
            if now >= beat_at:
                _beat(office, now)
                beat_at = now + BEAT
            fresh, pause = due_now(office, now) - tried, time.monotonic() - begun
            if fresh or now >= whole_at:
                await engine.run(office.tools(), moment=now, within=WITHIN)
                whole_at = office.clock.now() + WHOLE
                # What is still due now waits for a person: a channel without an account must not keep us running.
                tried = due_now(office, office.clock.now())
        except LingbaoError as error:
            complain(error.message)
        await asyncio.sleep(max(PAUSE, EASE * pause))


def _beat(office: Office, now: datetime) -> None:
    """Write down that a dispatcher is there: `/readyz`, the figures and `lingbao doctor` tell its age."""
    # Missed while the database is busy: it shows by its age, and must keep no notice from leaving.
    with contextlib.suppress(StoreBusy), writing(office.engine) as connection:
        beat(connection, DISPATCHER, now)


def due_now(office: Office, now: datetime) -> frozenset[str]:
    """Return the channels over which something is ready to leave."""
    with reading(office.engine) as connection:
        found = next_due(connection, None, timedelta(seconds=office.settings.grace))
    return frozenset(one.channel for one in found if one.state is DeliveryState.READY and one.moment <= now)
