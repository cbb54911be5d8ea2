"""What the office told of its own: when the ministry prints later what an embassy's message said before, nobody is told twice by rule.

A pasted notice of an authority at home stands like any other: its copy in the same words opens nothing, and a copy with a higher
grade is its next version. What is about the same country, hazard and 72 hours in other words, and no graver, may be the same or
something new: that is for an officer to say, so it becomes a draft that calls the duty officer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from notify.drafting import hazard_of
from notify.own import store
from notify.own.audience import audience_of
from notify.own.model import OWN, Audience
from notify.store import alerts as alert_store
from notify.store import joins
from notify.store.joins import Standing
from notify.store.rules import standing as standing_beside
from notify.tables import AlertVersion
from sources.model import Advisory


def standing(connection: Connection, since: datetime, as_of: datetime) -> list[Standing]:
    """Return the alerts from pasted notices of an authority at home that stand, newest first; narrowed ones are left out.

    A pasted notice that says not when it was issued counts as issued when it was pasted.
    """
    pasted = store.home_notices(connection)
    found = []
    for one in joins.standing(connection, [OWN], since, as_of):
        if one.alert_id in pasted and not _is_narrow(connection, one.alert_id):
            moment = pasted[one.alert_id]
            said = tuple(replace(said, published_at=said.published_at or moment) for said in one.said)
            found.append(replace(one, said=said))
    return found


def told_the_same(connection: Connection, stands: Standing, new: Advisory, as_of: datetime) -> bool:
    """Tell whether an alert of our own has told everybody meant of the same country, hazard and 72 hours, no less gravely."""
    told = alert_store.told_versions(connection, stands.alert_id)
    alert = alert_store.alert(connection, stands.alert_id)
    if not told or alert is None or not stands.countries.issuperset(new.countries):
        return False
    last = alert_store.version(connection, told[-1])
    graver = isinstance(new.level, int) and (last.level is None or new.level > last.level)
    near = as_of - last.as_of <= alert_store.WINDOW
    return alert.hazard == hazard_of(new) and near and not graver


def told_by_own(connection: Connection, version: AlertVersion) -> int | None:
    """Return the alert of our own that told of the situation of a draft of a publisher; None: there is none."""
    alert = alert_store.alert(connection, version.alert_id)
    if alert is None or alert.source_id == OWN or version.change_id is None or version.released_at is not None:
        return None
    pasted = store.home_notices(connection)
    return next((one.alert_id for one in standing_beside(connection, version) if one.alert_id in pasted), None)


def _is_narrow(connection: Connection, alert_id: int) -> bool:
    newest = alert_store.newest_version(connection, alert_id)
    return audience_of(connection, newest.id or 0) != Audience()
