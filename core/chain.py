"""The proof chain: append-only tables are sealed batch by batch, each seal hashed together with the one before.

A seal covers all rows of one table in a range of numbers. Its digest runs over the rows exactly as stored, ciphertext included,
so that destroying a person's key (erasure) leaves every seal verifiable. Any later change of a byte, a row put in or taken
out, is found and located.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from core.tables import Seal, table

SEALS = table(Seal)
ZERO = "0" * 64
FETCH = 5000


@dataclass(frozen=True)
class Fault:
    """A seal that does not hold: which one, of which table and rows, and what is wrong (`digest`, `link`, `rows`, `table`)."""

    seal: int
    table: str
    first_id: int
    last_id: int
    kind: str


def seal_batch(connection: Connection, tables: Sequence[Table], now: datetime) -> int:
    """Seal every row of `tables` that is not sealed yet; return the number of rows sealed. Runs in the caller's transaction."""
    sealed = 0
    if connection.dialect.name == "postgresql":
        # Two at once would seal the same rows twice, and fork the chain. (SQLite has one writer at a time anyway.)
        connection.execute(text(f'LOCK TABLE "{SEALS.name}" IN EXCLUSIVE MODE'))
    for one in tables:
        if connection.dialect.name == "postgresql":
            # Numbers are given out before rows are committed: wait for writers, so that no lower number appears later.
            connection.execute(text(f'LOCK TABLE "{one.name}" IN SHARE MODE'))
        first = _last_sealed(connection, one.name) + 1
        last = connection.execute(select(func.max(one.c.id))).scalar()
        if last is None or last < first:
            continue
        digest, rows = digest_rows(connection, one, first, last)
        number, previous = _last_link(connection)
        values = {"id": number + 1, "at": now, "table_name": one.name, "first_id": first, "last_id": last, "rows": rows,
                  "digest": digest, "previous": previous}  # fmt: skip
        connection.execute(insert(SEALS).values(values | {"link": link_of(values)}))
        sealed += rows
    return sealed


def verify(connection: Connection, tables: Sequence[Table], *, newest: int | None = None) -> Iterator[Fault]:
    """Recompute every seal; yield those that do not hold. A chain without faults yields nothing.

    Args:
        newest: only so many of the last seals; that they join the one before them is looked at too.
    """
    by_name = {one.name: one for one in tables}
    previous, number = ZERO, 0
    query = select(SEALS).order_by(SEALS.c.id)
    if newest is not None:
        number = max(0, _last_link(connection)[0] - newest)
        query = query.where(SEALS.c.id > number)
        if number:
            previous = connection.execute(select(SEALS.c.link).where(SEALS.c.id == number)).scalar() or ZERO
    for row in connection.execute(query).mappings():
        where = (row["id"], row["table_name"], row["first_id"], row["last_id"])
        if row["id"] != number + 1 or row["previous"] != previous or row["link"] != link_of(row):
            yield Fault(*where, "link")
        previous, number = row["link"], row["id"]
        if row["table_name"] not in by_name:
            yield Fault(*where, "table")
            continue
        digest, rows = digest_rows(connection, by_name[row["table_name"]], row["first_id"], row["last_id"])
        if rows != row["rows"]:
            yield Fault(*where, "rows")
        elif digest != row["digest"]:
            yield Fault(*where, "digest")


def digest_rows(connection: Connection, one: Table, first: int, last: int) -> tuple[str, int]:
    """Hash the rows of a range in order of their numbers; return the digest and how many there are."""
    total, rows = hashlib.sha256(), 0
    query = select(one).where(one.c.id.between(first, last)).order_by(one.c.id).execution_options(yield_per=FETCH)
    for row in connection.execute(query):
        total.update(canonical(tuple(row)))
        rows += 1
    return total.hexdigest(), rows


def canonical(row: Sequence[Any]) -> bytes:
    """Write a row the same way on every database: JSON with times in UTC and bytes in hex, one line."""
    return (
        json.dumps([_plain(value) for value in row], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        + b"\n"
    )


def link_of(seal: Any) -> str:
    """Return the hash that joins a seal to the chain: what it covers, its digest, and the link before."""
    parts = [
        seal["previous"],
        seal["table_name"],
        seal["first_id"],
        seal["last_id"],
        seal["rows"],
        seal["digest"],
        _plain(seal["at"]),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def _last_sealed(connection: Connection, name: str) -> int:
    return connection.execute(select(func.max(SEALS.c.last_id)).where(SEALS.c.table_name == name)).scalar() or 0


def _last_link(connection: Connection) -> tuple[int, str]:
    """Return number and link of the last seal. Seals are numbered by us, without a gap: a number that is changed shows."""
    row = connection.execute(select(SEALS.c.id, SEALS.c.link).order_by(SEALS.c.id.desc()).limit(1)).first()
    return (0, ZERO) if row is None else (row.id, row.link)
