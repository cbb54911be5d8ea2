"""A million made-up people in SQL, and the bare query of the same rows: what `lingbao bench` measures against.

It lies here and not with the benches because the bare query asks about people, and whatever does is behind this door.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy import String as Text

from registry.scope.door import ADDRESSES, KEYS, PEOPLE, POSTINGS
from registry.scope.present import BATCH
from registry.tables import PostingStatus

OTHERS = ("ZM", "AO", "KZ", "DE", "ID", "PE")
CITIES = 50


def fill(connection: Connection, people: int, hits: int, country: str, now: datetime) -> None:
    """Make people whose names open nowhere: a key and a stay each, the first `hits` of them in `country`, the others elsewhere.

    One in twenty is only planned, to leave within the week; one in ten has another stay, over, somewhere else.
    """
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < people))
    n = numbers.c.n
    made = {"created_at": now, "created_by": "bench", "updated_at": now, "updated_by": "bench"}
    kept = {"registrant_id": n, "wrapped": bytes(63), "created_at": now}
    _insert(connection, PEOPLE, {"id": n, "name_sealed": b"", "name_index": bytes(16), "language": "zh", **made})
    _insert(connection, KEYS, kept)
    elsewhere = case(dict(enumerate(OTHERS)), value=n % len(OTHERS))
    stay = {
        "registrant_id": n, "country": case((n <= hits, country), else_=elsewhere), "region": "",
        "city": literal("City ") + cast(n % CITIES, Text), "site": "", "project": "", "kind": "posted", "zone": "UTC",
        "confirmed_at": now, "status": PostingStatus.ABROAD, **made,
    }  # fmt: skip
    leaving = {"date_from": now.date() + timedelta(days=5), "status": PostingStatus.PLANNED}
    _insert(connection, POSTINGS, stay, n % 20 != 0)
    _insert(connection, POSTINGS, stay | leaving, n % 20 == 0)
    _insert(connection, POSTINGS, stay | {"country": OTHERS[0], "status": PostingStatus.RETURNED}, n % 10 == 0)
    connection.exec_driver_sql("ANALYZE")


def fill_numbers(connection: Connection, now: datetime) -> None:
    """Give everybody one number that opens nowhere: what the fan-out needs, which never looks into it."""
    person = PEOPLE.c.id
    sqlite = connection.dialect.name == "sqlite"
    digits = func.printf("%016d", person) if sqlite else func.lpad(cast(person, Text), 16, "0")
    # As long as a real index, different for everybody, and in no order.
    index = cast(func.substr(digits, 9) + digits, LargeBinary) if sqlite else func.decode(func.md5(digits), "hex")
    given = {
        "registrant_id": person, "channel": "sms", "value_sealed": b"", "value_index": index, "preference": 1, "prefix": "992",
        "stop_reason": "", "created_at": now, "created_by": "bench",
    }  # fmt: skip
    values = [
        value if isinstance(value, ColumnElement) else literal(value, ADDRESSES.c[name].type)
        for name, value in given.items()
    ]
    connection.execute(insert(ADDRESSES).from_select(list(given), select(*values)))
    connection.exec_driver_sql("ANALYZE")


def every_stay(connection: Connection) -> list[tuple[int, int, datetime]]:
    """Return the person, the number and the last confirmation of every stay."""
    row = POSTINGS.c
    return [(one[0], one[1], one[2]) for one in connection.execute(select(row.registrant_id, row.id, row.confirmed_at))]


def bare(connection: Connection, country: str, day: date) -> Iterator[Any]:
    """Give who is in a country by the driver alone: the same index, the erased left out; no ranks, nobody twice by luck."""
    row = POSTINGS.c
    kept = exists().where(KEYS.c.registrant_id == row.registrant_id, KEYS.c.wrapped.is_not(None))
    query: Select[Any] = (
        select(row.registrant_id, row.id, PEOPLE.c.employer_id, row.country, row.region, row.city, row.date_from)
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.country == country, row.status.in_([PostingStatus.ABROAD, PostingStatus.PLANNED]), kept)
        .where(or_(row.date_to.is_(None), row.date_to >= day))
        .where(or_(row.date_from.is_(None), row.date_from <= day + timedelta(days=14)))
    )
    text = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(str(text))
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def bare_people(country: str) -> Select[Any]:
    """Select who has a stay in a country: the plain join a fan-out cannot do without. No dates, no ranks, nobody left out."""
    row = POSTINGS.c
    return (
        select(
            row.registrant_id, row.id.label("posting_id"), PEOPLE.c.employer_id, row.country, PEOPLE.c.language, row.zone
        )
        .join_from(POSTINGS, PEOPLE, PEOPLE.c.id == row.registrant_id)
        .where(row.country == country, row.status.in_([PostingStatus.ABROAD, PostingStatus.PLANNED]))
    )  # fmt: skip


def bare_numbers(channel: str) -> Select[Any]:
    """Select every address of a channel, without a look at whether it may be used."""
    row = ADDRESSES.c
    return select(row.id.label("address_id"), row.registrant_id, row.value_index).where(row.channel == channel)


def _insert(
    connection: Connection, rows: Any, values: dict[str, Any], which: ColumnElement[bool] | None = None
) -> None:
    given = {
        name: value if isinstance(value, ColumnElement) else literal(value, rows.c[name].type)
        for name, value in values.items()
    }
    query = select(*(value.label(name) for name, value in given.items()))
    connection.execute(insert(rows).from_select(list(given), query if which is None else query.where(which)))
