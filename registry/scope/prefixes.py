"""The calling codes of numbers that were written down before the register kept them. No actor sees a number."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from core.keys import KeyGone, MasterKeys, unseal
from registry.scope.door import ADDRESS_CONTEXT, ADDRESSES, KEYS


def fill_prefixes(
    connection: Connection,
    keys: MasterKeys,
    code: Callable[[str], str],
    channels: Collection[str],
    *,
    after: int,
    limit: int,
) -> tuple[int, int]:
    """Write the calling code of up to `limit` numbers above address `after` that have none. Resumable, and repeatable.

    Args:
        code: what tells the calling code of a number; `channels` are those of phone numbers.

    Returns:
        The last address looked at (0: there is none left), and how many codes were written.

    Raises:
        KeyGone: a master key is not at hand: none of these numbers may count as unreadable.
    """
    found = connection.execute(_without(channels, after, limit)).all()
    rows = [{"row": one.id, "code": written} for one in found if (written := _code(one, keys, code))]
    if rows:
        query = update(ADDRESSES).where(ADDRESSES.c.id == bindparam("row"))
        connection.execute(query.values(prefix=bindparam("code")), rows)
    return (found[-1].id if found else 0), len(rows)


def with_prefix(prefix: str) -> Select[tuple[int]]:
    """Select the addresses (id) under a calling code, whoever they belong to."""
    return select(ADDRESSES.c.id).where(ADDRESSES.c.prefix == prefix)


def _without(channels: Collection[str], after: int, limit: int) -> Select[tuple[int, bytes, bytes]]:
    row = ADDRESSES.c
    return (
        select(row.id, row.value_sealed, KEYS.c.wrapped)
        .join_from(ADDRESSES, KEYS, KEYS.c.registrant_id == row.registrant_id)
        .where(row.id > after, row.prefix == "", row.channel.in_(sorted(channels)), KEYS.c.wrapped.is_not(None))
        .order_by(row.id)
        .limit(limit)
    )


def _code(one: Row[tuple[int, bytes, bytes]], keys: MasterKeys, code: Callable[[str], str]) -> str:
    try:
        return code(unseal(keys.unwrap(one.wrapped), one.value_sealed, ADDRESS_CONTEXT.format(id=one.id)))
    except KeyGone:
        # A changed byte makes one number unreadable, as for `open_addresses`; a missing master key all of them.
        if one.wrapped.partition(b":")[0] not in {name.encode() for name in keys.keys}:
            raise
        return ""
