"""Which stays somebody must confirm: those of a company, those past their end, those nobody spoke of for long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, select

from core.tables import table
from registry.actors import Actor
from registry.asking.tables import Question
from registry.people import stale_before
from registry.scope.door import PEOPLE, POSTINGS, chunks, seen
from registry.tables import PostingStatus

QUESTIONS = table(Question)
STANDING = [PostingStatus.ABROAD, PostingStatus.PLANNED, PostingStatus.DOUBTFUL]


@dataclass(frozen=True)
class Standing:
    """A stay that is not over by its word."""

    posting_id: int
    registrant_id: int
    employer_id: int | None
    country: str
    status: PostingStatus
    date_to: date | None
    confirmed_at: datetime
    date_from: date | None = None


def standing(connection: Connection, actor: Actor, posting_ids: Iterable[int]) -> dict[int, Standing]:
    """Return these stays by id. Absent: over, not there, or not for this actor."""
    found: dict[int, Standing] = {}
    for chunk in chunks(sorted(set(posting_ids))):
        found.update((one.posting_id, one) for one in _read(connection, _stays(actor).where(POSTINGS.c.id.in_(chunk))))
    return found


def standing_of(connection: Connection, actor: Actor, employer_id: int) -> list[Standing]:
    """Return the stays of an employer that no open question is about, by id."""
    query = _stays(actor).where(PEOPLE.c.employer_id == employer_id, ~_asked())
    return _read(connection, query.order_by(POSTINGS.c.id))


def past_their_end(connection: Connection, actor: Actor, day: date) -> list[Standing]:
    """Return the stays that should have ended before `day`, and that nobody was asked about yet, by id."""
    query = _stays(actor).where(POSTINGS.c.date_to < day, ~_asked())
    return _read(connection, query.order_by(POSTINGS.c.id))


def unconfirmed_employers(connection: Connection, actor: Actor, since: datetime) -> list[int]:
    """Return the employers with people abroad of whom nobody said anything since then, by id."""
    there = and_(
        POSTINGS.c.status.in_([PostingStatus.ABROAD, PostingStatus.DOUBTFUL]),
        POSTINGS.c.confirmed_at < since,
        PEOPLE.c.employer_id.is_not(None),
    )
    query = (
        select(PEOPLE.c.employer_id)
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == POSTINGS.c.registrant_id)
        .where(there, seen(actor, PEOPLE.c.id))
        .distinct()
        .order_by(PEOPLE.c.employer_id)
    )
    return list(connection.execute(query).scalars())


def stale_by_employer(connection: Connection, actor: Actor, day: date) -> dict[int | None, tuple[int, int]]:
    """Return, by employer (None: residents), how many stays are not over, and how many of these are stale on `day`."""
    stale = func.sum(case((POSTINGS.c.confirmed_at < stale_before(day), 1), else_=0))
    query = (
        select(PEOPLE.c.employer_id, func.count(), stale)
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == POSTINGS.c.registrant_id)
        .where(POSTINGS.c.status.in_(STANDING), seen(actor, PEOPLE.c.id))
        .group_by(PEOPLE.c.employer_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


def _stays(actor: Actor) -> Select[Any]:
    row = POSTINGS.c
    return (
        select(
            row.id,
            row.registrant_id,
            PEOPLE.c.employer_id,
            row.country,
            row.status,
            row.date_to,
            row.confirmed_at,
            row.date_from,
        )
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.status.in_(STANDING), seen(actor, row.registrant_id))
    )


def _asked() -> ColumnElement[bool]:
    return exists().where(QUESTIONS.c.posting_id == POSTINGS.c.id, QUESTIONS.c.answered_at.is_(None))


def _read(connection: Connection, query: Select[Any]) -> list[Standing]:
    return [
        Standing(row[0], row[1], row[2], row[3], PostingStatus(row[4]), row[5], row[6], row[7])
        for row in connection.execute(query)
    ]
