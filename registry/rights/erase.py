"""Erasure: the key of a person is destroyed, and with it everything sealed under it; the proof of notices stays verifiable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit import record
from registry.actors import Actor, require_office
from registry.rights import store
from registry.rights.model import RequestKind
from registry.scope.erasure import wipe_liaison, wipe_people
from registry.scope.rights import over_since


def erase(
    connection: Connection, actor: Actor, registrant_ids: Sequence[int], *, kind: RequestKind, now: datetime
) -> None:
    """Erase people for good. Whether somebody must be kept a while longer is for the caller to know: see `notify.erasure`.

    Args:
        kind: `erasure` if it was asked for, `retention` if the time of keeping ran out.

    Raises:
        NotAllowed: the actor is not the office.
    """
    require_office(actor)
    wipe_people(connection, registrant_ids, by=actor.name, at=now)
    store.close_erasures(connection, registrant_ids, kind, by=actor.name, now=now)
    for one in registrant_ids:
        record(connection, actor=actor.name, action="person.erase", subject=f"registrant/{one}", now=now, detail=kind)


def erase_liaison(connection: Connection, actor: Actor, contact_id: int, *, now: datetime) -> None:
    """Erase the contact of a company (企业联络员).

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: there is no such contact, or it was erased before.
    """
    require_office(actor)
    employer = wipe_liaison(connection, contact_id, by=actor.name, at=now)
    subject = f"employer_contact/{contact_id}"
    record(
        connection, actor=actor.name, action="contact.erase", subject=subject, now=now, detail=f"employer/{employer}"
    )


def due(connection: Connection, actor: Actor, *, now: datetime, days: int, limit: int, after: int = 0) -> list[int]:
    """Return people whose time of keeping ran out: all stays over for `days`, nothing asked about them. By id, in parts.

    Args:
        after: the last id of the part before.
    """
    moment = now - timedelta(days=days)
    people = over_since(actor, moment, moment.date()).subquery()
    query = people.select().where(people.c.registrant_id > after).order_by(people.c.registrant_id).limit(limit)
    return list(connection.execute(query).scalars())
