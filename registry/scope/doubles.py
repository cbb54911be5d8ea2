"""Who may be one person twice: at two companies, at a company and alone, or in the list of one company. Shown, never merged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal, or_, select, true, union_all

from core.tables import table
from registry.actors import Actor, require_office
from registry.history import DOUBLE, from_json, to_json
from registry.scope.door import ADDRESSES, CHUNK, PEOPLE, POSTINGS, seen
from registry.tables import PostingStatus, RegisterChange

CHANGES = table(RegisterChange)

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


class Likeness(StrEnum):
    """What two people of one company have in common: the name, or a number that nobody else of the company has."""

    NAME = "same-name"
    NUMBER = "same-number"


class Said(StrEnum):
    """What was said of two people who may be one."""

    TWO = "two-people"
    SAME = "the-same"


@dataclass(frozen=True)
class Alike:
    """Two people of one company who may be one. `said` None: nobody was asked yet, or nobody answered."""

    registrant_ids: tuple[int, int]
    employer_id: int
    likeness: Likeness
    said: Said | None


def alike_within(
    connection: Connection, actor: Actor, *, employer: int | None = None, limit: int = 200
) -> tuple[Alike, ...]:
    """Return the pairs within one company that may be one person, by number; at most `limit`.

    A pair goes off the list when somebody says that they are two people, or when the stays of one of them are over. Said to be
    the same they stay on it until then. A number that more than two people hold (a foreman's phone) makes no pair.

    Args:
        employer: id; None: all whom this actor may see.
    """
    both = union_all(_of_one_name(actor), _of_one_number(actor)).subquery("both")
    pair = (
        select(both.c.first, both.c.last, both.c.employer_id, func.max(both.c.named).label("named"))
        .where(true() if employer is None else both.c.employer_id == employer)
        .group_by(both.c.first, both.c.last, both.c.employer_id)
        .subquery("pair")
    )
    answer = (
        select(CHANGES.c.after)
        .where(CHANGES.c.table_name == DOUBLE, CHANGES.c.registrant_id == pair.c.first, CHANGES.c.row_id == pair.c.last)
        .order_by(CHANGES.c.id.desc()).limit(1).scalar_subquery()
    )  # fmt: skip
    query = (
        select(pair.c.first, pair.c.last, pair.c.employer_id, pair.c.named, answer)
        .where(func.coalesce(answer, "") != to_json({DOUBLE: Said.TWO}), _there(pair.c.first), _there(pair.c.last))
        .order_by(pair.c.first, pair.c.last)
        .limit(limit)
    )
    return tuple(
        Alike((row[0], row[1]), row[2], Likeness.NAME if row[3] else Likeness.NUMBER, _said(row[4]))
        for row in connection.execute(query)
    )


def may_be_same(connection: Connection, actor: Actor, one: int, two: int) -> int | None:
    """Return the employer of two people of one company whom this actor may see; None: they are not, or not two."""
    query = select(PEOPLE.c.employer_id).where(PEOPLE.c.id.in_({one, two}), seen(actor, PEOPLE.c.id))
    found = list(connection.execute(query).scalars())
    return found[0] if len(found) == 2 and found[0] == found[1] else None  # None too: residents of no company


def _of_one_name(actor: Actor) -> Select[Any]:
    one, two = PEOPLE.alias("one"), PEOPLE.alias("two")
    same = (two.c.employer_id == one.c.employer_id, two.c.name_index == one.c.name_index, two.c.id > one.c.id)
    pair = (one.c.id.label("first"), two.c.id.label("last"), one.c.employer_id, literal(1).label("named"))
    return select(*pair).join_from(one, two, and_(*same)).where(seen(actor, one.c.id), seen(actor, two.c.id))


def _of_one_number(actor: Actor) -> Select[Any]:
    holder = ADDRESSES.c.registrant_id
    return (
        select(func.min(holder), func.max(holder), PEOPLE.c.employer_id, literal(0))
        .join_from(ADDRESSES, PEOPLE, PEOPLE.c.id == holder)
        .where(ADDRESSES.c.stopped_at.is_(None), PEOPLE.c.employer_id.is_not(None), seen(actor, holder))
        .group_by(PEOPLE.c.employer_id, ADDRESSES.c.value_index)
        .having(func.count(holder.distinct()) == 2)
    )


def _there(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Tell whether a person has a stay that is not over, or none at all: no place is known of them."""
    theirs = POSTINGS.c.registrant_id == person
    return or_(exists().where(theirs, POSTINGS.c.status != PostingStatus.RETURNED), ~exists().where(theirs))


def _said(text: str | None) -> Said | None:
    values = from_json(text)
    return None if values is None else Said(str(values[DOUBLE]))
