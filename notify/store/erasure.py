"""SQL of erasure: who must still be told something, and what notices keep of a number that nobody has any more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES, OPEN_STATES
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import DeliveryState
from registry import scope
from registry.scope.rights import known_values

STILL_OPEN = (*OPEN_STATES, DeliveryState.UNRESOLVED)
INDEX = 16


def awaiting(connection: Connection, registrant_ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Return which of these people have a notice of an alert in force that is not at its end."""
    found: set[int] = set()
    for start in range(0, len(registrant_ids), scope.CHUNK):
        chunk = registrant_ids[start : start + scope.CHUNK]
        query = (
            select(RECIPIENTS.c.registrant_id)
            .join(LINKS, LINKS.c.recipient_id == RECIPIENTS.c.id)
            .join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
            .join(VERSIONS, VERSIONS.c.id == RECIPIENTS.c.version_id)
            .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
            .where(RECIPIENTS.c.registrant_id.in_(chunk), DELIVERIES.c.state.in_(STILL_OPEN))
            .where(ALERTS.c.in_force_until > now, ALERTS.c.closed_at.is_(None))
        )
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def blur_addresses(connection: Connection, registrant_ids: Sequence[int]) -> None:
    """Put random bytes in place of the blind index of every notice to these people whose number nobody has any more."""
    for start in range(0, len(registrant_ids), scope.CHUNK):
        chunk = registrant_ids[start : start + scope.CHUNK]
        theirs = (
            select(DELIVERIES.c.id)
            .join(LINKS, LINKS.c.delivery_id == DELIVERIES.c.id)
            .join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
            .where(RECIPIENTS.c.registrant_id.in_(chunk), DELIVERIES.c.address_index.not_in(known_values()))
            .distinct()
        )
        rows = [{"b_id": one, "b_index": secrets.token_bytes(INDEX)} for one in connection.execute(theirs).scalars()]
        if rows:
            statement = update(DELIVERIES).where(DELIVERIES.c.id == bindparam("b_id"))
            connection.execute(statement.values(address_index=bindparam("b_index")), rows)
