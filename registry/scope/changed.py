"""Who was changed in the register after a point of its history: what newcomers to the place of an alert are looked for among."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from registry.actors import Actor
from registry.scope.door import seen
from registry.scope.history import CHANGES
from registry.tables import PostingStatus


def newest_change(connection: Connection) -> int:
    """Return the number of the newest change of the register; 0 if there is none."""
    return int(connection.execute(select(func.coalesce(func.max(CHANGES.c.id), 0))).scalar_one())


def changed_since(actor: Actor, after: int) -> Select[Any]:
    """Select the people (`registrant_id`, each once) of whom anything was changed after this point."""
    who = CHANGES.c.registrant_id
    return select(who).where(CHANGES.c.id > after, seen(actor, who)).distinct()


def came_since(actor: Actor, after: int) -> Select[Any]:
    """Select the people who were registered or got a stay after this point, moved with one, or left again on one that was over.

    That somebody was confirmed, or that other words of a stay were mended, brings nobody anywhere.
    """
    c = CHANGES.c
    returned = c.before.contains(f'"status": "{PostingStatus.RETURNED.value}"', autoescape=True)
    moved = and_(c.table_name == "posting", or_(c.after.contains('"country"', autoescape=True), returned))
    new = and_(c.table_name.in_(["posting", "registrant"]), c.before.is_(None))
    which = and_(c.id > after, c.after.is_not(None), or_(moved, new))
    return select(c.registrant_id).where(which, seen(actor, c.registrant_id)).distinct()
