"""SQL of the duty table. Names and numbers are sealed under a key of each shift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, insert, select, update

from core.keys import KeyGone, MasterKeys, blind_index, seal, unseal
from core.tables import table
from notify.duty.shifts import Shift
from notify.duty.tables import DutyShift
from registry.enrol import index_key

log = structlog.get_logger(__name__)
SHIFTS = table(DutyShift)
KIND = "duty.phone"
NAME, PHONE = "duty_shift.name/{id}", "duty_shift.phone/{id}"


def phone_index(connection: Connection, keys: MasterKeys, phone: str) -> bytes:
    """Return the blind index of an officer's number."""
    return blind_index(index_key(connection, keys), KIND, phone)


def add(connection: Connection, shift: Shift, keys: MasterKeys, *, by: str, now: datetime) -> int:
    """Write a shift; return its number. The same officer for the same time is written once."""
    index = phone_index(connection, keys, shift.phone)
    row = SHIFTS.c
    same = select(row.id).where(
        row.phone_index == index, row.begins_at == shift.begins, row.ends_at == shift.ends, row.wrapped.is_not(None)
    )
    if (there := connection.execute(same).scalar()) is not None:
        return int(there)
    key, wrapped = keys.new_key()
    values = {"wrapped": wrapped, "name_sealed": b"", "phone_sealed": b"", "phone_index": index, "begins_at": shift.begins,
              "ends_at": shift.ends, "created_at": now, "created_by": by}  # fmt: skip
    number = int(connection.execute(insert(SHIFTS).values(values).returning(row.id)).scalar_one())
    # The number of the row is part of what is sealed, so that no value can be moved to another row.
    sealed = {
        "name_sealed": seal(key, shift.name, NAME.format(id=number)),
        "phone_sealed": seal(key, shift.phone, PHONE.format(id=number)),
    }
    connection.execute(update(SHIFTS).where(row.id == number).values(sealed))
    return number


def remove(connection: Connection, number: int) -> bool:
    """Take a shift away and destroy its key; False if there is none."""
    query = update(SHIFTS).where(SHIFTS.c.id == number, SHIFTS.c.wrapped.is_not(None))
    return bool(connection.execute(query.values(wrapped=None, phone_index=b"")).rowcount)


def forget(connection: Connection, before: datetime) -> int:
    """Destroy the keys of shifts that ended before a moment; return how many."""
    query = update(SHIFTS).where(SHIFTS.c.ends_at < before, SHIFTS.c.wrapped.is_not(None))
    return connection.execute(query.values(wrapped=None, phone_index=b"")).rowcount


def between(connection: Connection, keys: MasterKeys, since: datetime, until: datetime) -> list[Shift]:
    """Return the shifts that touch a time, in order of their beginnings."""
    row = SHIFTS.c
    query = select(SHIFTS).where(row.ends_at > since, row.begins_at < until, row.wrapped.is_not(None))
    return list(_opened_of(connection.execute(query.order_by(row.begins_at, row.id)), keys))


def by_id(connection: Connection, keys: MasterKeys, number: int) -> list[Shift]:
    """Return a shift by its number; none if it was taken away."""
    query = select(SHIFTS).where(SHIFTS.c.id == number, SHIFTS.c.wrapped.is_not(None))
    return list(_opened_of(connection.execute(query), keys))


def times(connection: Connection, since: datetime, until: datetime) -> Sequence[Shift]:
    """Return the shifts that touch a time without names and numbers: nothing is opened."""
    row = SHIFTS.c
    query = select(row.id, row.begins_at, row.ends_at)
    query = query.where(row.ends_at > since, row.begins_at < until, row.wrapped.is_not(None))
    return [Shift(one.id, "", "", one.begins_at, one.ends_at) for one in connection.execute(query)]


def _opened_of(rows: Iterable[Row[Any]], keys: MasterKeys) -> Iterator[Shift]:
    """Open shifts; one that does not open is left out: the others must be called all the same."""
    for one in rows:
        try:
            yield _opened(one, keys)
        except KeyGone:
            log.exception("a shift does not open", shift=one.id)


def _opened(row: Row[Any], keys: MasterKeys) -> Shift:
    key = keys.unwrap(row.wrapped)
    name, phone = (
        unseal(key, row.name_sealed, NAME.format(id=row.id)),
        unseal(key, row.phone_sealed, PHONE.format(id=row.id)),
    )
    return Shift(row.id, name, phone, row.begins_at, row.ends_at)
