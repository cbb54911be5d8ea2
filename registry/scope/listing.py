"""The list of people for the office: narrowed, page after page, and counted, at a million people.

Each way of narrowing goes by one index, in the order of the people's numbers, and stops when a page is full. What is rare is
found by one pass over `ix_posting_person`, which holds all that is asked for: a tenth of a second for a million stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeGuard

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, exists, func, select

from core.keys import MasterKeys
from registry.actors import Actor, require_reader
from registry.people import PersonView, stale_before
from registry.scope.door import ADDRESSES, CHUNK, KEYS, PEOPLE, POSTINGS
from registry.scope.people import people_numbered
from registry.tables import PostingStatus

STANDING = (PostingStatus.ABROAD, PostingStatus.PLANNED, PostingStatus.DOUBTFUL)


class Show(StrEnum):
    """Of whom the list is, by the stays that the register holds."""

    AWAY = "away"
    ABROAD = "abroad"
    PLANNED = "planned"
    DOUBTFUL = "doubtful"
    STALE = "stale"
    RETURNED = "returned"
    ALL = "all"


@dataclass(frozen=True)
class Narrowed:
    """Which people are listed.

    Attributes:
        show: `away`: with a stay that is not over; `stale`: with such a stay that nobody confirmed for 90 days; `returned`: whose
            stays are all over; `all`: without a country also those of whom no stay is known.
        day: today at the office.
        country: ISO alpha-2: only stays there count. Empty: all of them.
        employer: only its people (its id). `alone`: only those of no employer.
    """

    show: Show
    day: date
    country: str = ""
    employer: int | None = None
    alone: bool = False


@dataclass(frozen=True)
class Exactly:
    """Who is looked for by blind index: by the name, or by a number or mail address."""

    name_index: bytes | None = None
    value_index: bytes | None = None


Wanted = Narrowed | Exactly


def numbers_of(connection: Connection, actor: Actor, wanted: Wanted, *, after: int = 0, limit: int = 50) -> list[int]:
    """Return the numbers of the people wanted, rising, at most `limit` of them after the number `after`.

    Raises:
        NotAllowed: the actor is neither the office nor an auditor.
    """
    person, query = _people(actor, wanted)
    # With the employer in front, which is one and the same here, the order is that of the index also for those who have none.
    order = (PEOPLE.c.employer_id, person) if _of_employer(wanted) else (person,)
    query = query.where(person > after, _kept(person)).order_by(*order).limit(limit)
    return list(connection.execute(query).scalars())


def count_of(connection: Connection, actor: Actor, wanted: Wanted) -> int:
    """Count the people wanted.

    Raises:
        NotAllowed: the actor is neither the office nor an auditor.
    """
    person, query = _people(actor, wanted)
    if isinstance(wanted, Narrowed) and _everybody(wanted):
        # Counted as all but the erased: to look at a million keys takes longer than the rest of the page.
        gone = select(func.count()).select_from(KEYS).where(KEYS.c.wrapped.is_(None)).scalar_subquery()
        return int(connection.execute(select(func.count() - gone).select_from(PEOPLE)).scalar_one())
    if not _never_erased(wanted):
        query = query.where(_kept(person))
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def all_of(connection: Connection, actor: Actor, keys: MasterKeys, wanted: Wanted) -> Iterator[list[PersonView]]:
    """Give everybody wanted, 900 at a time, masked for an auditor. The caller writes the audit.

    Raises:
        NotAllowed: the actor is neither the office nor an auditor.
        KeyGone: a name, an address or a contact does not open.
    """
    after = 0
    while found := numbers_of(connection, actor, wanted, after=after, limit=CHUNK):
        yield people_numbered(connection, actor, keys, found)
        after = found[-1]


def countries_with_people(connection: Connection, actor: Actor) -> list[str]:
    """Return the codes of the countries in which somebody has, or had, a stay: one look at an index for each.

    Raises:
        NotAllowed: the actor is neither the office nor an auditor.
    """
    require_reader(actor)
    row = POSTINGS.alias("next").c
    found = select(func.min(POSTINGS.c.country).label("code")).cte("found", recursive=True)
    later = select(func.min(row.country)).where(row.country > found.c.code).scalar_subquery()
    found = found.union_all(select(later).where(found.c.code.is_not(None)))
    return list(connection.execute(select(found.c.code).where(found.c.code.is_not(None))).scalars())


def _people(actor: Actor, wanted: Wanted) -> tuple[ColumnElement[int], Select[Any]]:
    """Return the column of the number of a person, and the query that gives each person wanted once."""
    require_reader(actor)
    if isinstance(wanted, Exactly):
        return PEOPLE.c.id, _exactly(wanted)
    if _of_employer(wanted):
        query = select(PEOPLE.c.id).where(PEOPLE.c.employer_id == wanted.employer)  # None: of no employer
        if _everywhere(wanted):
            return PEOPLE.c.id, query
        return PEOPLE.c.id, query.where(_has_a_stay(wanted))
    if _everywhere(wanted):
        return PEOPLE.c.id, select(PEOPLE.c.id)
    person = POSTINGS.c.registrant_id
    return person, select(person).where(*_counted(wanted, POSTINGS)).distinct()


def _has_a_stay(wanted: Narrowed) -> ColumnElement[bool]:
    """Return the condition that a stay puts a person on the list: one look into `ix_posting_person` for each of the few asked for.

    `EXISTS` says the same, and PostgreSQL would read every stay of the register for a company of 20,000. Inside a `CASE` nothing but
    the person is looked up: it would else skip through the countries of another index. Where nearly nobody has such a stay (those
    back for good) `EXISTS` is the better way.
    """
    stay = POSTINGS.alias("stay")
    theirs = stay.c.registrant_id == PEOPLE.c.id
    counted = _counted(wanted, stay)
    if wanted.show is Show.RETURNED:
        return exists().where(theirs, *counted)
    one = func.max(case((and_(*counted), 1)))
    return select(one).where(theirs).correlate(PEOPLE).scalar_subquery().is_not(None)


def _exactly(wanted: Exactly) -> Select[Any]:
    query = select(PEOPLE.c.id)
    if wanted.name_index is not None:
        query = query.where(PEOPLE.c.name_index == wanted.name_index)
    if wanted.value_index is not None:
        holders = select(ADDRESSES.c.registrant_id).where(ADDRESSES.c.value_index == wanted.value_index)
        query = query.where(PEOPLE.c.id.in_(holders))
    return query


def _counted(wanted: Narrowed, stay: FromClause) -> list[ColumnElement[bool]]:
    """Return the conditions under which a stay puts its person on the list."""
    row = stay.c
    found = [row.country == wanted.country] if wanted.country else []
    match wanted.show:
        case Show.AWAY | Show.STALE:
            found.append(row.status != PostingStatus.RETURNED)
        case Show.ALL:
            pass
        case Show.RETURNED:
            other = POSTINGS.alias("other")
            there = [other.c.country == wanted.country] if wanted.country else []
            standing = exists().where(other.c.registrant_id == row.registrant_id, other.c.status.in_(STANDING), *there)
            found += [row.status == PostingStatus.RETURNED, ~standing]
        case _:
            found.append(row.status == PostingStatus(wanted.show))
    if wanted.show is Show.STALE:
        found.append(row.confirmed_at < stale_before(wanted.day))
    return found


def _kept(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a person was not erased: `seen`, for those who may see everybody. Said of the key that is gone and
    not of the one that is there: PostgreSQL would else read a million keys beside a page of fifty.
    """
    return ~exists().where(KEYS.c.registrant_id == person, KEYS.c.wrapped.is_(None))


def _everywhere(wanted: Narrowed) -> bool:
    return wanted.show is Show.ALL and not wanted.country


def _of_employer(wanted: Wanted) -> TypeGuard[Narrowed]:
    """Tell whether only people of one employer are wanted, or of none."""
    return isinstance(wanted, Narrowed) and (wanted.employer is not None or wanted.alone)


def _everybody(wanted: Narrowed) -> bool:
    return _everywhere(wanted) and not _of_employer(wanted)


def _never_erased(wanted: Wanted) -> bool:
    """Tell whether nobody erased can be among them: they have no employer, and no stay but those that are over (`wipe_people`)."""
    if isinstance(wanted, Exactly):
        return False
    return wanted.employer is not None or wanted.show not in {Show.ALL, Show.RETURNED}
