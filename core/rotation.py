"""Rotation of the master key: every data key wrapped anew under a fresh one, while others read and write.

The order makes it safe to be killed anywhere: the new key is in the file before anything is wrapped by it, and the old one
leaves the file only when nothing is wrapped by it any more. A run that finds two keys in the file goes on where another
was killed. Only wrapped keys change; what is sealed under them stays as it is, and so does the proof chain.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, LargeBinary, bindparam, func, select, text, update
from sqlalchemy.sql.elements import ColumnElement

from core.database import reading, writing
from core.errors import StoreBusy, WrongUse
from core.i18n import t
from core.keys import KeyGone, MasterKeys, fresh_key, replace_key_file

BATCH = 500
"""Keys wrapped anew in one transaction: some 10 ms, so that others who write hardly wait."""

PATIENCE = 60.0
"""Seconds to wait for transactions that began before the new key was there."""

Wrapped = Column[Any]
"""A column that holds wrapped data keys, in a table with one whole number as its primary key."""


@dataclass(frozen=True)
class Rotation:
    """What a rotation did.

    Attributes:
        current: name of the master key that wraps every data key now.
        rewrapped: how many data keys were wrapped anew in this run.
        retired: names of the master keys that open nothing any more. A backup of the database from before needs them.
        damaged: wrapped keys that no master key opens, as table and number. While there are any, nothing is retired.
    """

    current: str
    rewrapped: int
    retired: tuple[str, ...]
    damaged: tuple[tuple[str, int], ...] = ()


@dataclass
class _Pass:
    """One way through every column."""

    rewrapped: int = 0
    damaged: list[tuple[str, int]] = field(default_factory=list)


def rotate_file(engine: Engine, path: Path, columns: Sequence[Wrapped], *, batch: int = BATCH) -> Rotation:
    """Make a new master key in the key file, wrap every data key by it, and take the old ones out of the file.

    Raises:
        StoreBusy: another rotation runs; or somebody holds a transaction open that began before the new key was there, or
            wrote a key under an old one meanwhile. Nothing is lost: the next run goes on.
        WrongSetting: what is in the key file is no key.
    """
    with _alone(path):
        lines = _lines(path)
        if len(MasterKeys.from_file(path).keys) == 1:
            lines = [fresh_key(next_name(MasterKeys.from_file(path).current)), *lines]
            replace_key_file(path, lines)
        keys = MasterKeys.from_file(path)
        done = rewrap(engine, keys, columns, batch=batch)
        await_older(engine)
        again = rewrap(engine, keys, columns, batch=batch)
        found = Rotation(keys.current, done.rewrapped + again.rewrapped, _old(keys), tuple(again.damaged))
        if found.damaged:
            return Rotation(found.current, found.rewrapped, (), found.damaged)
        with writing(engine) as connection:  # nobody else writes to SQLite meanwhile
            _refuse_left_over(connection, keys, columns)
            replace_key_file(path, [line for line in _lines(path) if line.startswith(f"{keys.current}:")])
        return found


def rotate_given(engine: Engine, keys: MasterKeys, columns: Sequence[Wrapped], *, batch: int = BATCH) -> Rotation:
    """Wrap every data key by the first of the keys given in the settings; the others can then be removed there.

    Raises:
        WrongUse: only one key is given: there is nothing to wrap by instead.
        StoreBusy: as `rotate_file`.
    """
    if len(keys.keys) == 1:
        raise WrongUse(
            t("Only one master key is given. Put a new one in front of it first, in every process that runs.")
        )
    done = rewrap(engine, keys, columns, batch=batch)
    await_older(engine)
    again = rewrap(engine, keys, columns, batch=batch)
    with reading(engine) as connection:
        if not again.damaged:
            _refuse_left_over(connection, keys, columns)
    retired = () if again.damaged else _old(keys)
    return Rotation(keys.current, done.rewrapped + again.rewrapped, retired, tuple(again.damaged))


def rewrap(engine: Engine, keys: MasterKeys, columns: Sequence[Wrapped], *, batch: int = BATCH) -> _Pass:
    """Wrap by the current key whatever is wrapped by another, in transactions of at most `batch` keys."""
    found = _Pass()
    for column in columns:
        after: int | None = -1
        while after is not None:
            with writing(engine) as connection:
                after = _batch(connection, keys, column, (after, batch), found)
    return found


def _batch(
    connection: Connection, keys: MasterKeys, column: Wrapped, part: tuple[int, int], found: _Pass
) -> int | None:
    """Wrap the next keys of one column anew; return the last number that was looked at, None if there were none."""
    (number,) = column.table.primary_key.columns
    after, limit = part
    query = select(number, column).where(number > after, _by_another(column, keys)).order_by(number).limit(limit)
    rows = connection.execute(query).all()
    changes = []
    for row in rows:
        try:
            new = keys.wrap(keys.unwrap(row[1]))
        except KeyGone:
            found.damaged.append((column.table.name, row[0]))
        else:
            changes.append({"b_number": row[0], "b_old": row[1], "b_new": new})
    if changes:
        # Under the old value only: a key that was destroyed since it was read must not come back.
        same = (number == bindparam("b_number")) & (column == bindparam("b_old", type_=LargeBinary))
        statement = update(column.table).where(same).values({column.name: bindparam("b_new", type_=LargeBinary)})
        found.rewrapped += connection.execute(statement, changes).rowcount
    return rows[-1][0] if rows else None


def _by_another(column: Wrapped, keys: MasterKeys) -> ColumnElement[bool]:
    label = keys.current.encode() + b":"
    return func.substr(column, 1, len(label), type_=LargeBinary()) != label


def _refuse_left_over(connection: Connection, keys: MasterKeys, columns: Sequence[Wrapped]) -> None:
    for column in columns:
        query = select(func.count()).select_from(column.table).where(_by_another(column, keys))
        left = connection.execute(query).scalar_one()
        if left:
            raise StoreBusy(
                t("{count} keys in {table} were written under an old master key meanwhile. Run this again.",
                  count=left, table=column.table.name)
            )  # fmt: skip


def await_older(
    engine: Engine, patience: float = PATIENCE, pause: Callable[[float], None] = time.sleep, step: float = 0.1
) -> None:
    """Wait until every transaction has ended that was open on PostgreSQL when this was called: it may hold an old key.

    SQLite has one writer at a time: the writers before us have ended when we write.

    Raises:
        StoreBusy: some are still open after `patience` seconds.
    """
    if engine.dialect.name != "postgresql":
        return
    open_ones = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND xact_start < :since"
    )
    with reading(engine) as connection:
        since = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    for _ in range(max(1, round(patience / step))):
        with reading(engine) as connection:
            if connection.execute(open_ones, {"since": since}).scalar_one() == 0:
                return
        pause(step)
    raise StoreBusy(t("A transaction that began before the new key is still open. Run this again when it has ended."))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one rotation run at a time. The system lets go of the lock if we are killed."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreBusy(t("Another rotation of the master key is running.")) from error
    finally:
        os.close(handle)


def _lines(path: Path) -> list[str]:
    return [part for part in re.split(r"[,\s]+", path.read_text()) if part]


def next_name(current: str) -> str:
    """Return the next name in turn, `k2` after `k1`: no name is used twice, because a wrapped key knows its master by name."""
    stem, number = re.fullmatch(r"(.*?)(\d*)", current).groups()  # type: ignore[union-attr]
    return f"{stem}{int(number or 1) + 1}"


def _old(keys: MasterKeys) -> tuple[str, ...]:
    return tuple(name for name in keys.keys if name != keys.current)
