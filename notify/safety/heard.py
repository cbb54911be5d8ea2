"""What people wrote after an alert, opened for an officer who looks at the board: the newest words of each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from core.keys import KeyGone, MasterKeys, unseal
from notify.safety.take import WORDS_CONTEXT
from notify.store import safety as store
from notify.store.safety import Part
from registry import scope
from registry.actors import Actor


def newest_words(
    connection: Connection, alert_id: int, people: Sequence[int], actor: Actor, keys: MasterKeys
) -> dict[int, str]:
    """Return what these people wrote last; nothing for anybody but the office. Absent: no words, or erased. The caller audits."""
    if not actor.is_office or not people:
        return {}
    wrapped, found = scope.person_keys(connection, people), dict[int, str]()
    for start in range(0, len(people), scope.CHUNK):
        part = Part(only=tuple(people[start : start + scope.CHUNK]))
        for row in store.sealed_words(connection, alert_id, part):
            try:
                key = keys.unwrap(wrapped.get(row.registrant_id))
                place = WORDS_CONTEXT.format(alert=alert_id, person=row.registrant_id)
                found[row.registrant_id] = unseal(key, row.words_sealed, place)
            except KeyGone:
                continue
    return found
