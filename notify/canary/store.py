"""SQL of canaries: written before the call, what came of it after, and what the provider said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from core.tables import table
from notify.canary.tables import Canary
from notify.channels.base import rank

CANARIES = table(Canary)
BASE = 10**17
"""Added to the number of a canary where a provider is given the number of a notice: no notice has one so large."""


def begin(connection: Connection, values: dict[str, Any]) -> int:
    """Write a canary before its call; return its number."""
    return int(connection.execute(insert(CANARIES).values(values).returning(CANARIES.c.id)).scalar_one())


def end(connection: Connection, number: int, *, outcome: str, code: str, provider_id: str) -> None:
    """Write what came of the call."""
    values = {"outcome": outcome, "code": code[:60], "provider_id": provider_id}
    connection.execute(update(CANARIES).where(CANARIES.c.id == number).values(values))


def hear(connection: Connection, number: int, status: str, *, code: str, at: datetime | None) -> bool:
    """Let the provider's word raise the status; `at`: it came to our callback then, by itself. False: no such canary."""
    row = CANARIES.c
    if at is not None:
        heard = update(CANARIES).where(row.id == number).values(heard_at=func.coalesce(row.heard_at, at))
        if not connection.execute(heard).rowcount:
            return False
    higher = update(CANARIES).where(row.id == number, row.rank < rank(status))
    connection.execute(higher.values(status=status[:40], rank=rank(status), code=code[:60]))
    return True


def rows(connection: Connection, numbers: Sequence[int]) -> list[Canary]:
    """Return canaries by number."""
    query = select(CANARIES).where(CANARIES.c.id.in_(numbers)).order_by(CANARIES.c.id)
    return [Canary(**row) for row in connection.execute(query).mappings()]


def newest(connection: Connection, mode: str) -> dict[str, Canary]:
    """Return the newest canary of each channel that was sent in this mode."""
    last = select(func.max(CANARIES.c.id)).where(CANARIES.c.mode == mode).group_by(CANARIES.c.channel)
    return {one.channel: one for one in rows(connection, list(connection.execute(last).scalars()))}
