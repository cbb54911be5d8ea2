"""Coverage in SQL: who is where, and by how many ways they can be reached. For the sums nobody passes through Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from core.keys import MasterKeys
from registry.actors import Actor
from registry.coverage import PHONES, Cover, Fault, ToMend, faults
from registry.people import STOPPED_BY_UNDO, stale_before
from registry.scope.addresses import open_addresses
from registry.scope.door import ADDRESSES, PEOPLE, POSTINGS, chunks, seen
from registry.scope.doubles import PERSONAL
from registry.scope.whereabouts import NOT_THERE, surest


def cover(
    connection: Connection, actor: Actor, day: date, *, country: str | None = None, employer: int | None = None
) -> tuple[Cover, ...]:
    """Count, by country and employer, the people there on `day` and the ways to reach them.

    Args:
        country: ISO alpha-2, `employer` its id: only these; None: all this actor may see.
    """
    one = _people(actor, day, country, employer).subquery("one")
    counts = [one.c.ways == 0, one.c.ways == 1, one.c.ways >= 2, one.c.dead > 0, one.c.stale == 1, one.c.shared == 1]
    sums = [func.sum(case((condition, 1), else_=0)) for condition in counts]
    query = (
        select(one.c.country, one.c.employer_id, func.count(), *sums)
        .group_by(one.c.country, one.c.employer_id)
        .order_by(one.c.country, one.c.employer_id)
    )
    return tuple(Cover(row[0], row[1], *(int(count) for count in row[2:])) for row in connection.execute(query))


def to_mend(
    connection: Connection, actor: Actor, day: date, *,
    country: str | None = None, employer: int | None = None, limit: int = 100,
) -> tuple[ToMend, ...]:  # fmt: skip
    """Return the people who cannot be reached well, the worst first, then by number; at most `limit` of them."""
    one = _people(actor, day, country, employer).subquery("one")
    bad = or_(one.c.ways < 2, one.c.dead > 0, one.c.stale == 1)
    rows = connection.execute(
        select(one)
        .where(bad)
        .order_by(one.c.ways, one.c.shared.desc(), one.c.dead.desc(), one.c.stale.desc(), one.c.registrant_id)
        .limit(limit)
    ).all()
    reasons = _reasons(connection, [row.registrant_id for row in rows if row.dead])
    return tuple(
        ToMend(
            row.registrant_id, row.employer_id, row.country,
            faults(row.ways, shared=row.shared == 1, dead=row.dead > 0, stale=row.stale == 1), tuple(sorted(reasons[row.registrant_id])),
        )
        for row in rows
    )  # fmt: skip


def without_place(
    connection: Connection, actor: Actor, *, employer: int | None = None, limit: int | None = None
) -> tuple[ToMend, ...]:
    """Return the people with no stay at all, by number: their company named no country, and no alert finds them."""
    theirs = None if employer is None else select(PEOPLE.c.id).where(PEOPLE.c.employer_id == employer)
    ways = _ways(actor, theirs).subquery("ways")
    found = (func.coalesce(ways.c[name], 0) for name in ("ways", "shared", "dead"))
    query = (
        select(PEOPLE.c.id, PEOPLE.c.employer_id, *found)
        .outerjoin(ways, ways.c.registrant_id == PEOPLE.c.id)
        .where(~exists().where(POSTINGS.c.registrant_id == PEOPLE.c.id), seen(actor, PEOPLE.c.id))
        .order_by(PEOPLE.c.id)
        .limit(limit)
    )
    if employer is not None:
        query = query.where(PEOPLE.c.employer_id == employer)
    return tuple(
        ToMend(row[0], row[1], "", (Fault.NO_PLACE, *faults(row[2], shared=row[3] == 1, dead=row[4] > 0, stale=False)))
        for row in connection.execute(query)
    )


def phones_of(
    connection: Connection, actor: Actor, registrant_ids: Sequence[int], keys: MasterKeys
) -> dict[int, tuple[str, ...]]:
    """Return the phone numbers in use of these people, opened.

    Raises:
        NotAllowed: the actor may not see numbers (an auditor).
        KeyGone: a master key is not at hand.
    """
    owners: dict[int, int] = {}
    row = ADDRESSES.c
    for chunk in chunks(registrant_ids):
        query = select(row.id, row.registrant_id).where(
            row.registrant_id.in_(chunk),
            row.channel.in_(PHONES),
            row.stopped_at.is_(None),
            seen(actor, row.registrant_id),
        )
        owners.update((found.id, found.registrant_id) for found in connection.execute(query))
    phones: defaultdict[int, set[str]] = defaultdict(set)
    for number, value in open_addresses(connection, actor, sorted(owners), keys).items():
        phones[owners[number]].add(value)
    return {person: tuple(sorted(values)) for person, values in phones.items()}


def people_there(
    connection: Connection, actor: Actor, day: date, *, country: str | None = None, employer: int | None = None
) -> list[ToMend]:
    """Return who is counted, by number, with no fault found yet."""
    one = _people(actor, day, country, employer).subquery("one")
    query = select(one.c.registrant_id, one.c.employer_id, one.c.country).order_by(one.c.registrant_id, one.c.country)
    return [ToMend(row[0], row[1], row[2], ()) for row in connection.execute(query)]


def _people(actor: Actor, day: date, country: str | None, employer: int | None) -> Select[Any]:
    """Select who is where with the number of ways, of dead addresses, and whether nobody confirmed it lately."""
    stays, whose = surest(actor, day), None
    if country is not None:
        stays = stays.where(POSTINGS.c.country == country)
        whose = select(POSTINGS.c.registrant_id).where(POSTINGS.c.country == country)
    if employer is not None:
        whose = select(PEOPLE.c.id).where(PEOPLE.c.employer_id == employer)
        stays = stays.where(POSTINGS.c.registrant_id.in_(whose))
    best, ways = stays.subquery("best"), _ways(actor, whose).subquery("ways")
    stale: ColumnElement[int] = case((best.c.confirmed_at < stale_before(day), 1), else_=0)
    return (
        select(
            best.c.country, best.c.registrant_id, PEOPLE.c.employer_id, func.coalesce(ways.c.ways, 0).label("ways"),
            func.coalesce(ways.c.shared, 0).label("shared"), func.coalesce(ways.c.dead, 0).label("dead"), stale.label("stale"),
        )
        .join_from(best, PEOPLE, PEOPLE.c.id == best.c.registrant_id)
        .outerjoin(ways, ways.c.registrant_id == best.c.registrant_id)
        .where(best.c.rank < NOT_THERE)
    )  # fmt: skip


def _ways(actor: Actor, whose: Select[Any] | None) -> Select[Any]:
    """Select for each person (registrant_id) the number of independent ways, whether the only one is shared, and the number of
    dead addresses.

    One number has one index for all channels that use it: text message and WhatsApp on it fail together. A number that
    several people hold (a foreman's phone, the mailbox of a project office) depends on somebody else: it counts for
    whoever has nothing of their own, once however many there are, and beside an own number not at all.

    Args:
        whose: only these people (their ids); None: everybody.
    """
    row, shared = ADDRESSES.c, _shared(actor, whose).subquery("shared")
    in_use = row.stopped_at.is_(None)
    own = case((in_use & shared.c.value_index.is_(None), row.value_index))
    of_many = case((in_use & shared.c.value_index.is_not(None), 1), else_=0)
    dead = case((row.stopped_at.is_not(None) & (row.stop_reason != STOPPED_BY_UNDO), 1), else_=0)
    only_shared = and_(func.count(own) == 0, func.max(of_many) == 1)
    query = (
        select(
            row.registrant_id, case((only_shared, 1), else_=func.count(own.distinct())).label("ways"),
            case((only_shared, 1), else_=0).label("shared"), func.sum(dead).label("dead"),
        )
        .outerjoin_from(ADDRESSES, shared, shared.c.value_index == row.value_index)
        .group_by(row.registrant_id)
    )  # fmt: skip
    return query if whose is None else query.where(row.registrant_id.in_(whose))


def _shared(actor: Actor, whose: Select[Any] | None) -> Select[Any]:
    """Select the numbers in use (value_index) that people of several names hold, or more than hold one of their own: one person
    may be registered by a company and alone. A company learns nothing of whom it does not see.
    """
    row, twice = ADDRESSES.c, _twice(whose)
    several = or_(func.count(PEOPLE.c.name_index.distinct()) > 1, func.count(row.registrant_id.distinct()) > PERSONAL)
    return (
        select(row.value_index)
        .join_from(ADDRESSES, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.value_index.in_(twice), row.stopped_at.is_(None), seen(actor, row.registrant_id))
        .group_by(row.value_index)
        .having(several)
    )


def _twice(whose: Select[Any] | None) -> Select[Any]:
    """Select the numbers that stand more than once, by one pass over an index: of a million, few do."""
    row = ADDRESSES.alias("twice").c
    query = select(row.value_index).group_by(row.value_index).having(func.count() > 1)
    if whose is None:
        return query
    theirs = ADDRESSES.alias("theirs").c
    return query.where(row.value_index.in_(select(theirs.value_index).where(theirs.registrant_id.in_(whose))))


def _reasons(connection: Connection, registrant_ids: Sequence[int]) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    row = ADDRESSES.c
    for chunk in chunks(registrant_ids):
        query = select(row.registrant_id, row.stop_reason).where(
            row.registrant_id.in_(chunk), row.stopped_at.is_not(None), row.stop_reason != STOPPED_BY_UNDO
        )
        for person, reason in connection.execute(query):
            found[person].add(reason)
    return found
