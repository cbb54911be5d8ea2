"""Somebody says of themselves that they are still there: their stays count as confirmed, and nobody need ask any more."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from registry import scope, store
from registry.actors import SYSTEM
from registry.asking import questions
from registry.history import Change, Values, between
from registry.scope.freshness import Standing
from registry.scope.residents import standing_stays
from registry.tables import PostingStatus

OVER: Values = {"status": PostingStatus.RETURNED}


def confirm_stays(connection: Connection, registrant_ids: tuple[int, ...], *, by: str, now: datetime) -> int:
    """Confirm every stay of these people that is not over; return how many.

    A doubtful one is so no more, and an end that has passed did not hold: no end is told then. But where another stay began
    at that end, the person moved on as they had said, and the one before is over.
    """
    stays = scope.standing(
        connection, SYSTEM, [number for _, number, _ in standing_stays(connection, SYSTEM, registrant_ids)]
    )
    changes: list[Change] = []
    told: dict[int, Values] = {}
    left = {number for number, one in stays.items() if any(_took_its_place(o, one, now.date()) for o in stays.values())}
    for number, stay in stays.items():
        before = {"status": stay.status, "date_to": stay.date_to, "confirmed_at": stay.confirmed_at}
        after = OVER if number in left else _confirmed(stay, now)
        changes.append(between(stay.registrant_id, "posting", number, before, after))
        told[number] = {"status": stay.status, "date_to": stay.date_to} | dict(after)
    store.make_changes(connection, changes, by=by, at=now)
    questions.settle(connection, told, by=by, at=now)
    return len(stays) - len(left)


def _confirmed(stay: Standing, now: datetime) -> dict[str, object]:
    after: dict[str, object] = {"confirmed_at": now}
    if stay.status == PostingStatus.DOUBTFUL:
        after["status"] = PostingStatus.ABROAD
    if stay.date_to is not None and stay.date_to < now.date():
        after["date_to"] = None
    return after


def _took_its_place(other: Standing, stay: Standing, day: date) -> bool:
    """Tell whether another stay of the person, elsewhere, has begun since this one was to end."""
    if other.registrant_id != stay.registrant_id or other.country == stay.country:
        return False
    if stay.date_to is None or other.date_from is None:
        return False
    return stay.date_to < day and stay.date_to <= other.date_from <= day
