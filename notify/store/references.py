"""SQL: which rows of the register the proof of notices names. An undone roster takes those not away."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, select

from notify.store.deliveries import DELIVERIES
from notify.store.outbox import RECIPIENTS
from registry.roster.undo import Kept


def named(connection: Connection, *, postings: Sequence[int], addresses: Sequence[int]) -> Kept:
    """Return those of these rows that a recipient or a delivery names."""
    return Kept(
        _among(connection, RECIPIENTS.c.posting_id, postings), _among(connection, DELIVERIES.c.address_id, addresses)
    )


def _among(connection: Connection, column: Column[int], ids: Sequence[int]) -> frozenset[int]:
    # One look over the table for all of them: neither column has an index, and an undo is rare.
    if not ids:
        return frozenset()
    found = connection.execute(select(column).where(column.between(min(ids), max(ids))).distinct()).scalars()
    return frozenset(found) & frozenset(ids)
