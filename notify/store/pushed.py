"""SQL: which deliveries a provider speaks of that knows its own number only, and what is needed to ask for one by number."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from notify.store.deliveries import CLAIMED, DELIVERIES, Claimed


def deliveries_of(connection: Connection, provider: str, provider_ids: Sequence[str]) -> dict[str, int]:
    """Return the numbers of deliveries by the provider's number of their message; those nobody knows are absent."""
    query = select(DELIVERIES.c.provider_id, DELIVERIES.c.id).where(
        DELIVERIES.c.provider_id.in_(list(provider_ids)), DELIVERIES.c.provider == provider
    )
    return {row.provider_id: row.id for row in connection.execute(query)}


def claimed(connection: Connection, delivery_ids: Sequence[int]) -> list[Claimed]:
    """Return deliveries as their worker had them: to ask for them, not to send them."""
    query = select(*CLAIMED).where(DELIVERIES.c.id.in_(list(delivery_ids)))
    return [Claimed(*row) for row in connection.execute(query)]
