"""Who is probably one person twice: registered by two companies, or by a company and alone. Shown, never merged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from registry.actors import Actor, require_office
from registry.scope.door import ADDRESSES, CHUNK, PEOPLE, seen

PERSONAL = 3
"""At most so many people hold a personal number or mailbox; one of a foreman or a project office is held by more."""


@dataclass(frozen=True)
class ProbableDouble:
    """Two registrations with one name and a shared personal address. `employer_id` None: registered alone."""

    registrant_ids: tuple[int, int]
    employer_ids: tuple[int | None, int | None]


def employed_with(
    connection: Connection, actor: Actor, names: Collection[bytes]
) -> dict[tuple[bytes, bytes], tuple[int, ...]]:
    """Return the people of companies who have one of these names, by name and by each of their addresses (blind indexes)."""
    found: dict[tuple[bytes, bytes], tuple[int, ...]] = {}
    wanted = sorted(set(names))
    for chunk in (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)):
        query = (
            select(PEOPLE.c.name_index, ADDRESSES.c.value_index, PEOPLE.c.id)
            .join_from(PEOPLE, ADDRESSES, ADDRESSES.c.registrant_id == PEOPLE.c.id)
            .where(PEOPLE.c.name_index.in_(chunk), PEOPLE.c.employer_id.is_not(None), seen(actor, PEOPLE.c.id))
            .order_by(PEOPLE.c.id)
        )
        for name, address, person in connection.execute(query):
            found[name, address] = (*found.get((name, address), ()), person)
    return found


def probable_doubles(connection: Connection, actor: Actor, *, limit: int = 200) -> tuple[ProbableDouble, ...]:
    """Return the pairs across companies that are probably one person, by number; at most `limit`.

    Raises:
        NotAllowed: the actor is not the office: a company may not learn who else registered its people.
    """
    require_office(actor)
    one, two, reach, same = PEOPLE.alias("one"), PEOPLE.alias("two"), ADDRESSES.alias("reach"), ADDRESSES.alias("same")
    holders = ADDRESSES.alias("holders")
    held_by = (
        select(func.count(holders.c.registrant_id.distinct()))
        .where(holders.c.value_index == reach.c.value_index)
        .scalar_subquery()
    )
    query = (
        select(one.c.id, two.c.id, one.c.employer_id, two.c.employer_id)
        .join_from(one, two, (two.c.name_index == one.c.name_index) & (two.c.id > one.c.id))
        .join(reach, reach.c.registrant_id == one.c.id)
        .join(same, (same.c.registrant_id == two.c.id) & (same.c.value_index == reach.c.value_index))
        .where(
            or_(one.c.employer_id.is_(None), two.c.employer_id.is_(None), one.c.employer_id != two.c.employer_id),
            held_by <= PERSONAL, seen(actor, one.c.id), seen(actor, two.c.id),
        )
        .distinct()
        .order_by(one.c.id, two.c.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(ProbableDouble((row[0], row[1]), (row[2], row[3])) for row in connection.execute(query))
