"""People one by one: found by exact name or number, shown by page, or known to an import."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from core.audit import record
from core.keys import MasterKeys, unseal
from registry.actors import Actor
from registry.masks import mask_address, mask_name
from registry.matching import address_index, name_index
from registry.people import AddressView, Channel, KnownPerson, PersonView, PostingView
from registry.scope.addresses import standing_consents
from registry.scope.door import ADDRESS_CONTEXT, ADDRESSES, CHUNK, KEYS, NAME_CONTEXT, PEOPLE, POSTINGS, grouped, seen
from registry.tables import PostingStatus


def find_exact(
    connection: Connection, actor: Actor, index_key: bytes, *, name: str | None = None, phone: str | None = None
) -> tuple[int, ...]:
    """Return the ids of the people with exactly this name and/or this phone (E.164), in order; none if neither is
    given.
    """
    if name is None and phone is None:
        return ()
    query = select(PEOPLE.c.id).where(seen(actor, PEOPLE.c.id)).order_by(PEOPLE.c.id)
    if name is not None:
        query = query.where(PEOPLE.c.name_index == name_index(index_key, name))
    if phone is not None:
        value = address_index(index_key, Channel.SMS, phone)
        query = query.where(PEOPLE.c.id.in_(select(ADDRESSES.c.registrant_id).where(ADDRESSES.c.value_index == value)))
    return tuple(connection.execute(query).scalars())


def list_people(
    connection: Connection,
    actor: Actor,
    keys: MasterKeys,
    *,
    now: datetime,
    country: str | None = None,
    employer: int | None = None,
    limit: int = 50,
    after: int = 0,
) -> list[PersonView]:
    """Show people one page at a time, by id; the look is written to the audit. Auditors get names and addresses masked.

    Args:
        now: time of the look.
        country: only those with a posting there that is not over by its word.
        employer: only those of this employer (its id).
        limit: at most this many, and never more than 900.
        after: the last id of the page before.

    Raises:
        KeyGone: a name or an address does not open.
    """
    query = select(PEOPLE, KEYS.c.wrapped).join_from(PEOPLE, KEYS, KEYS.c.registrant_id == PEOPLE.c.id)
    query = query.where(PEOPLE.c.id > after, seen(actor, PEOPLE.c.id)).order_by(PEOPLE.c.id).limit(min(limit, CHUNK))
    if employer is not None:
        query = query.where(PEOPLE.c.employer_id == employer)
    if country is not None:
        there = and_(POSTINGS.c.country == country, POSTINGS.c.status != PostingStatus.RETURNED)
        query = query.where(PEOPLE.c.id.in_(select(POSTINGS.c.registrant_id).where(there)))
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    stays, addresses = grouped(connection, POSTINGS, ids), grouped(connection, ADDRESSES, ids)
    if ids:
        shown = ",".join(str(one) for one in ids)
        record(connection, actor=actor.name, action="people.view", subject="registrant", now=now, detail=shown)
    return [_view(row, stays[row.id], addresses[row.id], keys, masked=not actor.sees_plain) for row in rows]


def known_people(connection: Connection, actor: Actor, employer_id: int) -> tuple[KnownPerson, ...]:
    """Return what the register holds of the people of an employer, sealed values left shut, by id."""
    query = select(PEOPLE).where(PEOPLE.c.employer_id == employer_id, seen(actor, PEOPLE.c.id)).order_by(PEOPLE.c.id)
    people = connection.execute(query).all()
    ids = [person.id for person in people]
    stays, addresses = grouped(connection, POSTINGS, ids), grouped(connection, ADDRESSES, ids)
    theirs = standing_consents(actor).subquery("theirs")
    foreign = set(connection.execute(select(theirs.c.registrant_id).where(theirs.c.foreign)).scalars())
    return tuple(
        KnownPerson(
            person.id, person.name_index, person.language, person.id in foreign,
            frozenset((row.channel, row.value_index) for row in addresses[person.id]),
            tuple(_posting_view(row) for row in stays[person.id]),
        )
        for person in people
    )  # fmt: skip


def _view(
    person: Row[Any], stays: list[Row[Any]], addresses: list[Row[Any]], keys: MasterKeys, *, masked: bool
) -> PersonView:
    key = keys.unwrap(person.wrapped)
    name = unseal(key, person.name_sealed, NAME_CONTEXT.format(id=person.id))
    views = []
    for row in addresses:
        value = unseal(key, row.value_sealed, ADDRESS_CONTEXT.format(id=row.id))
        shown = mask_address(value) if masked else value
        views.append(
            AddressView(row.id, row.channel, shown, row.preference, row.verified_at, row.stopped_at, row.stop_reason)
        )
    views.sort(key=lambda view: (view.preference, view.address_id))
    shown_name, stay_views = mask_name(name) if masked else name, tuple(_posting_view(row) for row in stays)
    return PersonView(person.id, person.employer_id, shown_name, person.language, masked, stay_views, tuple(views))


def _posting_view(row: Row[Any]) -> PostingView:
    status = PostingStatus(row.status)
    return PostingView(row.id, row.country, status, row.date_from, row.date_to, row.city, row.site, row.confirmed_at)
