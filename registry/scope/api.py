"""What a company's own system asks about people: pages by filter, one person, who is known already, and a lock on a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from core.keys import MasterKeys
from registry.actors import Actor
from registry.people import PersonView
from registry.scope.door import ADDRESSES, KEYS, PEOPLE, POSTINGS, seen
from registry.scope.people import show_people
from registry.tables import PostingStatus


@dataclass(frozen=True)
class Wish:
    """Which people are wanted; what is None or empty does not narrow.

    Attributes:
        country, status: of one and the same stay. With a country alone stays that are over do not count.
        name_index, phone_index: exactly this name, exactly this number.
        only: exactly this person. `among`: only these.
        away: with a stay that is not over. `stale_before`: with such a stay that nobody confirmed since.
        unreached: abroad by such a stay, without any address in use. `nowhere`: without any stay.
    """

    country: str = ""
    status: str = ""
    name_index: bytes | None = None
    phone_index: bytes | None = None
    only: int | None = None
    among: tuple[int, ...] = ()
    away: bool = False
    stale_before: datetime | None = None
    unreached: bool = False
    nowhere: bool = False


def page_of_people(
    connection: Connection, actor: Actor, keys: MasterKeys, wish: Wish, *, now: datetime, limit: int = 1, after: int = 0
) -> list[PersonView]:
    """Show people by id, at most `limit` after the id `after`; the look is written to the audit.

    Raises:
        KeyGone: a name or an address does not open.
    """
    query = select(PEOPLE, KEYS.c.wrapped).join_from(PEOPLE, KEYS, KEYS.c.registrant_id == PEOPLE.c.id)
    query = query.where(PEOPLE.c.id > after, seen(actor, PEOPLE.c.id), *_narrowed(wish))
    return show_people(connection, actor, keys, query.order_by(PEOPLE.c.id).limit(limit), now)


def _narrowed(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    stay, address = POSTINGS.alias(), ADDRESSES.alias()
    if wish.country or wish.status:
        status = stay.c.status == wish.status if wish.status else stay.c.status != PostingStatus.RETURNED
        place = [stay.c.country == wish.country] if wish.country else []
        found.append(exists().where(stay.c.registrant_id == PEOPLE.c.id, status, *place))
    if wish.name_index is not None:
        found.append(PEOPLE.c.name_index == wish.name_index)
    if wish.phone_index is not None:
        same = and_(address.c.registrant_id == PEOPLE.c.id, address.c.value_index == wish.phone_index)
        found.append(exists().where(same, address.c.stopped_at.is_(None)))
    if wish.only is not None:
        found.append(PEOPLE.c.id == wish.only)
    if wish.among:
        found.append(PEOPLE.c.id.in_(wish.among))
    return found + _lacking(wish)


def _lacking(wish: Wish) -> list[ColumnElement[bool]]:
    """Return what narrows to people of whom something is to be mended."""
    found: list[ColumnElement[bool]] = []
    stay, address = POSTINGS.alias(), ADDRESSES.alias()
    standing = exists().where(stay.c.registrant_id == PEOPLE.c.id, stay.c.status != PostingStatus.RETURNED)
    if wish.away or wish.unreached:
        found.append(standing)
    if wish.stale_before is not None:
        found.append(standing.where(stay.c.confirmed_at < wish.stale_before))
    if wish.unreached:
        found.append(~exists().where(address.c.registrant_id == PEOPLE.c.id, address.c.stopped_at.is_(None)))
    if wish.nowhere:
        found.append(~exists().where(stay.c.registrant_id == PEOPLE.c.id))
    return found


def count_wished(connection: Connection, actor: Actor, wish: Wish) -> int:
    """Count the people that `page_of_people` would show, page after page."""
    query = select(func.count()).select_from(PEOPLE).where(seen(actor, PEOPLE.c.id), *_narrowed(wish))
    return int(connection.execute(query).scalar_one())


def people_by_country(connection: Connection, actor: Actor) -> dict[str, int]:
    """Count, by country, the people with a stay there that is not over; somebody with stays in two counts in both."""
    row = POSTINGS.c
    query = select(row.country, func.count(func.distinct(row.registrant_id)))
    query = query.where(row.status != PostingStatus.RETURNED, seen(actor, row.registrant_id)).group_by(row.country)
    found = {one[0]: int(one[1]) for one in connection.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def own_people(actor: Actor) -> Select[Any]:
    """Select the ids of the people an actor may know of."""
    return select(PEOPLE.c.id).where(seen(actor, PEOPLE.c.id))


def count_people(connection: Connection, actor: Actor) -> int:
    """Count the people an actor may know of."""
    return int(connection.execute(select(func.count()).select_from(own_people(actor).subquery())).scalar_one())


def known_as(connection: Connection, actor: Actor, name_index: bytes, values: Collection[bytes]) -> int | None:
    """Return who has this name and one of these addresses (blind indexes), among those the actor may know of."""
    reached = select(ADDRESSES.c.registrant_id).where(ADDRESSES.c.value_index.in_(sorted(values)))
    query = select(PEOPLE.c.id).where(
        PEOPLE.c.name_index == name_index, PEOPLE.c.id.in_(reached), seen(actor, PEOPLE.c.id)
    )
    return connection.execute(query.order_by(PEOPLE.c.id).limit(1)).scalar()


def hold(connection: Connection, actor: Actor, registrant_id: int) -> None:
    """Let nobody else change this person and their stays and addresses until the end of the transaction."""
    # On SQLite a transaction that writes is alone anyway.
    for rows in (PEOPLE, POSTINGS, ADDRESSES):
        person = rows.c.id if rows is PEOPLE else rows.c.registrant_id
        query = select(rows.c.id).where(person == registrant_id, seen(actor, person)).with_for_update()
        connection.execute(query).all()
