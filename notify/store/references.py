"""SQL: which rows of the register the proof of notices names, and whom warnings concern: what an undone roster must know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Select, and_, or_, select

from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.erasure import STILL_OPEN
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.undone import UNSENT, chunks, settle, to_addresses
from registry.roster.notices import Kept, Notices, TakenBack, Warned

UNDER_WAY = DELIVERIES.c.state.in_(STILL_OPEN)


def named(connection: Connection, *, postings: Sequence[int], addresses: Sequence[int]) -> Kept:
    """Return those of these rows that a recipient or a delivery names."""
    return Kept(
        _among(connection, RECIPIENTS.c.posting_id, postings), _among(connection, DELIVERIES.c.address_id, addresses)
    )


def told(connection: Connection, taken: TakenBack, now: datetime) -> Warned:
    """Return which of these people are recipients of anything, and which alerts still concern one of them, or go to one of
    these addresses: those in force, and those with a notice that is not at its end.
    """
    people: set[int] = set()
    found: set[tuple[int, int | None, str | None]] = set()
    in_force = and_(ALERTS.c.in_force_until > now, ALERTS.c.closed_at.is_(None))
    for chunk in chunks(taken.people):
        theirs = RECIPIENTS.c.registrant_id.in_(chunk)
        people.update(connection.execute(select(RECIPIENTS.c.registrant_id).where(theirs).distinct()).scalars())
        found.update(connection.execute(_concerned().where(theirs, or_(in_force, UNDER_WAY)).distinct()).tuples())
    for chunk in chunks(taken.addresses):
        theirs = DELIVERIES.c.id.in_(to_addresses(chunk))
        found.update(connection.execute(_concerned().where(theirs, UNDER_WAY).distinct()).tuples())
    states = [state for state in {number: state for _, number, state in found}.values() if state in STILL_OPEN]
    unsent = sum(state in UNSENT for state in states)
    return Warned(frozenset(people), tuple(sorted({one[0] for one in found})), unsent, len(states) - unsent)


def _concerned() -> Select[tuple[int, int | None, str | None]]:
    return (
        select(ALERTS.c.id, DELIVERIES.c.id, DELIVERIES.c.state)
        .join(VERSIONS, VERSIONS.c.alert_id == ALERTS.c.id)
        .join(RECIPIENTS, RECIPIENTS.c.version_id == VERSIONS.c.id)
        .outerjoin(LINKS, LINKS.c.recipient_id == RECIPIENTS.c.id)
        .outerjoin(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
    )


def _among(connection: Connection, column: Column[int], ids: Sequence[int]) -> frozenset[int]:
    # One look over the table for all of them: neither column has an index, and an undo is rare.
    if not ids:
        return frozenset()
    found = connection.execute(select(column).where(column.between(min(ids), max(ids))).distinct()).scalars()
    return frozenset(found) & frozenset(ids)


NOTICES = Notices(named, told, settle)
"""What an undo of a roster is given."""
