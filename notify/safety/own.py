"""What was said of one person after every alert: theirs to know, when they ask what is held of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from core.clock import iso
from core.keys import KeyGone, MasterKeys, unseal
from notify.safety.take import WORDS_CONTEXT
from notify.store import safety as store
from registry import scope


def answers_of(connection: Connection, registrant_id: int, keys: MasterKeys) -> list[dict[str, Any]]:
    """Return every answer about a person as plain JSON values, the oldest first; `words` is null where none were kept.

    The caller has proven that this is for the person, or for the office, and writes the audit.
    """
    wrapped = scope.person_key(connection, registrant_id)
    if wrapped is None:
        return []
    key = keys.unwrap(wrapped)
    return [
        {
            "alert_id": row.alert_id, "answer": row.answer, "means": row.means, "by": row.by, "at": iso(row.at),
            "shared": row.shared, "late": row.late, "words": _words(key, row),
        }
        for row in store.all_of(connection, registrant_id)
    ]  # fmt: skip


def _words(key: bytes, row: Any) -> str | None:
    place = WORDS_CONTEXT.format(alert=row.alert_id, person=row.registrant_id)
    try:
        return None if row.words_sealed is None else unseal(key, row.words_sealed, place)
    except KeyGone:
        return None
