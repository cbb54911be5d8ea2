"""Whereabouts: who is in these countries on a day, by posting. One pass in the database, one row per person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from registry.actors import Actor
from registry.people import CountryCount
from registry.scope.door import PEOPLE, POSTINGS, seen
from registry.tables import PostingStatus

HERE, SOON, UNSURE, NOT_THERE = 0, 1, 2, 3


def people_in(
    actor: Actor,
    countries: Sequence[str],
    day: date,
    *,
    include_doubtful: bool = False,
    leaving_within_days: int = 14,
) -> Select[Any]:
    """Select the people to be told about something in these countries on `day`: one row per person.

    Columns: registrant_id, posting_id, employer_id, country, language, zone, planned (0 or 1), doubtful (0 or 1). Of several postings of a
    person the surest counts (there before leaving soon before doubtful), then the smallest id. The returned and the
    erased never appear.

    Args:
        actor: a company gets its own people only.
        countries: ISO alpha-2 codes.
        day: the night being worked, as a date of the office.
        include_doubtful: also those marked doubtful, those overdue, and those planned without a date.
        leaving_within_days: how many days ahead a departure counts.

    Raises:
        TypeError: `countries` is one string: its letters would be taken for countries, and nobody found.
    """
    if isinstance(countries, str):
        raise TypeError("countries: a sequence of codes, not one string")
    rank = _rank(day, leaving_within_days)
    order = func.row_number().over(partition_by=POSTINGS.c.registrant_id, order_by=(rank, POSTINGS.c.id))
    statuses = [PostingStatus.ABROAD, PostingStatus.PLANNED, *([PostingStatus.DOUBTFUL] if include_doubtful else [])]
    row = POSTINGS.c
    best = (
        select(
            row.registrant_id, row.id.label("posting_id"), PEOPLE.c.employer_id, row.country, PEOPLE.c.language,
            row.zone, _planned(day).label("planned"), case((rank == UNSURE, 1), else_=0).label("doubtful"),
            order.label("choice"),
        )
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.country.in_(sorted(set(countries))), row.status.in_(statuses))
        .where(rank <= (UNSURE if include_doubtful else SOON), seen(actor, row.registrant_id))
        .subquery("best")
    )  # fmt: skip
    return select(*(column for column in best.c if column.name != "choice")).where(best.c.choice == 1)


def count_by_country(
    connection: Connection, actor: Actor, day: date, *, leaving_within_days: int = 14
) -> tuple[CountryCount, ...]:
    """Count the people by country on `day`, by country code. Somebody with stays in two countries counts in both."""
    best = (
        select(POSTINGS.c.country, func.min(_rank(day, leaving_within_days)).label("rank"))
        .where(POSTINGS.c.status != PostingStatus.RETURNED, seen(actor, POSTINGS.c.registrant_id))
        .group_by(POSTINGS.c.country, POSTINGS.c.registrant_id)
        .subquery("best")
    )
    sums = [func.sum(case((best.c.rank == rank, 1), else_=0)) for rank in (HERE, SOON, UNSURE)]
    query = (
        select(best.c.country, *sums).where(best.c.rank < NOT_THERE).group_by(best.c.country).order_by(best.c.country)
    )
    return tuple(CountryCount(row[0], int(row[1]), int(row[2]), int(row[3])) for row in connection.execute(query))


def _rank(day: date, leaving_within_days: int) -> ColumnElement[int]:
    """Return how surely a posting puts a person in its country on `day`: here, leaving for it soon, unsure, not there.

    The dates decide, not the word alone: nobody edits a roster on the day of departure, so a planned stay whose first
    day has come counts as here, and one said to be abroad that has yet to begin counts as planned.
    """
    row, last = POSTINGS.c, day + timedelta(days=leaving_within_days)
    stated = row.status.in_([PostingStatus.ABROAD, PostingStatus.PLANNED])
    planned_without_date = and_(row.status == PostingStatus.PLANNED, row.date_from.is_(None))
    begun = or_(row.date_from <= day, and_(row.date_from.is_(None), row.status == PostingStatus.ABROAD))
    here = and_(stated, begun, or_(row.date_to.is_(None), row.date_to >= day))
    soon = and_(stated, row.date_from > day, row.date_from <= last)
    overdue = and_(stated, row.date_to < day)
    doubtful = and_(row.status == PostingStatus.DOUBTFUL, or_(row.date_from.is_(None), row.date_from <= last))
    return case((here, HERE), (soon, SOON), (or_(doubtful, overdue, planned_without_date), UNSURE), else_=NOT_THERE)


def _planned(day: date) -> ColumnElement[int]:
    row = POSTINGS.c
    without_date = and_(row.status == PostingStatus.PLANNED, row.date_from.is_(None))
    return case((row.date_from > day, 1), (without_date, 1), else_=0)
