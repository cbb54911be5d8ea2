"""Rows in a form that does not depend on the database: one JSON array a line, by the kinds of their columns.

The tables are taken as the database has them, not as the program of today describes them: an older schema is written and
filled in its own shape.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    cast,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from core.backup.faults import BadBackup
from core.backup.manifest import TableNote
from core.i18n import t

PART = 4_000_000
"""Bytes of rows that are kept in memory at once."""

FETCH = 2000
VERSIONS = "alembic_version"

Part = tuple[str, bytes]
"""Name of a table, and lines of rows of it."""


@dataclass(frozen=True)
class _Kind:
    """How a kind of column is read, and what its value in a line becomes."""

    type: TypeEngine[Any]
    value: Callable[[Any], Any] = lambda value: value


def _json(value: Any) -> Any:
    # The text `null` is a value, and no value is another thing: queries tell them apart.
    found = json.loads(value)
    return JSON.NULL if found is None else found


# In this order: some types are special cases of later ones.
KINDS: tuple[tuple[type[TypeEngine[Any]], _Kind], ...] = (
    (Boolean, _Kind(Boolean())),
    (DateTime, _Kind(UTCDateTime(), datetime.fromisoformat)),
    (Date, _Kind(Date(), date.fromisoformat)),
    (LargeBinary, _Kind(LargeBinary(), lambda value: base64.b64decode(value, validate=True))),
    (JSON, _Kind(JSON(none_as_null=True), _json)),
    (Integer, _Kind(BigInteger())),
    (Numeric, _Kind(Float())),
)
PLAIN = _Kind(Text())


@dataclass(frozen=True)
class Shape:
    """A table as a database has it: `table` with columns of our own types, `kinds` by column."""

    table: Table
    kinds: tuple[_Kind, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(column.name for column in self.table.columns)


def shapes(connection: Connection) -> list[Shape]:
    """Return every table of ours in a database, in an order in which they can be filled."""
    found = MetaData()
    found.reflect(connection)
    return [_shape(one) for one in found.sorted_tables if one.name != VERSIONS]


def _shape(one: Table) -> Shape:
    kinds = tuple(_kind(column.type) for column in one.columns)
    columns = [Column(column.name, kind.type) for column, kind in zip(one.columns, kinds, strict=True)]
    return Shape(Table(one.name, MetaData(), *columns), kinds)


def _kind(type_: TypeEngine[Any]) -> _Kind:
    return next((kind for wide, kind in KINDS if isinstance(type_, wide)), PLAIN)


def note_of(connection: Connection, shape: Shape) -> TableNote:
    """Return what the manifest says of a table."""
    count = connection.execute(select(func.count()).select_from(shape.table)).scalar_one()
    return TableNote(shape.table.name, shape.columns, count)


def parts(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """Give the rows of a table as lines, some megabytes at a time."""
    shown = [
        cast(column, Text) if isinstance(column.type, JSON) else column for column in shape.table.columns
    ]  # fmt: skip
    # Lines are put together at once: thousands of small results of orjson, kept, cost forty times their size.
    lines = bytearray()
    for row in connection.execute(select(*shown).execution_options(yield_per=FETCH)):
        lines += orjson.dumps(tuple(row), default=_bytes, option=orjson.OPT_APPEND_NEWLINE)
        if len(lines) > PART:
            yield bytes(lines)
            lines.clear()
    if lines:
        yield bytes(lines)


def _bytes(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


def fill(connection: Connection, shape: Shape, columns: Sequence[str], lines: bytes) -> int:
    """Put lines of rows into a table; return how many.

    Args:
        columns: the order of the values in a line.

    Raises:
        BadBackup: a line is none of this table.
    """
    by_name = dict(zip(shape.columns, shape.kinds, strict=True))
    if not set(columns) <= set(by_name):
        raise BadBackup(t("The backup does not fit its own schema: table {name}.", name=shape.table.name))
    order = [(name, by_name[name].value) for name in columns]
    done = 0
    for batch in _batches(lines.splitlines()):
        try:
            rows = [_row(order, orjson.loads(line)) for line in batch]
        except (ValueError, TypeError, AttributeError) as error:
            raise BadBackup(t("A row of the backup cannot be read: table {name}.", name=shape.table.name)) from error
        connection.execute(insert(shape.table), rows)
        done += len(rows)
    return done


def _row(order: Sequence[tuple[str, Callable[[Any], Any]]], values: Any) -> dict[str, Any]:
    return {
        name: None if value is None else read(value) for (name, read), value in zip(order, values, strict=True)
    }  # fmt: skip


def _batches(lines: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    return (lines[start : start + FETCH] for start in range(0, len(lines), FETCH))


def go_on_numbering(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows of a filled table after those that are there. SQLite does so by itself."""
    if connection.dialect.name != "postgresql" or "id" not in table.columns:
        return
    find = text("SELECT pg_get_serial_sequence(:name, 'id')")
    sequence = connection.execute(find, {"name": f'"{table.name}"'}).scalar()
    highest = connection.execute(select(func.max(table.c.id))).scalar()
    if sequence is not None and highest is not None:
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})
