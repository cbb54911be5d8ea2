"""Access and export: everything that is held of a person, for the person; each look leaves a line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.keys import MasterKeys
from registry.actors import Actor
from registry.rights import store
from registry.rights.model import PersonFile, RequestKind
from registry.scope.rights import person_file


def give_file(
    connection: Connection, actor: Actor, registrant_id: int, *, keys: MasterKeys, now: datetime, kind: RequestKind
) -> PersonFile:
    """Return what is held of a person. The look is in the audit, and the request beside the person.

    Args:
        kind: `access` to look, `export` to take away.

    Raises:
        NotFound: there is no such person, not for this actor, or they were erased.
        KeyGone: something does not open.
    """
    found = person_file(connection, actor, registrant_id, keys)
    store.add_request(connection, registrant_id, kind, by=actor.name, now=now)
    record(connection, actor=actor.name, action=f"person.{kind}", subject=f"registrant/{registrant_id}", now=now)
    return found
