"""Narrowing: of the people in some countries, those at a place, of some employers, of some kind, or listed one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, false, or_, select, true

from registry.actors import Actor
from registry.places import Matched, Written
from registry.scope.door import PEOPLE, POSTINGS, chunks, seen

BETWEEN = "\x1f"


@dataclass(frozen=True)
class Kin:
    """People who have something in common: all that is given must hold.

    Attributes:
        employers: ids; none: whatever the employer. `kinds`: kinds of the stay that counts; none: whatever kind.
    """

    employers: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


def among(people: Select[Any], kin: Sequence[Kin], listed: Sequence[Select[Any]]) -> Select[Any]:
    """Return a query of `people_in` narrowed to who is kin in one way, or listed in one list of ids. Neither: nobody."""
    row = POSTINGS.c
    return people.where(or_(false(), *[_is_kin(one) for one in kin], *[row.registrant_id.in_(one) for one in listed]))


def not_elsewhere(stays: FromClause, places: Matched | None) -> ColumnElement[bool]:
    """Return the condition that a stay is not known to be at another place than those asked for."""
    if places is None:
        return true()
    return key_of(stays).not_in(keys_of(places.elsewhere))


def key_of(stays: FromClause) -> ColumnElement[str]:
    """Return the words of a stay for its place, as one value."""
    row = stays.c
    return cast("ColumnElement[str]", row.region + BETWEEN + row.city + BETWEEN + row.site)


def keys_of(written: Sequence[Written]) -> list[str]:
    """Return words of the register as the values that `key_of` makes of them."""
    return [BETWEEN.join((one.region, one.city, one.site)) for one in written]


def _is_kin(one: Kin) -> ColumnElement[bool]:
    if not one.employers and not one.kinds:
        return false()  # who has nothing in common is not everybody
    employed = PEOPLE.c.employer_id.in_(one.employers) if one.employers else true()
    return and_(employed, POSTINGS.c.kind.in_(one.kinds) if one.kinds else true())


def unknown_people(connection: Connection, actor: Actor, numbers: Sequence[int]) -> list[int]:
    """Return those of these numbers that are nobody's whom the actor may know of, in order."""
    known: set[int] = set()
    for chunk in chunks(sorted(set(numbers))):
        known.update(
            connection.execute(select(PEOPLE.c.id).where(PEOPLE.c.id.in_(chunk), seen(actor, PEOPLE.c.id))).scalars()
        )
    return [one for one in dict.fromkeys(numbers) if one not in known]
