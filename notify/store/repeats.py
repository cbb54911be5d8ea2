"""SQL of repeats: what is sent a second time because its provider promised to drop a repeat for a while.

Such a doubt is not over until the repeat was taken: if it cannot be made within that while, nothing is proven, and the notice
is in doubt again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from notify.channels.base import Repeatable
from notify.store.deliveries import OUTCOMES, first_attempts

REPEATABLE = Repeatable.__name__.lower()


def begun(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when the first call was made for those of these deliveries whose newest answer of the reconciler was "repeatable"."""
    o = OUTCOMES.c
    newest = select(func.max(o.id)).where(o.delivery_id.in_(delivery_ids), o.by == "reconciler").group_by(o.delivery_id)
    query = select(o.delivery_id).where(o.id.in_(newest), o.outcome == REPEATABLE)
    repeated = list(connection.execute(query).scalars())
    return first_attempts(connection, repeated) if repeated else {}
