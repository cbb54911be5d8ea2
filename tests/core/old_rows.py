"""Rows for whatever schema a database has: every table filled by reflection, with values that its columns may hold.

Nothing here knows the models of today, so that a table of the first release is filled as the first release would have.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
    text,
)

from core.tables import Mode
from notify.tables import AlertStatus, DeliveryState, VersionKind
from registry.tables import Ground, PostingStatus, Role

START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS: dict[str, type[enum.StrEnum]] = {
    "instance.mode": Mode, "alert.mode": Mode, "user_account.role": Role, "posting.status": PostingStatus,
    "consent.ground": Ground, "alert_version.status": AlertStatus, "alert_version.kind": VersionKind,
    "delivery.state": DeliveryState,
}  # fmt: skip
"""Columns that hold a word out of a list: each row takes the next one."""
SHORT = {"country": "FR", "language": "zh", "zone": "Europe/Paris", "channel": "sms", "wrapped": ""}
NOT_OURS = {"alembic_version", "sqlite_sequence"}
MADE_BY_CHAIN = "seal"
"""A seal that covers nothing would not hold."""

Snapshot = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
"""Of each table: its rows by primary key, each as the driver gives it."""


def schema_of(connection: Connection) -> list[Table]:
    """Return the tables there are, those before that others refer to."""
    found = MetaData()
    found.reflect(connection)
    return [one for one in found.sorted_tables if one.name not in NOT_OURS]


def fill_all(connection: Connection, tables: Sequence[Table], step: int) -> None:
    """Put two rows more into every table, one with every column and one with only what must be.

    `step` tells the rows of one call from those of another.
    """
    for full in (True, False):  # one after the other, so that each row has a row of its own to refer to
        for one in tables:
            if one.name == MADE_BY_CHAIN or (one.name == "instance" and (step or not full)):
                continue
            connection.execute(insert(one).values(dict(_values(connection, one, 2 * step + full, full=full))))


def rows_of(connection: Connection, tables: Sequence[Table]) -> Snapshot:
    """Return every row of the tables."""
    found: Snapshot = {}
    for one in tables:
        rows = connection.execute(text(f'SELECT * FROM "{one.name}"')).mappings()  # noqa: S608 names of our own tables
        found[one.name] = {tuple(row[key.name] for key in one.primary_key): dict(row) for row in rows}
    return found


def losses(before: Snapshot, after: Snapshot) -> list[str]:
    """Name every row that is gone, and every value that is another, in columns that both have."""
    found = []
    for name, rows in before.items():
        for key, row in rows.items():
            now = after.get(name, {}).get(key)
            if now is None:
                found.append(f"{name} {key} is gone")
                continue
            found += [f"{name} {key}.{column}: {value!r} became {now[column]!r}" for column, value in row.items()
                      if column in now and now[column] != value]  # fmt: skip
    return found


def _values(connection: Connection, one: Table, number: int, *, full: bool) -> Iterator[tuple[str, Any]]:
    unique = {column for columns in _unique(one) for column in columns}
    for column in one.columns:
        if column.primary_key and column.autoincrement and len(one.primary_key.columns) == 1 and _numbered(column):
            continue
        if column.nullable and not full:
            continue
        foreign = next(iter(column.foreign_keys), None)
        if foreign is not None:
            newest = select(func.max(foreign.column))
            yield column.name, connection.execute(newest).scalar_one()
        else:
            yield column.name, _value(one.name, column, number, unique=column.name in unique)


def _numbered(column: Column[Any]) -> bool:
    return isinstance(column.type, Integer) and not column.foreign_keys and column.name == "id"


def _unique(one: Table) -> Iterator[list[str]]:
    for constraint in one.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield [column.name for column in constraint.columns]
    for index in one.indexes:
        if index.unique:
            yield [column.name for column in index.columns]


def _value(name: str, column: Column[Any], number: int, *, unique: bool) -> Any:
    """Return a value for a column; a unique one is another for each number."""
    words = WORDS.get(f"{name}.{column.name}")
    if words is not None:
        return list(words)[number % len(words)].value
    makers: list[tuple[type[Any], Callable[[], Any]]] = [
        (Boolean, lambda: bool(number % 2)),
        (DateTime, lambda: START + timedelta(minutes=number)),
        (Date, lambda: date(2026, 1, 1) + timedelta(days=number)),
        (Float, lambda: number / 2),
        (Integer, lambda: number + 1),
        (LargeBinary, lambda: f"{name}.{column.name} {number}".encode()),
        (JSON, lambda: {"of": column.name, "number": number}),
        (String, lambda: _text(name, column, number, unique=unique)),
    ]
    for kind, make in makers:
        if isinstance(column.type, kind):
            return make()
    raise AssertionError(f"{name}.{column.name}: no value for {column.type!r}")


def _text(name: str, column: Column[Any], number: int, *, unique: bool) -> str:
    length = getattr(column.type, "length", None) or 200
    if not unique:
        return SHORT.get(column.name, f"{column.name} 第{number}号")[:length]
    if length < 4:
        return chr(65 + number // 26) + chr(65 + number % 26)
    return f"{number} {column.name}"[:length]
