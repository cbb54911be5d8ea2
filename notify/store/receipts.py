"""SQL of receipts: kept raw, and applied to the provider's side of a delivery, which only rises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from notify.channels.base import rank
from notify.store.deliveries import DELIVERIES, RECEIPTS, VERSIONS, adopted
from notify.tables import Delivery, DeliveryState

RECENT = 200
"""Newest versions among which the notice is looked for that somebody answers: an answer to an older one is to no notice."""

NOT_TAKEN_YET = (DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED, DeliveryState.READY)


def insert_receipt(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a receipt as it came; False if the very same one was kept before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(RECEIPTS).values(dict(row)).on_conflict_do_nothing()
    # Without the option SQLAlchemy answers -1 for an INSERT on PostgreSQL.
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def raise_status(connection: Connection, receipt: Mapping[str, Any], now: datetime) -> None:
    """Let a receipt raise the provider's status of its delivery. What is not higher changes nothing, so order is no matter."""
    d = DELIVERIES.c
    ours, status, code = d.id == receipt["delivery_id"], str(receipt["status"]), str(receipt["error_code"])
    # The same status may be told with its error code and without; the one with it says more.
    higher = or_(d.provider_rank < rank(status), and_(d.provider_rank == rank(status), d.error_code < code))
    if rank(status):
        values = {"provider_rank": rank(status), "provider_status": status, "error_code": code, "updated_at": now}
        connection.execute(update(DELIVERIES).where(ours, higher).values(values))
    # The provider speaks of it, so it has it: a doubt is over, it is not sent again, and an id we never got is filled in.
    taken = update(DELIVERIES).where(ours, d.state.in_(NOT_TAKEN_YET), d.attempts > 0)
    connection.execute(taken.values(adopted(now)))
    named = update(DELIVERIES).where(ours, d.provider_id.is_(None), d.attempts > 0)
    connection.execute(named.values(provider_id=receipt["provider_id"], provider=receipt["provider"]))


def delivery(connection: Connection, delivery_id: int) -> Delivery | None:
    """Return one delivery."""
    row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == delivery_id)).mappings().first()
    return Delivery(**row) if row else None


def newest_to(connection: Connection, channels: Sequence[str], address_index: bytes) -> int | None:
    """Return the newest notice that was handed to a provider for this address over one of these channels; None: none lately."""
    d = DELIVERIES.c
    lately = (
        select(VERSIONS.c.id).where(VERSIONS.c.released_at.is_not(None)).order_by(VERSIONS.c.id.desc()).limit(RECENT)
    )
    query = select(d.id).where(
        d.version_id.in_(lately), d.channel.in_(channels), d.address_index == address_index, d.attempts > 0
    )  # fmt: skip
    return connection.execute(query.order_by(d.id.desc()).limit(1)).scalar_one_or_none()
