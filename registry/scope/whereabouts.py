"""Whereabouts: who is in these countries on a day, by posting. One pass in the database, one row per person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, exists, func, literal, or_, select

from registry.actors import Actor
from registry.people import CountryCount, stale_before
from registry.places import Matched
from registry.scope.among import not_elsewhere
from registry.scope.door import PEOPLE, POSTINGS, seen
from registry.tables import PostingStatus

HERE, SOON, STALE, UNSURE, NOT_THERE = 0, 1, 2, 3, 4
"""How surely somebody is there; from `STALE` on they are told from level 3 up only, marked as doubtful."""


def people_in(
    actor: Actor,
    countries: Sequence[str],
    day: date,
    *,
    include_doubtful: bool = False,
    leaving_within_days: int = 14,
    places: Matched | None = None,
) -> Select[Any]:
    """Select the people to be told about something in these countries on `day`: one row per person.

    Columns: registrant_id, posting_id, employer_id, country, language, zone, planned (0 or 1), doubtful (0 or 1). Of several postings of a
    person the surest counts (there, leaving soon, stale, doubtful), then the smallest id. The returned and the
    erased never appear.

    Args:
        actor: a company gets its own people only.
        countries: ISO alpha-2 codes.
        day: the night being worked, as a date of the office.
        include_doubtful: also those marked doubtful, those overdue, those planned without a date, and those nobody has
            confirmed for 90 days.
        leaving_within_days: how many days ahead a departure counts.
        places: what the words in the register mean for places asked for: a stay known to be elsewhere does not count.

    Raises:
        TypeError: `countries` is one string: its letters would be taken for countries, and nobody found.
    """
    if isinstance(countries, str):
        raise TypeError("countries: a sequence of codes, not one string")
    row = POSTINGS.c
    rank = rank_of(day, leaving_within_days)
    statuses = [PostingStatus.ABROAD, PostingStatus.PLANNED, *([PostingStatus.DOUBTFUL] if include_doubtful else [])]
    doubtful = case((rank >= STALE, 1), else_=0) if include_doubtful else literal(0)

    def counted(stays: FromClause) -> ColumnElement[bool]:
        counts = counting(day, leaving_within_days, stays, include_doubtful=include_doubtful)
        return and_(stays.c.country.in_(sorted(set(countries))), not_elsewhere(stays, places), counts)

    return (
        select(
            row.registrant_id, row.id.label("posting_id"), PEOPLE.c.employer_id, row.country, PEOPLE.c.language,
            row.zone, planned_on(day).label("planned"), doubtful.label("doubtful"),
        )
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.status.in_(statuses), counted(POSTINGS), seen(actor, row.registrant_id))
        .where(~_surer(counted, lambda stays: rank_of(day, leaving_within_days, stays)))
    )  # fmt: skip


def _surer(
    counted: Callable[[FromClause], ColumnElement[bool]], rank: Callable[[FromClause], ColumnElement[int]]
) -> ColumnElement[bool]:
    """Return the condition that the person has another stay that counts more. Few have another at all, so this is quicker than
    sorting everybody's stays.
    """
    this, other = POSTINGS, POSTINGS.alias("other")
    before = or_(rank(other) < rank(this), and_(rank(other) == rank(this), other.c.id < this.c.id))
    mine = and_(other.c.registrant_id == this.c.registrant_id, other.c.id != this.c.id)
    return exists().where(mine, counted(other), before)


def counting(
    day: date, leaving_within_days: int, stays: FromClause = POSTINGS, *, include_doubtful: bool
) -> ColumnElement[bool]:
    """Return the condition that somebody is told of a danger at the place of a stay."""
    if include_doubtful:
        return rank_of(day, leaving_within_days, stays) <= UNSURE
    return surely(day, leaving_within_days, stays)


def count_by_country(
    connection: Connection, actor: Actor, day: date, *, leaving_within_days: int = 14
) -> tuple[CountryCount, ...]:
    """Count the people by country on `day`, by country code. Somebody with stays in two countries counts in both."""
    best = surest(actor, day, leaving_within_days=leaving_within_days).subquery("best")
    sums = [func.sum(case((best.c.rank == rank, 1), else_=0)) for rank in (HERE, SOON, UNSURE, STALE)]
    query = (
        select(best.c.country, *sums).where(best.c.rank < NOT_THERE).group_by(best.c.country).order_by(best.c.country)
    )
    return tuple(CountryCount(row[0], *(int(count) for count in row[1:])) for row in connection.execute(query))


def surest(actor: Actor, day: date, *, leaving_within_days: int = 14) -> Select[Any]:
    """Select each person once for each country: country, registrant_id, the rank of their surest stay there, and when a
    stay there was last confirmed. Rank `NOT_THERE` is among them.
    """
    row = POSTINGS.c
    return (
        select(
            row.country, row.registrant_id, func.min(rank_of(day, leaving_within_days)).label("rank"),
            func.max(row.confirmed_at).label("confirmed_at"),
        )
        .where(row.status != PostingStatus.RETURNED, seen(actor, row.registrant_id))
        .group_by(row.country, row.registrant_id)
    )  # fmt: skip


def rank_of(day: date, leaving_within_days: int, stays: FromClause = POSTINGS) -> ColumnElement[int]:
    """Return how surely a posting puts a person in its country on `day`: here, leaving for it soon, stale, unsure, not
    there.

    The dates decide, not the word alone: nobody edits a roster on the day of departure, so a planned stay whose first
    day has come counts as here, and one said to be abroad that has yet to begin counts as planned.
    """
    row = stays.c
    here, soon = _here(day, stays), _soon(day, leaving_within_days, stays)
    planned_without_date = and_(row.status == PostingStatus.PLANNED, row.date_from.is_(None))
    overdue = and_(_stated(stays), row.date_to < day)
    doubtful = row.status == PostingStatus.DOUBTFUL  # whatever its dates: the year of the first day may be mistyped
    stale = and_(or_(here, soon), row.confirmed_at < stale_before(day))
    return case(
        (stale, STALE),
        (here, HERE),
        (soon, SOON),
        (or_(doubtful, overdue, planned_without_date), UNSURE),
        else_=NOT_THERE,
    )


def surely(day: date, leaving_within_days: int, stays: FromClause = POSTINGS) -> ColumnElement[bool]:
    """Return the condition that a posting ranks `HERE` or `SOON`: the same as by `rank_of`, and quicker to decide."""
    fresh = stays.c.confirmed_at >= stale_before(day)
    return and_(fresh, or_(_here(day, stays), _soon(day, leaving_within_days, stays)))


def planned_on(day: date) -> ColumnElement[int]:
    """Return 1 if a posting is to begin after `day`, or has no first day yet, else 0.

    One that is doubtful is not taken to be still to come: who may be there is told what somebody there is told.
    """
    row = POSTINGS.c
    without_date = and_(row.status == PostingStatus.PLANNED, row.date_from.is_(None))
    return case((row.status == PostingStatus.DOUBTFUL, 0), (row.date_from > day, 1), (without_date, 1), else_=0)


def _stated(stays: FromClause) -> ColumnElement[bool]:
    return stays.c.status.in_([PostingStatus.ABROAD, PostingStatus.PLANNED])


def _here(day: date, stays: FromClause) -> ColumnElement[bool]:
    row = stays.c
    begun = or_(row.date_from <= day, and_(row.date_from.is_(None), row.status == PostingStatus.ABROAD))
    return and_(_stated(stays), begun, or_(row.date_to.is_(None), row.date_to >= day))


def _soon(day: date, leaving_within_days: int, stays: FromClause) -> ColumnElement[bool]:
    row = stays.c
    return and_(_stated(stays), row.date_from > day, row.date_from <= day + timedelta(days=leaving_within_days))
