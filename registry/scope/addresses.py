"""Addresses and the consent to use them: which may be used, what they are, whose they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, or_, select

from core.errors import NotAllowed
from core.i18n import t
from core.keys import KeyGone, MasterKeys, unseal
from registry.actors import Actor
from registry.scope.door import ADDRESS_CONTEXT, ADDRESSES, CONSENTS, KEYS, chunks, seen

_COLUMNS = (
    ADDRESSES.c.id.label("address_id"), ADDRESSES.c.registrant_id, ADDRESSES.c.channel, ADDRESSES.c.value_index,
    ADDRESSES.c.preference, ADDRESSES.c.prefix, ADDRESSES.c.verified_at,
)  # fmt: skip


def usable_addresses(actor: Actor) -> Select[Any]:
    """Select the addresses in use, with the columns address_id, registrant_id, channel, value_index, preference, prefix,
    verified_at.
    """
    return select(*_COLUMNS).where(ADDRESSES.c.stopped_at.is_(None), seen(actor, ADDRESSES.c.registrant_id))


def addresses_of(actor: Actor, address_ids: Sequence[int]) -> Select[Any]:
    """Select these addresses, in use or stopped, as `usable_addresses` does."""
    return select(*_COLUMNS).where(ADDRESSES.c.id.in_(address_ids), seen(actor, ADDRESSES.c.registrant_id))


def standing_consents(actor: Actor) -> Select[Any]:
    """Select the consent that stands for each person: registrant_id, ground, foreign. The newest row decides;
    withdrawn is none.
    """
    row = CONSENTS.c
    order = func.row_number().over(partition_by=row.registrant_id, order_by=row.id.desc()).label("choice")
    newest = (
        select(row.registrant_id, row.ground, row.foreign, row.withdrawn_at, order)
        .where(seen(actor, row.registrant_id))
        .subquery("newest")
    )
    return select(newest.c.registrant_id, newest.c.ground, newest.c.foreign).where(
        newest.c.choice == 1, newest.c.withdrawn_at.is_(None)
    )


def agreed_abroad(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that `person` agreed, and still agrees, to providers abroad: for one person a look at an index.

    For people the caller has through this door already.
    """
    row = CONSENTS.alias()
    stands = case((and_(row.c.foreign, row.c.withdrawn_at.is_(None)), 1), else_=0)
    newest = select(stands).where(row.c.registrant_id == person).order_by(row.c.id.desc()).limit(1)
    return newest.correlate_except(row).scalar_subquery() == 1


def agreeing(connection: Connection, actor: Actor, registrant_ids: Sequence[int]) -> frozenset[int]:
    """Return those of these people who agreed, and still agree, to providers abroad."""
    found: set[int] = set()
    row = KEYS.c.registrant_id
    for chunk in chunks(registrant_ids):
        query = select(row).where(row.in_(chunk), agreed_abroad(row), seen(actor, row))
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def stopped_because(connection: Connection, address_ids: Sequence[int], reasons: Collection[str]) -> set[int]:
    """Return which of these addresses are stopped for one of these reasons. For the program itself: it tells nothing of a person."""
    row, found = ADDRESSES.c, set[int]()
    for chunk in chunks(address_ids):
        query = select(row.id).where(
            row.id.in_(chunk), row.stopped_at.is_not(None), row.stop_reason.in_(sorted(reasons))
        )
        found.update(connection.execute(query).scalars())
    return found


def open_addresses(
    connection: Connection, actor: Actor, address_ids: Sequence[int], keys: MasterKeys
) -> dict[int, str]:
    """Return the values of addresses by id. Absent: not there, not this actor's, of an erased person, or damaged.

    Raises:
        NotAllowed: the actor may not see numbers (an auditor).
        KeyGone: a master key is not at hand; no address may then count as gone.
    """
    if not actor.sees_plain:
        raise NotAllowed(t("{actor} may not see addresses.", actor=actor.name))
    opened: dict[int, str] = {}
    row = ADDRESSES.c
    for chunk in chunks(address_ids):
        query = (
            select(row.id, row.value_sealed, KEYS.c.wrapped)
            .join_from(ADDRESSES, KEYS, KEYS.c.registrant_id == row.registrant_id)
            .where(row.id.in_(chunk), seen(actor, row.registrant_id))
        )
        for address in connection.execute(query):
            try:
                key = keys.unwrap(address.wrapped)
                opened[address.id] = unseal(key, address.value_sealed, ADDRESS_CONTEXT.format(id=address.id))
            except KeyGone:
                # A changed byte: this address is lost, the others are not. A missing master key would make all of them
                # look lost, and nobody would be told: that stops the work instead.
                if address.wrapped.partition(b":")[0] not in {name.encode() for name in keys.keys}:
                    raise
    return opened


def address_owner(connection: Connection, actor: Actor, address_id: int, keys: MasterKeys) -> tuple[int, bytes] | None:
    """Return whose address this is, and that person's key in clear; None if the address or the key is gone."""
    query = (
        select(ADDRESSES.c.registrant_id, KEYS.c.wrapped)
        .join_from(ADDRESSES, KEYS, KEYS.c.registrant_id == ADDRESSES.c.registrant_id)
        .where(ADDRESSES.c.id == address_id, seen(actor, ADDRESSES.c.registrant_id))
    )
    row = connection.execute(query).first()
    return None if row is None else (row.registrant_id, keys.unwrap(row.wrapped))


def same_values(connection: Connection, actor: Actor, address_ids: Sequence[int]) -> list[int]:
    """Return every address with the same channel and value as one of these: one number may stand at several people."""
    given = ADDRESSES.alias()
    found: set[int] = set()
    for chunk in chunks(address_ids):
        query = (
            select(ADDRESSES.c.id)
            .join(given, and_(given.c.channel == ADDRESSES.c.channel, given.c.value_index == ADDRESSES.c.value_index))
            .where(given.c.id.in_(chunk), seen(actor, ADDRESSES.c.registrant_id))
        )
        found.update(connection.execute(query).scalars())
    return sorted(found)


def addresses_with(connection: Connection, actor: Actor, channel: str, value_index: bytes) -> list[int]:
    """Return every address of a channel with this blind index: one number may stand at several people."""
    row = ADDRESSES.c
    query = select(row.id).where(row.channel == channel, row.value_index == value_index, seen(actor, row.registrant_id))
    return list(connection.execute(query.order_by(row.id)).scalars())


def people_with(connection: Connection, actor: Actor, value_index: bytes) -> list[int]:
    """Return everybody at whom an address with this blind index stands, in use or stopped: who writes from it may be any of them."""
    return sorted(connection.execute(_people_with(actor), {"value": value_index}).scalars())


@lru_cache(maxsize=16)
def _people_with(actor: Actor) -> Select[Any]:
    """Build it once: a thousand answers may come in a minute, and building a statement takes longer than carrying it out."""
    row = ADDRESSES.c
    mine = row.value_index == bindparam("value", type_=row.value_index.type), seen(actor, row.registrant_id)
    return select(row.registrant_id).where(*mine).distinct()


def ways_beside(connection: Connection, actor: Actor, address_id: int) -> tuple[str, ...]:
    """Return the channels over which the owner of an address can be reached besides it, each once."""
    given = ADDRESSES.alias()
    query = (
        select(ADDRESSES.c.channel)
        .join(given, given.c.registrant_id == ADDRESSES.c.registrant_id)
        .where(given.c.id == address_id, ADDRESSES.c.stopped_at.is_(None), seen(actor, ADDRESSES.c.registrant_id))
        .where(or_(ADDRESSES.c.channel != given.c.channel, ADDRESSES.c.value_index != given.c.value_index))
    )
    return tuple(sorted(set(connection.execute(query).scalars())))


def stopped_for(connection: Connection, actor: Actor, address_id: int) -> str | None:
    """Return why an address is stopped; None if it is in use, or is none."""
    row = ADDRESSES.c
    mine = row.id == address_id, row.stopped_at.is_not(None), seen(actor, row.registrant_id)
    return connection.execute(select(row.stop_reason).where(*mine)).scalar()
