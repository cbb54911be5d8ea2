"""SQL: which rows of the register the proof of notices names, and whom warnings concern: what an undone roster must know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, and_, or_, select

from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.erasure import STILL_OPEN, blur_addresses
from notify.store.outbox import LINKS, RECIPIENTS
from registry import scope
from registry.roster.notices import Kept, Notices, Warned


def named(connection: Connection, *, postings: Sequence[int], addresses: Sequence[int]) -> Kept:
    """Return those of these rows that a recipient or a delivery names."""
    return Kept(
        _among(connection, RECIPIENTS.c.posting_id, postings), _among(connection, DELIVERIES.c.address_id, addresses)
    )


def told(connection: Connection, registrant_ids: Sequence[int], now: datetime) -> Warned:
    """Return which of these people are recipients of anything, and which alerts still concern one of them: those in force,
    and those with a notice to them that is not at its end.
    """
    people: set[int] = set()
    alerts: set[int] = set()
    in_force = and_(ALERTS.c.in_force_until > now, ALERTS.c.closed_at.is_(None))
    under_way = DELIVERIES.c.state.in_(STILL_OPEN)
    for start in range(0, len(registrant_ids), scope.CHUNK):
        theirs = RECIPIENTS.c.registrant_id.in_(registrant_ids[start : start + scope.CHUNK])
        people.update(connection.execute(select(RECIPIENTS.c.registrant_id).where(theirs).distinct()).scalars())
        query = (
            select(ALERTS.c.id)
            .join(VERSIONS, VERSIONS.c.alert_id == ALERTS.c.id)
            .join(RECIPIENTS, RECIPIENTS.c.version_id == VERSIONS.c.id)
            .outerjoin(LINKS, LINKS.c.recipient_id == RECIPIENTS.c.id)
            .outerjoin(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
            .where(theirs, or_(in_force, under_way))
            .distinct()
        )
        alerts.update(connection.execute(query).scalars())
    return Warned(frozenset(people), tuple(sorted(alerts)))


def _among(connection: Connection, column: Column[int], ids: Sequence[int]) -> frozenset[int]:
    # One look over the table for all of them: neither column has an index, and an undo is rare.
    if not ids:
        return frozenset()
    found = connection.execute(select(column).where(column.between(min(ids), max(ids))).distinct()).scalars()
    return frozenset(found) & frozenset(ids)


NOTICES = Notices(named, told, blur_addresses)
"""What an undo of a roster is given."""
