"""What a company asks for one of its people: to be erased. It is done by the next run of retention, not at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from registry.actors import Actor, require_writer
from registry.rights import store
from registry.scope.rights import employer_of


def ask_erasure(connection: Connection, actor: Actor, registrant_id: int, *, now: datetime) -> None:
    """Write that somebody is to be erased. While a notice to them is under way they are kept.

    Raises:
        NotFound: there is no such person, or not for this actor.
        NotAllowed: the actor may not write people of this employer.
    """
    require_writer(actor, employer_of(connection, actor, registrant_id))
    store.add_waiting(connection, registrant_id, by=actor.name, now=now)
    subject = f"registrant/{registrant_id}"
    record(connection, actor=actor.name, action="person.erase-asked", subject=subject, now=now)


def erasure_asked(connection: Connection, registrant_id: int) -> bool:
    """Tell whether the erasure of a person was asked for, and waits."""
    return registrant_id in store.waiting(connection)
