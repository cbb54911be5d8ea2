"""What happened since the night before: what changed at the publishers, what was sent, and who could not be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from notify.model import BASELINE
from notify.rundown import LONGEST_DAY, NIGHT
from notify.store import proof as store
from notify.store import tonight
from notify.store.tonight import released_since
from notify.tables import AlertVersion
from sources import store as source_store
from sources.model import ChangeKind
from sources.store import StoredChange

MOST_CHANGES, MOST_READ, MOST_ALERTS = 60, 300, 30
LOST = ("failed", "expired", "provider_undelivered", "provider_failed", "provider_canceled")
"""States, ours and the provider's, of a notice that reached nobody."""


@dataclass(frozen=True)
class Sending:
    """One version that was released, in figures: notices, but `people` and `nowhere` (people without any address that can be used).

    Attributes:
        lost: reached nobody. `doubtful`: nobody knows.
    """

    version: AlertVersion
    countries: tuple[str, ...]
    people: int
    accepted: int
    delivered: int
    lost: int
    doubtful: int
    open: int
    nowhere: int


@dataclass(frozen=True)
class Happened:
    """What happened since `since`.

    Attributes:
        changes: without those that only moved a date, which are `touched`; `more`: there are more than the list holds.
    """

    since: datetime
    changes: list[StoredChange]
    touched: int
    more: bool
    sendings: list[Sending]


def happened(connection: Connection, now: datetime) -> Happened:
    """Return what happened since the night before the last one, as the brief counts it; at most a day without a night."""
    since = begin_of_day(connection, now)
    found = [one for one in source_store.changes(connection, since=since, most=MOST_READ) if one.as_of > since]
    fresh = [one for one in found if one.change.kind is not ChangeKind.TOUCHED]
    released = released_since(connection, since, MOST_ALERTS)
    places = tonight.places_of(connection, [one.id or 0 for one in released])
    sendings = [_sending(connection, one, places.get(one.id or 0, ())) for one in released]
    return Happened(
        since, fresh[:MOST_CHANGES], len(found) - len(fresh), len(fresh) > MOST_CHANGES or len(found) == MOST_READ,
        # What stands for newcomers only, and for whom nobody came yet, was sent to nobody.
        [one for one in sendings if one.people or one.version.rule != BASELINE],
    )  # fmt: skip


def begin_of_day(connection: Connection, now: datetime) -> datetime:
    """Return since when things belong to the last night: from the night before it on."""
    last = store.last_run(connection, NIGHT)
    if last is None:
        return now - LONGEST_DAY
    before = store.last_run(connection, NIGHT, before=last.as_of)
    return last.as_of - LONGEST_DAY if before is None else max(before.as_of, last.as_of - timedelta(days=7))


def _sending(connection: Connection, version: AlertVersion, countries: tuple[str, ...]) -> Sending:
    number = version.id or 0
    counted = store.counts(connection, number)
    delivered = counted.get("provider_delivered", 0) + counted.get("provider_read", 0)
    lost_at_provider = sum(counted.get(one, 0) for one in LOST if one.startswith("provider_"))
    return Sending(
        version, countries, counted["people"], counted.get("accepted", 0) - delivered - lost_at_provider, delivered,
        sum(counted.get(one, 0) for one in LOST), counted.get("unknown", 0) + counted.get("unresolved", 0),
        sum(counted.get(one, 0) for one in ("planned", "ready", "sending")), len(store.unreachable(connection, number)),
    )  # fmt: skip
