"""How the people of companies stand, for the office: a few companies at a time, so that it costs what these have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, case, func, select

from registry.actors import Actor, require_reader
from registry.people import stale_before
from registry.scope.door import LIAISONS, PEOPLE, POSTINGS, seen_of_many
from registry.tables import PostingStatus


@dataclass(frozen=True)
class Standing:
    """The people of a company with a stay that is not over.

    Attributes:
        stale: how many of them have one that nobody confirmed for 90 days; `doubtful`: one that is doubtful.
        confirmed_at: when a stay was last confirmed; None: nobody is away.
    """

    away: int = 0
    stale: int = 0
    doubtful: int = 0
    confirmed_at: datetime | None = None


@dataclass(frozen=True)
class Called:
    """The contacts of a company that have not ended; `mails`: how many of them have a mail address, and so can sign in."""

    contacts: int = 0
    mails: int = 0


def standing_by_employer(
    connection: Connection, actor: Actor, employers: Sequence[int], day: date
) -> dict[int, Standing]:
    """Return how the people of these companies stand on `day`. Absent: nobody of theirs is away, or not for this actor."""
    row = POSTINGS.c
    one = (
        select(
            PEOPLE.c.employer_id, PEOPLE.c.id, func.max(row.confirmed_at).label("confirmed_at"),
            func.max(case((row.confirmed_at < stale_before(day), 1), else_=0)).label("stale"),
            func.max(case((row.status == PostingStatus.DOUBTFUL, 1), else_=0)).label("doubtful"),
        )
        .join_from(PEOPLE, POSTINGS, row.registrant_id == PEOPLE.c.id)
        .where(PEOPLE.c.employer_id.in_(employers), row.status != PostingStatus.RETURNED, seen_of_many(actor, PEOPLE.c.id))
        .group_by(PEOPLE.c.employer_id, PEOPLE.c.id)
        .subquery("one")
    )  # fmt: skip
    sums = func.count(), func.sum(one.c.stale), func.sum(one.c.doubtful), func.max(one.c.confirmed_at)
    query = select(one.c.employer_id, *sums).group_by(one.c.employer_id)
    return {
        found[0]: Standing(int(found[1]), int(found[2]), int(found[3]), found[4]) for found in connection.execute(query)
    }


def countries_of_employer(connection: Connection, actor: Actor, employer_id: int) -> dict[str, int]:
    """Count, by country, the people of a company with a stay there that is not over, the most first."""
    row = POSTINGS.c
    query = (
        select(row.country, func.count(func.distinct(row.registrant_id)))
        .join_from(PEOPLE, POSTINGS, row.registrant_id == PEOPLE.c.id)
        .where(
            PEOPLE.c.employer_id == employer_id, row.status != PostingStatus.RETURNED, seen_of_many(actor, PEOPLE.c.id)
        )
        .group_by(row.country)
    )
    found = {one[0]: int(one[1]) for one in connection.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def called_by_employer(connection: Connection, actor: Actor, employers: Sequence[int]) -> dict[int, Called]:
    """Count the contacts of these companies. Absent: there is none.

    Raises:
        NotAllowed: the actor is neither the office nor an auditor.
    """
    require_reader(actor)
    row = LIAISONS.c
    standing = row.ended_at.is_(None) & row.wrapped.is_not(None)
    mails = func.sum(case((row.email_sealed.is_not(None), 1), else_=0))
    query = select(row.employer_id, func.count(), mails).where(row.employer_id.in_(employers), standing)
    return {one[0]: Called(int(one[1]), int(one[2])) for one in connection.execute(query.group_by(row.employer_id))}
