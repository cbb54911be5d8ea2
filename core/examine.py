"""The database as the doctor looks at it: what it says of itself, and whether the keys at hand open what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, text

from core.keys import KeyGone, MasterKeys
from core.rotation import Wrapped


@dataclass(frozen=True)
class SqliteFacts:
    """What SQLite says: `quick` is `ok`, or the first thing that is wrong with the file."""

    quick: str
    journal: str


@dataclass(frozen=True)
class PostgresFacts:
    """What PostgreSQL says.

    Attributes:
        version: as a whole number: 150004 is 15.4.
        durable: what it says it has written survives its end (`fsync` and `synchronous_commit` are on).
    """

    version: int
    encoding: str
    durable: bool
    connections: int
    most_connections: int


def sqlite_facts(connection: Connection) -> SqliteFacts:
    """Ask SQLite. Reads the whole file once, without its indexes: a gigabyte takes some seconds."""
    quick = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    return SqliteFacts(str(quick), str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()))


def postgres_facts(connection: Connection) -> PostgresFacts:
    """Ask PostgreSQL."""
    version, encoding, most, sync, commit = (
        str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
        for name in ("server_version_num", "server_encoding", "max_connections", "fsync", "synchronous_commit")
    )
    used = connection.execute(
        text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    ).scalar_one()
    return PostgresFacts(int(version), encoding, "off" not in (sync, commit), int(used), int(most))


@dataclass
class Opened:
    """Data keys that were tried: how many open, by the name of their master key; and those that do not, as table and number."""

    by_master: Counter[str] = field(default_factory=Counter)
    shut: list[tuple[str, int]] = field(default_factory=list)


def try_keys(connection: Connection, columns: Sequence[Wrapped], keys: MasterKeys, newest: int) -> Opened:
    """Open the newest data keys of each table, and the oldest."""
    found = Opened()
    for column in columns:
        number = next(iter(column.table.primary_key))
        for order in (number.desc(), number):
            query = select(number, column).where(column.is_not(None)).order_by(order).limit(newest)
            for row in connection.execute(query):
                _try(found, column.table.name, row[0], bytes(row[1]), keys)
    return found


def _try(found: Opened, table: str, number: int, wrapped: bytes, keys: MasterKeys) -> None:
    try:
        keys.unwrap(wrapped)
    except KeyGone:
        if (table, number) not in found.shut:
            found.shut.append((table, number))
    else:
        found.by_master[wrapped.partition(b":")[0].decode()] += 1


def unused(keys: MasterKeys, opened: Mapping[str, int]) -> list[str]:
    """Return the master keys at hand, besides the one in use, that open none of what was tried. Pure."""
    return sorted(name for name in keys.keys if name != keys.current and name not in opened)
