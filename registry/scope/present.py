"""Whereabouts of a million: who is in these countries, or places in them, on a day. Streamed, one row per person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, exists, func, literal, or_, select

from registry.actors import Actor
from registry.places import Matched, Written
from registry.scope.among import key_of, keys_of, not_elsewhere
from registry.scope.door import PEOPLE, POSTINGS, seen
from registry.scope.whereabouts import STALE, counting, planned_on, rank_of
from registry.tables import PostingStatus

BATCH = 2000
"""Rows fetched at a time: what is in memory stays the same however many there are."""


@dataclass(frozen=True)
class Asked:
    """Who is asked for.

    Attributes:
        countries: ISO alpha-2 codes.
        places: what the words in the register mean for the places asked for; None: anywhere in these countries.
        include_doubtful: also the doubtful, the overdue, those planned without a date, and the stale.
        leaving_within_days: how many days ahead a departure counts.
    """

    countries: tuple[str, ...]
    day: date
    places: Matched | None = None
    include_doubtful: bool = False
    leaving_within_days: int = 14


class Presence(NamedTuple):
    """A person who is there. A named tuple, because a million of them are made.

    Attributes:
        planned: 1 if leaving for it only, else 0. `doubtful`: 1 if perhaps not there any more, or not yet.
        perhaps: 1 if in the country, and nobody has told where: may be in the place asked for.
    """

    registrant_id: int
    posting_id: int
    employer_id: int | None
    country: str
    region: str
    city: str
    planned: int
    doubtful: int
    perhaps: int


@dataclass(frozen=True)
class Tally:
    """How many people of a country are there: each counts once, in the first column that holds."""

    country: str
    doubtful: int
    perhaps: int
    planned: int
    there: int


def written_places(connection: Connection, actor: Actor, countries: Sequence[str]) -> tuple[Written, ...]:
    """Return every spelling of region, city and site in these countries, with how many stays have it; returned ones apart."""
    row = POSTINGS.c
    query = (
        select(row.region, row.city, row.site, func.count())
        .where(row.country.in_(sorted(set(countries))), row.status != PostingStatus.RETURNED)
        .where(seen(actor, row.registrant_id))
        .group_by(row.region, row.city, row.site)
        .order_by(row.region, row.city, row.site)
    )
    return tuple(Written(*one) for one in connection.execute(query))


def present(actor: Actor, asked: Asked) -> Select[Any]:
    """Select who is there, one row per person, with the columns of `Presence`.

    Of several stays the surest counts, one that names the place before one that names none, then the smallest id. Whoever is
    in the country and has no place told is among them. The returned and the erased never are.
    """
    row = POSTINGS.c
    rank = rank_of(asked.day, asked.leaving_within_days)
    statuses = [
        PostingStatus.ABROAD,
        PostingStatus.PLANNED,
        *([PostingStatus.DOUBTFUL] if asked.include_doubtful else []),
    ]
    doubtful = case((rank >= STALE, 1), else_=0) if asked.include_doubtful else literal(0)
    return (
        select(
            row.registrant_id, row.id.label("posting_id"), PEOPLE.c.employer_id, row.country, row.region, row.city,
            planned_on(asked.day).label("planned"), doubtful.label("doubtful"), _perhaps(asked, POSTINGS).label("perhaps"),
        )
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.status.in_(statuses), _counts(asked, POSTINGS), ~_surer(asked), seen(actor, row.registrant_id))
    )  # fmt: skip


def whereabouts(connection: Connection, actor: Actor, asked: Asked) -> Iterator[Presence]:
    """Give whoever is there one after the other, as the database finds them. To be used up within the transaction."""
    result = connection.execution_options(yield_per=BATCH).execute(present(actor, asked))
    return map(Presence._make, result)


def tally(connection: Connection, actor: Actor, asked: Asked) -> tuple[Tally, ...]:
    """Count who is there, by country; the sums are made in the database."""
    one = present(actor, asked).subquery("one").c
    doubtful, perhaps, planned = one.doubtful == 1, one.perhaps == 1, one.planned == 1
    kinds = [
        doubtful,
        and_(~doubtful, perhaps),
        and_(~doubtful, ~perhaps, planned),
        and_(~doubtful, ~perhaps, ~planned),
    ]
    sums = [func.sum(case((kind, 1), else_=0)) for kind in kinds]
    query = select(one.country, *sums).group_by(one.country).order_by(one.country)
    return tuple(Tally(found[0], *(int(count) for count in found[1:])) for found in connection.execute(query))


def _counts(asked: Asked, stays: FromClause) -> ColumnElement[bool]:
    """Return the condition that a stay puts somebody where it is asked for."""
    there: ColumnElement[bool] = stays.c.country.in_(sorted(set(asked.countries)))
    counts = counting(asked.day, asked.leaving_within_days, stays, include_doubtful=asked.include_doubtful)
    # Who is known to be elsewhere is left out, and nobody else.
    return and_(there, not_elsewhere(stays, asked.places), counts)


def _surer(asked: Asked) -> ColumnElement[bool]:
    """Return the condition that the person has another stay that counts more. Few have another at all, so this is quicker than
    sorting everybody's stays.
    """
    this, other = POSTINGS.c, POSTINGS.alias("other")
    rank, rank_other = (rank_of(asked.day, asked.leaving_within_days, stays) for stays in (POSTINGS, other))
    perhaps, perhaps_other = _perhaps(asked, POSTINGS), _perhaps(asked, other)
    same_place = and_(perhaps_other == perhaps, other.c.id < this.id)
    before = or_(rank_other < rank, and_(rank_other == rank, or_(perhaps_other < perhaps, same_place)))
    mine = and_(other.c.registrant_id == this.registrant_id, other.c.id != this.id)
    return exists().where(mine, _counts(asked, other), before)


def _perhaps(asked: Asked, stays: FromClause) -> ColumnElement[int]:
    if asked.places is None:
        return literal(0)
    return case((key_of(stays).in_(keys_of(asked.places.there)), 0), else_=1)
