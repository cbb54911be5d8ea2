"""The door itself: whom an actor may know of is decided in `seen`, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, exists, false, select

from core.tables import table
from registry.actors import Actor
from registry.tables import Address, Consent, EmployerContact, HomeContact, PersonKey, Posting, Registrant, Role

CHUNK = 900  # values in one IN list; older SQLite allows 999
NAME_CONTEXT = "registrant.name/{id}"
ADDRESS_CONTEXT = "address.value/{id}"
CONTACT_NAME_CONTEXT = "home_contact.name/{id}"
CONTACT_PHONE_CONTEXT = "home_contact.phone/{id}"

PEOPLE, KEYS, POSTINGS = table(Registrant), table(PersonKey), table(Posting)
ADDRESSES, CONSENTS, CONTACTS = table(Address), table(Consent), table(HomeContact)
LIAISONS = table(EmployerContact)


def seen(actor: Actor, person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition under which `actor` may know of `person`: not erased, and for a company its own people
    only; for a resident those they proved to be, or to answer for.
    """
    keys, people = KEYS.alias(), PEOPLE.alias()
    kept = exists().where(keys.c.registrant_id == person, keys.c.wrapped.is_not(None))
    if actor.is_office or actor.role == Role.AUDITOR:
        return kept
    if actor.role == Role.COMPANY and actor.employer_id is not None:
        return and_(kept, person.in_(select(people.c.id).where(people.c.employer_id == actor.employer_id)))
    if actor.is_resident and actor.own:
        return and_(kept, person.in_(sorted(actor.own)))
    return false()


def seen_of_many(actor: Actor, person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the same as `seen`, quicker where most of the register is looked through: everybody has a key, few were erased."""
    if actor.is_office or actor.role == Role.AUDITOR:
        return person.not_in(select(KEYS.c.registrant_id).where(KEYS.c.wrapped.is_(None)))
    return seen(actor, person)


def grouped(connection: Connection, rows: Table, people: Sequence[int]) -> defaultdict[int, list[Row[Any]]]:
    """Return the rows of each person, by id of the row."""
    # The people were chosen through seen: this only brings what belongs to them.
    grouped: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in chunks(people):
        for row in connection.execute(select(rows).where(rows.c.registrant_id.in_(chunk)).order_by(rows.c.id)):
            grouped[row.registrant_id].append(row)
    return grouped


def chunks(values: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ids into lists that fit one IN."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
