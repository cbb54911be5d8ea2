"""Reach in one country: whose people are there, over which channels they can be reached, and by whose clocks they live.

Figures for pages that are opened at night. Everybody counts who has a stay there that is not over, as on the list of people
(`registry.scope.listing`, `away`): each figure opens its list, and is as long as it says. Whom an alert would be sent to is
fewer: who leaves later than in 14 days is not told (`registry.scope.whereabouts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from registry.actors import Actor
from registry.people import stale_before
from registry.scope.door import ADDRESSES, PEOPLE, POSTINGS, seen_of_many
from registry.tables import PostingStatus


@dataclass(frozen=True)
class CompanyThere:
    """The people of one company in a country.

    Attributes:
        employer_id: None: people who registered alone.
        people: each once. `abroad`, `planned`, `doubtful`: of them, by what the register holds; with two stays there, perhaps in two.
        stale: nobody confirmed a stay of theirs for 90 days. `unreached`: they have no address in use.
    """

    employer_id: int | None
    people: int
    abroad: int
    planned: int
    doubtful: int
    stale: int
    unreached: int


def people_everywhere(connection: Connection, actor: Actor) -> dict[str, int]:
    """Count the people in each country, or on their way to it. Somebody with stays in two counts in both."""
    row = POSTINGS.c
    query = (
        select(row.country, func.count(row.registrant_id.distinct()))
        .where(row.status != PostingStatus.RETURNED, seen_of_many(actor, row.registrant_id))
        .group_by(row.country)
    )
    return {one[0]: one[1] for one in connection.execute(query)}


def companies_there(connection: Connection, actor: Actor, day: date, country: str) -> tuple[CompanyThere, ...]:
    """Count the people of one country by company, most people first."""
    row = POSTINGS.c
    kinds = [row.status == one for one in (PostingStatus.ABROAD, PostingStatus.PLANNED, PostingStatus.DOUBTFUL)]
    marks = [
        func.max(_one(kind)).label(f"mark{number}")
        for number, kind in enumerate([*kinds, row.confirmed_at < stale_before(day)])
    ]
    one = select(row.registrant_id, *marks).where(*_there(actor, country)).group_by(row.registrant_id).subquery("one")
    in_use = exists().where(ADDRESSES.c.registrant_id == one.c.registrant_id, ADDRESSES.c.stopped_at.is_(None))
    sums = [func.sum(one.c[f"mark{number}"]) for number in range(len(marks))]
    query = (
        select(PEOPLE.c.employer_id, func.count(), *sums, func.sum(_one(~in_use)))
        .join_from(one, PEOPLE, PEOPLE.c.id == one.c.registrant_id)
        .group_by(PEOPLE.c.employer_id)
    )
    found = [CompanyThere(row[0], *(int(count) for count in row[1:])) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda one: (-one.people, one.employer_id or 0)))


def channels_there(connection: Connection, actor: Actor, country: str) -> Mapping[str, int]:
    """Count the people of one country with an address in use, by channel, most first.

    Somebody with a number and a mailbox counts under both.
    """
    row, people = ADDRESSES.c, func.count(ADDRESSES.c.registrant_id.distinct())
    there = select(POSTINGS.c.registrant_id).where(*_there(actor, country))
    query = (
        select(row.channel, people).where(row.registrant_id.in_(there), row.stopped_at.is_(None)).group_by(row.channel)
    )
    return {one[0]: one[1] for one in connection.execute(query.order_by(people.desc(), row.channel))}


def zones_there(connection: Connection, actor: Actor, country: str) -> dict[str, int]:
    """Count the stays in a country that are not over by time zone, most first."""
    row, count = POSTINGS.c, func.count()
    query = select(row.zone, count).where(*_there(actor, country)).group_by(row.zone).order_by(count.desc(), row.zone)
    return {one[0]: one[1] for one in connection.execute(query)}


def _there(actor: Actor, country: str) -> tuple[ColumnElement[bool], ...]:
    row = POSTINGS.c
    return row.country == country, row.status != PostingStatus.RETURNED, seen_of_many(actor, row.registrant_id)


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
