"""Data keys of people and free numbers of rows: what the program itself needs to seal. No actor sees them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, text

from registry.scope.door import ADDRESSES, CONSENTS, CONTACTS, KEYS, LIAISONS, PEOPLE, POSTINGS, chunks


def person_keys(connection: Connection, registrant_ids: Sequence[int]) -> dict[int, bytes]:
    """Return the wrapped data keys by person; the erased are absent. For the program's own sealing: no actor sees
    them.
    """
    found: dict[int, bytes] = {}
    for chunk in chunks(registrant_ids):
        query = select(KEYS.c.registrant_id, KEYS.c.wrapped).where(
            KEYS.c.registrant_id.in_(chunk), KEYS.c.wrapped.is_not(None)
        )
        found.update((row.registrant_id, row.wrapped) for row in connection.execute(query))
    return found


def person_key(connection: Connection, registrant_id: int) -> bytes | None:
    """Return the wrapped data key of a person; None if the person is erased or unknown."""
    return person_keys(connection, [registrant_id]).get(registrant_id)


def free_ids(connection: Connection, kind: str, count: int) -> Sequence[int]:
    """Take `count` unused ids for rows of `kind` (`registrant`, `address`, `posting`, `consent`,
    `home_contact` or `employer_contact`).

    A sealed value names its row, and so does the history of the register: ids come first.

    PostgreSQL hands them out of the column's own sequence. SQLite has one writer at a time, and this transaction is it.
    """
    rows = {one.name: one for one in (PEOPLE, ADDRESSES, POSTINGS, CONSENTS, CONTACTS, LIAISONS)}[kind]
    if connection.dialect.name == "sqlite":
        first = connection.execute(select(func.coalesce(func.max(rows.c.id), 0))).scalar_one() + 1
        return range(first, first + count)
    query = text("SELECT nextval(pg_get_serial_sequence(:kind, 'id')) FROM generate_series(1, :count)")
    return list(connection.execute(query, {"kind": kind, "count": count}).scalars())
