"""The last word on a person's consent to providers abroad, and whose word it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from registry.actors import Actor
from registry.rights.model import WITHDRAWAL
from registry.scope.door import CONSENTS, chunks, seen
from registry.tables import Ground


@dataclass(frozen=True)
class LastWord:
    """The newest consent of a person.

    Attributes:
        ground: on which the person is held.
        foreign: it lets numbers and texts go to a provider abroad.
        own_no: the person withdrew it themselves; only their own word gives it again.
    """

    ground: Ground
    foreign: bool
    own_no: bool


def last_words(connection: Connection, actor: Actor, registrant_ids: Sequence[int]) -> dict[int, LastWord]:
    """Return the newest consent of people by person. Absent: nothing was ever told, or not for this actor."""
    row, found = CONSENTS.c, {}
    for chunk in chunks(registrant_ids):
        newest = select(func.max(row.id)).where(row.registrant_id.in_(chunk)).group_by(row.registrant_id)
        query = select(row.registrant_id, row.ground, row.foreign, row.withdrawn_at, row.text_version).where(
            row.id.in_(newest), seen(actor, row.registrant_id)
        )
        for one in connection.execute(query):
            foreign = one.foreign and one.withdrawn_at is None
            found[one.registrant_id] = LastWord(Ground(one.ground), foreign, one.text_version == WITHDRAWAL)
    return found
