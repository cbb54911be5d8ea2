"""Stopping an address because of what its provider or its owner said. The company sees the stop and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from notify.channels.base import Consequence
from registry import scope, store
from registry.actors import SYSTEM

BY_OWNER = "STOP by its owner"
REASONS = {Consequence.ADDRESS_BAD: "provider: no such address", Consequence.OPTED_OUT: BY_OWNER}


def stop(connection: Connection, address_ids: Sequence[int], why: Consequence, now: datetime) -> int:
    """Stop these addresses and every other with the same value: the number is at fault, or its owner spoke. Returns how many.

    What its owner wants is also written to the audit. `Consequence.NONE` stops nothing.
    """
    if why is Consequence.NONE or not address_ids:
        return 0
    same = scope.same_values(connection, SYSTEM, address_ids)
    store.stop_addresses(connection, same, reason=REASONS[why], now=now)
    if why is Consequence.OPTED_OUT:
        for one in same:
            record(
                connection, actor="recipient", action="address.stop", subject=f"address/{one}", now=now, detail=BY_OWNER
            )
    return len(same)


def use_again(connection: Connection, address_id: int, now: datetime) -> int:
    """Take back what the owner of an address wanted, for every address with the same value. Returns how many are used again."""
    same = scope.same_values(connection, SYSTEM, [address_id])
    count = store.use_again(connection, same, reason=BY_OWNER)
    if count:
        for one in same:
            record(connection, actor="recipient", action="address.use-again", subject=f"address/{one}", now=now)
    return count
