"""What proving an address and leaving need to know: whose address it is, who is the same person, which stays still stand.

These questions are asked for somebody who has yet to prove who they are, so they are asked by the program itself; what they
return is never shown before the code came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, or_, select

from core.errors import BadInput, NotFound
from core.i18n import t
from core.tables import table
from registry.actors import Actor
from registry.matching import address_index, name_index
from registry.scope.addresses import agreed_abroad
from registry.scope.door import ADDRESSES, PEOPLE, POSTINGS, seen
from registry.signup.tables import AddressCheck
from registry.tables import PostingStatus

CHECKS = table(AddressCheck)


@dataclass(frozen=True)
class Door:
    """An address in use and its owner, still shut. `foreign`: the owner agreed to providers abroad."""

    address_id: int
    registrant_id: int
    employer_id: int | None
    channel: str
    language: str
    foreign: bool


def address_in_use(connection: Connection, actor: Actor, address_id: int) -> Door:
    """Return an address that is in use.

    Raises:
        NotFound: there is none, or not for this actor.
        BadInput: it is stopped.
    """
    row = connection.execute(_doors(actor).where(ADDRESSES.c.id == address_id)).one_or_none()
    if row is None:
        raise NotFound(t("There is no address {number}.", number=address_id))
    if row.stopped_at is not None:
        raise BadInput(t("Address {number} is stopped: nothing is sent to it.", number=address_id))
    return _door(row)


def door_to(connection: Connection, actor: Actor, address_id: int) -> Door:
    """Return an address, in use or not: one that is yet to be proven is not in use.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    row = connection.execute(_doors(actor).where(ADDRESSES.c.id == address_id)).one_or_none()
    if row is None:
        raise NotFound(t("There is no address {number}.", number=address_id))
    return _door(row)


def door_of(
    connection: Connection, actor: Actor, index_key: bytes, *, name: str, channel: str, value: str
) -> Door | None:
    """Return the address in use of the person of exactly this name, those who registered themselves first; None: nobody."""
    query = _doors(actor).where(
        PEOPLE.c.name_index == name_index(index_key, name), ADDRESSES.c.channel == channel,
        ADDRESSES.c.value_index == address_index(index_key, channel, value), ADDRESSES.c.stopped_at.is_(None),
    )  # fmt: skip
    row = connection.execute(query.order_by(PEOPLE.c.employer_id.is_not(None), PEOPLE.c.id).limit(1)).one_or_none()
    return None if row is None else _door(row)


def codes_since(connection: Connection, address_id: int, moment: datetime) -> int:
    """Return how many codes were sent to the number or mail of an address after a moment, whosever address it is."""
    given = ADDRESSES.alias()
    query = (
        select(func.count())
        .select_from(CHECKS)
        .join(ADDRESSES, ADDRESSES.c.id == CHECKS.c.address_id)
        .join(given, and_(given.c.value_index == ADDRESSES.c.value_index, given.c.id == address_id))
        .where(CHECKS.c.sent_at > moment)
    )
    return int(connection.execute(query).scalar_one())


def same_self_registered(connection: Connection, actor: Actor, address_id: int, *, companions: bool) -> tuple[int, ...]:
    """Return, by id, everybody of no employer with the name of its owner and this address: who registered twice is there twice.

    Args:
        address_id: the address that was proven. Another one that somebody merely wrote down proves nothing: else whoever
            registers under another's name, and writes the other's mail beside a number of their own, would be taken for them.
        companions: also those whom any of them registered along.
    """
    return _same(connection, actor, address_id, companions=companions, alone=True)


def same_person(connection: Connection, actor: Actor, address_id: int, *, companions: bool) -> tuple[int, ...]:
    """Return, by id, everybody with the name of its owner and this address, at whatever employer; see `same_self_registered`."""
    return _same(connection, actor, address_id, companions=companions, alone=False)


def _same(connection: Connection, actor: Actor, address_id: int, *, companions: bool, alone: bool) -> tuple[int, ...]:
    me, mine = PEOPLE.alias(), ADDRESSES.alias()
    same_way = and_(mine.c.channel == ADDRESSES.c.channel, mine.c.value_index == ADDRESSES.c.value_index)
    in_use = or_(ADDRESSES.c.stopped_at.is_(None), ADDRESSES.c.id == address_id)
    shared = select(ADDRESSES.c.registrant_id).join(mine, and_(same_way, mine.c.id == address_id)).where(in_use)
    named = (
        select(me.c.name_index)
        .join(mine, mine.c.registrant_id == me.c.id)
        .where(mine.c.id == address_id)
        .scalar_subquery()
    )
    within = [seen(actor, PEOPLE.c.id), *([PEOPLE.c.employer_id.is_(None)] if alone else [])]
    same = select(PEOPLE.c.id).where(*within, PEOPLE.c.id.in_(shared), PEOPLE.c.name_index == named)
    wanted = or_(PEOPLE.c.id.in_(same), PEOPLE.c.companion_of.in_(same)) if companions else PEOPLE.c.id.in_(same)
    return tuple(connection.execute(select(PEOPLE.c.id).where(*within, wanted).order_by(PEOPLE.c.id)).scalars())


@dataclass(frozen=True)
class Lent:
    """A companion with addresses that are another's. `lent`: ids of those; `has_own`: there is one of their own in use."""

    lent: tuple[int, ...]
    has_own: bool


def lent_addresses(connection: Connection, actor: Actor, registrant_ids: tuple[int, ...]) -> dict[int, Lent]:
    """Return the companions of these people who are reached over an address of theirs, by id."""
    theirs, row = ADDRESSES.alias(), ADDRESSES.c
    same = (
        theirs.c.registrant_id.in_(registrant_ids),
        theirs.c.channel == row.channel,
        theirs.c.value_index == row.value_index,
    )
    query = (
        select(row.registrant_id, row.id, exists().where(*same).label("lent"))
        .join_from(ADDRESSES, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(PEOPLE.c.companion_of.in_(registrant_ids), PEOPLE.c.id.not_in(registrant_ids), row.stopped_at.is_(None),
               seen(actor, PEOPLE.c.id))
        .order_by(row.registrant_id, row.id)
    )  # fmt: skip
    lent: dict[int, list[int]] = {}
    own: set[int] = set()
    for one in connection.execute(query):
        if one.lent:
            lent.setdefault(one.registrant_id, []).append(one.id)
        else:
            own.add(one.registrant_id)
    return {who: Lent(tuple(numbers), who in own) for who, numbers in lent.items()}


def standing_stays(connection: Connection, actor: Actor, registrant_ids: tuple[int, ...]) -> list[tuple[int, int, str]]:
    """Return (person, posting, status) of the stays of people that are not over."""
    row = POSTINGS.c
    query = select(row.registrant_id, row.id, row.status).where(
        row.registrant_id.in_(registrant_ids), row.status != PostingStatus.RETURNED, seen(actor, row.registrant_id)
    )
    return [(one[0], one[1], one[2]) for one in connection.execute(query.order_by(row.id))]


def _doors(actor: Actor) -> Any:
    foreign = agreed_abroad(ADDRESSES.c.registrant_id).label("foreign")
    return (
        select(ADDRESSES.c.id, ADDRESSES.c.channel, ADDRESSES.c.stopped_at, PEOPLE.c.id.label("person"),
               PEOPLE.c.employer_id, PEOPLE.c.language, foreign)
        .join_from(ADDRESSES, PEOPLE, PEOPLE.c.id == ADDRESSES.c.registrant_id)
        .where(seen(actor, PEOPLE.c.id))
    )  # fmt: skip


def _door(row: Row[Any]) -> Door:
    return Door(row.id, row.person, row.employer_id, row.channel, row.language, bool(row.foreign))
