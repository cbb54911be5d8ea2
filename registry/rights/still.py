"""Somebody says of themselves that they are still there: their stays count as confirmed, and nobody need ask any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from registry import scope, store
from registry.actors import SYSTEM
from registry.asking import questions
from registry.history import between
from registry.scope.residents import standing_stays
from registry.tables import PostingStatus


def confirm_stays(connection: Connection, registrant_ids: tuple[int, ...], *, by: str, now: datetime) -> int:
    """Confirm every stay of these people that is not over; return how many.

    A doubtful one is so no more, and an end that has passed did not hold: no end is told then.
    """
    stays = scope.standing(
        connection, SYSTEM, [number for _, number, _ in standing_stays(connection, SYSTEM, registrant_ids)]
    )
    changes, told = [], {}
    for number, stay in stays.items():
        passed = stay.date_to is not None and stay.date_to < now.date()
        doubtful = stay.status == PostingStatus.DOUBTFUL
        after: dict[str, object] = {"confirmed_at": now}
        after |= {"status": PostingStatus.ABROAD} if doubtful else {}
        after |= {"date_to": None} if passed else {}
        before = {"status": stay.status, "date_to": stay.date_to, "confirmed_at": stay.confirmed_at}
        changes.append(between(stay.registrant_id, "posting", number, before, after))
        told[number] = {"status": after.get("status", stay.status), "date_to": after.get("date_to", stay.date_to)}
    store.make_changes(connection, changes, by=by, at=now)
    questions.settle(connection, told, by=by, at=now)
    return len(stays)
