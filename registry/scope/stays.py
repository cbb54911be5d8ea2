"""One person's stays on a day: how surely each puts them in its country. What tells why somebody was matched, or was not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from registry.actors import Actor
from registry.scope.door import POSTINGS, seen
from registry.scope.whereabouts import rank_of


@dataclass(frozen=True)
class StayOn:
    """A stay and its rank on a day: `HERE`, `SOON`, `STALE`, `UNSURE` or `NOT_THERE` of `registry.scope`."""

    posting_id: int
    country: str
    status: str
    date_from: date | None
    date_to: date | None
    confirmed_at: datetime
    created_at: datetime
    updated_at: datetime
    rank: int


def stays_on(
    connection: Connection, actor: Actor, registrant_id: int, day: date, *, leaving_within_days: int = 14
) -> tuple[StayOn, ...]:
    """Return every stay of a person with its rank on `day`, by number; none for somebody else's person, or an erased one."""
    row = POSTINGS.c
    query = select(
        row.id, row.country, row.status, row.date_from, row.date_to, row.confirmed_at, row.created_at, row.updated_at,
        rank_of(day, leaving_within_days),
    ).where(row.registrant_id == registrant_id, seen(actor, row.registrant_id))  # fmt: skip
    return tuple(StayOn(*one) for one in connection.execute(query.order_by(row.id)))
