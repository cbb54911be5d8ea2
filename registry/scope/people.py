"""People one by one: found by exact name or number, shown by page, or known to an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select

from core.audit import record
from core.keys import MasterKeys, unseal
from registry.actors import Actor
from registry.masks import mask_address, mask_name
from registry.matching import address_index, name_index
from registry.people import STOPPED_BY_UNDO, AddressView, Channel, KnownPerson, PersonView, PostingView
from registry.scope.addresses import standing_consents
from registry.scope.door import (
    ADDRESS_CONTEXT,
    ADDRESSES,
    CHUNK,
    CONTACTS,
    KEYS,
    NAME_CONTEXT,
    PEOPLE,
    POSTINGS,
    chunks,
    grouped,
    seen,
)
from registry.scope.home import contact_view
from registry.tables import Ground, PostingStatus


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
    query = _wanted(actor, Chosen(country, employer), after=after, limit=limit)
    return show_people(connection, actor, keys, query, now)


@dataclass(frozen=True)
class Chosen:
    """Which people are wanted; without anything all whom the actor may see.

    Attributes:
        country: only those with a posting there that is not over by its word.
        employer: only those of this employer (its id).
        alone: only those of no employer.
    """

    country: str | None = None
    employer: int | None = None
    alone: bool = False


def next_people(
    connection: Connection, actor: Actor, keys: MasterKeys, chosen: Chosen, *, after: int = 0
) -> list[PersonView]:
    """Return the next 900 people by id, masked for an auditor; none: that was all. The caller writes the audit.

    Args:
        after: the last id of the page before.

    Raises:
        KeyGone: a name, an address or a contact does not open.
    """
    return _views(connection, actor, keys, connection.execute(_wanted(actor, chosen, after=after, limit=CHUNK)).all())


def show_people(
    connection: Connection, actor: Actor, keys: MasterKeys, query: Select[Any], now: datetime
) -> list[PersonView]:
    """Show the people of a query (their rows, and `wrapped` of their key) to the actor; the look is written to the audit."""
    rows = connection.execute(query).all()
    if rows:
        shown = ",".join(str(row.id) for row in rows)
        record(connection, actor=actor.name, action="people.view", subject="registrant", now=now, detail=shown)
    return _views(connection, actor, keys, rows)


def people_numbered(connection: Connection, actor: Actor, keys: MasterKeys, numbers: Sequence[int]) -> list[PersonView]:
    """Return these people (at most 900) by number, masked for an auditor. Absent: erased, or not for this actor. The caller writes
    the audit.

    Raises:
        KeyGone: a name, an address or a contact does not open.
    """
    query = select(PEOPLE, KEYS.c.wrapped).join_from(PEOPLE, KEYS, KEYS.c.registrant_id == PEOPLE.c.id)
    query = query.where(PEOPLE.c.id.in_(numbers), seen(actor, PEOPLE.c.id)).order_by(PEOPLE.c.id)
    return _views(connection, actor, keys, connection.execute(query).all())


def names_of(connection: Connection, actor: Actor, registrant_ids: Sequence[int], keys: MasterKeys) -> dict[int, str]:
    """Return the names of people, masked for an auditor. Absent: erased, or not for this actor. The caller writes the audit.

    Raises:
        KeyGone: a name does not open.
    """
    found: dict[int, str] = {}
    for chunk in chunks(registrant_ids):
        query = select(PEOPLE.c.id, PEOPLE.c.name_sealed, KEYS.c.wrapped)
        query = query.join_from(PEOPLE, KEYS, KEYS.c.registrant_id == PEOPLE.c.id)
        for row in connection.execute(query.where(PEOPLE.c.id.in_(chunk), seen(actor, PEOPLE.c.id))):
            name = unseal(keys.unwrap(row.wrapped), row.name_sealed, NAME_CONTEXT.format(id=row.id))
            found[row.id] = name if actor.sees_plain else mask_name(name)
    return found


def language_of(connection: Connection, actor: Actor, registrant_id: int) -> str:
    """Return the language a person reads; Chinese if they were erased, or are not for this actor."""
    query = select(PEOPLE.c.language).where(PEOPLE.c.id == registrant_id, seen(actor, PEOPLE.c.id))
    return connection.execute(query).scalar() or "zh"


def known_people(connection: Connection, actor: Actor, employer_id: int | None) -> tuple[KnownPerson, ...]:
    """Return what the register holds of the people of an employer (None: of none), sealed values left shut, by id."""
    theirs = (PEOPLE.c.employer_id == employer_id, seen(actor, PEOPLE.c.id))
    people = connection.execute(select(PEOPLE).where(*theirs).order_by(PEOPLE.c.id)).all()
    ids = [person.id for person in people]
    stays, addresses = grouped(connection, POSTINGS, ids), grouped(connection, ADDRESSES, ids)
    contacts = grouped(connection, CONTACTS, ids)
    stands = standing_consents(actor).subquery("stands")
    of_them = select(stands).where(stands.c.registrant_id.in_(select(PEOPLE.c.id).where(*theirs)))
    held = {row.registrant_id: row for row in connection.execute(of_them)}
    return tuple(
        KnownPerson(
            person.id, person.name_index, person.language, person.id in held and held[person.id].foreign,
            frozenset((row.channel, row.value_index) for row in addresses[person.id] if not _taken_back(row)),
            tuple(_posting_view(row) for row in stays[person.id]),
            {(row.channel, row.value_index): (row.id, row.stopped_at) for row in addresses[person.id] if _taken_back(row)},
            frozenset(row.phone_index for row in contacts[person.id]),
            Ground(held[person.id].ground) if person.id in held else None,
        )
        for person in people
    )  # fmt: skip


def _wanted(actor: Actor, chosen: Chosen, *, after: int, limit: int) -> Select[Any]:
    query = select(PEOPLE, KEYS.c.wrapped).join_from(PEOPLE, KEYS, KEYS.c.registrant_id == PEOPLE.c.id)
    query = query.where(PEOPLE.c.id > after, seen(actor, PEOPLE.c.id)).order_by(PEOPLE.c.id).limit(min(limit, CHUNK))
    if chosen.employer is not None or chosen.alone:
        query = query.where(PEOPLE.c.employer_id == chosen.employer)  # None: of no employer
    if chosen.country is not None:
        there = and_(POSTINGS.c.country == chosen.country, POSTINGS.c.status != PostingStatus.RETURNED)
        query = query.where(PEOPLE.c.id.in_(select(POSTINGS.c.registrant_id).where(there)))
    return query


def _views(connection: Connection, actor: Actor, keys: MasterKeys, rows: Sequence[Row[Any]]) -> list[PersonView]:
    ids = [row.id for row in rows]
    theirs = [grouped(connection, of, ids) for of in (POSTINGS, ADDRESSES, CONTACTS)]
    masked = not actor.sees_plain
    return [
        _view(row, [rows_of[row.id] for rows_of in theirs], keys.unwrap(row.wrapped), masked=masked) for row in rows
    ]


def _taken_back(address: Row[Any]) -> bool:
    return address.stopped_at is not None and address.stop_reason == STOPPED_BY_UNDO


def _view(person: Row[Any], theirs: Sequence[list[Row[Any]]], key: bytes, *, masked: bool) -> PersonView:
    stays, addresses, contacts = theirs
    name = unseal(key, person.name_sealed, NAME_CONTEXT.format(id=person.id))
    views = []
    for row in addresses:
        value = unseal(key, row.value_sealed, ADDRESS_CONTEXT.format(id=row.id))
        shown = mask_address(value) if masked else value
        views.append(
            AddressView(row.id, row.channel, shown, row.preference, row.verified_at, row.stopped_at, row.stop_reason)
        )
    views.sort(key=lambda view: (view.preference, view.address_id))
    return PersonView(
        registrant_id=person.id, employer_id=person.employer_id, name=mask_name(name) if masked else name,
        language=person.language, masked=masked, postings=tuple(_posting_view(row) for row in stays),
        addresses=tuple(views), companion_of=person.companion_of,
        contacts=tuple(contact_view(row, key, masked=masked) for row in contacts if row.ended_at is None),
    )  # fmt: skip


def _posting_view(row: Row[Any]) -> PostingView:
    status = PostingStatus(row.status)
    return PostingView(
        row.id, row.country, status, row.date_from, row.date_to, row.city, row.site, row.confirmed_at, row.project
    )
