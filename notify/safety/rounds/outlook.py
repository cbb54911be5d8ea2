"""The rounds of a roll call as an officer sees them: which steps were taken for how many, and when the next is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.tables import Mode
from notify.safety.rounds.plan import BEFORE, Step
from notify.store import alerts as alert_store
from notify.store import safe_rounds as store
from notify.store import safe_ways
from notify.store.safety import unsettled


@dataclass(frozen=True)
class Taken:
    """A step that was taken for so many people, last at that moment."""

    step: Step
    people: int
    last: datetime


@dataclass(frozen=True)
class Outlook:
    """The rounds so far.

    Attributes:
        going: they go on: the alert is in force, not paused, and within its days of rounds.
        next_step, next_at: the earliest step that is to come, and its moment; None: none is.
    """

    going: bool
    taken: tuple[Taken, ...]
    next_step: Step | None = None
    next_at: datetime | None = None


def outlook(connection: Connection, alert_id: int, silence: timedelta, now: datetime) -> Outlook:
    """Say how the rounds of an alert stand, and what comes next if nobody answers before."""
    mode = Mode(alert_store.instance(connection).mode)
    calls = store.roll_calls(connection, mode, now, alert_id)
    done: dict[Step, dict[int, datetime]] = {step: {} for step in Step}
    suffix = f"{store.ROUND}{calls[0].again}" if calls and calls[0].again else ""
    for row in store.steps_of(connection, alert_id):
        name, mark, number = row.step.partition(store.ROUND)
        if mark + number == suffix:
            done[Step(name)][row.registrant_id] = row.at
    taken = tuple(Taken(step, len(some), max(some.values())) for step, some in done.items() if some)
    if not calls:
        return Outlook(False, taken)
    open_ones = set(connection.execute(unsettled(alert_id)).scalars())
    asked = {
        row.registrant_id: row.since
        for row in connection.execute(safe_ways.silent_since(alert_id, calls[0].again))
        if row.registrant_id in open_ones
    }
    coming = _coming(done, asked, silence)
    return Outlook(True, taken, *coming)


def _coming(
    done: Mapping[Step, Mapping[int, datetime]], asked: Mapping[int, datetime], silence: timedelta
) -> tuple[Step | None, datetime | None]:
    """Return the earliest step that is due for anybody, and when: so long after the one before it."""
    found: list[tuple[datetime, Step]] = []
    for step in Step:
        before = BEFORE[step]
        since = asked if not before else {one: at for one, at in done[Step(before)].items() if one in asked}
        waits = [at for one, at in since.items() if one not in done[step]]
        if waits:
            found.append((min(waits) + silence, step))
    if not found:
        return None, None
    at, step = min(found)
    return step, at
