"""Fan-out: an alert to 250,000 of a million people, until every notice is planned, against bare inserts of the same rows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    and_,
    func,
    insert,
    literal,
    select,
)

from cli.benches.measure import Measure
from core.database import writing
from core.settings import load
from core.tables import table
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import Office, open_office
from notify.tables import Delivery, Recipient, RecipientDelivery
from registry.actors import SYSTEM
from registry.scope.bulk import bare_numbers, bare_people, fill, fill_numbers

COUNTRY = "TJ"
MADE = (Recipient, Delivery, RecipientDelivery)


def run(people: int, hits: int, database: str) -> list[Measure]:
    """Measure on SQLite, and on the PostgreSQL at `database` too, if one is given (an empty one: it is filled)."""
    found = _measure("", people, hits)
    return [*found, *_measure(database, people, hits)] if database else found


def _measure(database: str, people: int, hits: int) -> list[Measure]:
    with tempfile.TemporaryDirectory() as home, _office(Path(home), database) as office:
        with writing(office.engine) as connection:
            fill(connection, people, hits, COUNTRY, office.clock.now())
            fill_numbers(connection, office.clock.now())
        version_id = _draft(office)
        begun = time.perf_counter()
        with writing(office.engine) as connection:
            planned = alerts.release_by_rule(connection, version_id, office.acting(SYSTEM))
        value = planned / (time.perf_counter() - begun)
        limit, copying = planned / _bare(office), planned / _copied(office)
        name = office.engine.dialect.name
    whom = f"{planned} notices of {people} people, {name}"
    return [
        Measure(
            f"fanout-{name}", value, "notices/s", limit, value / limit,
            f"{whom}; limit: the same rows and indexes out of the register, inserted bare",
        ),
        Measure(
            f"fanout-{name}-copied", value, "notices/s", copying, value / copying,
            f"{whom}; limit: the rows that were planned, copied from table to table",
        ),
    ]  # fmt: skip


@contextmanager
def _office(home: Path, database: str) -> Iterator[Office]:
    office = open_office(load(home=home, database_url=database, channels=("sms",)))
    try:
        yield office
    finally:
        office.engine.dispose()


def _draft(office: Office) -> int:
    manual = ManualAlert(countries=[COUNTRY], level=4, title_zh="示例：测速用的提醒，请勿理会", channels=["sms"])
    with writing(office.engine) as connection:
        version_id = alerts.open_alert(
            connection, draft_manual(manual, office.name, office.clock.now()), office.acting(SYSTEM)
        )
    assert version_id is not None
    return version_id


def _bare(office: Office) -> float:
    """Return the seconds of three bare `INSERT … SELECT` of the same rows in one durable transaction: from the register into
    tables with the same columns and indexes, by the two joins that nobody can do without. No dates, ranks, keys, grounds,
    languages or shared numbers are looked at.
    """
    scratch = MetaData()
    people, notices, links = (_twin(table(model), scratch, "bare") for model in MADE)
    with writing(office.engine) as connection:
        scratch.create_all(connection)
    who, at = bare_people(COUNTRY).subquery().c, bare_numbers("sms").subquery().c
    mine = at.registrant_id == people.c.registrant_id
    begun = time.perf_counter()
    with writing(office.engine) as connection:
        made = [
            _fill(connection, people, {c.name: c for c in who}),
            _fill(connection, notices, {"address_id": at.address_id, "address_index": at.value_index}, mine),
            _fill(
                connection, links, {"recipient_id": people.c.id, "delivery_id": notices.c.id},
                and_(mine, notices.c.address_index == at.value_index),
            ),
        ]  # fmt: skip
    took = time.perf_counter() - begun
    assert min(made) == max(made) > 0, made
    return took


def _copied(office: Office) -> float:
    """Return the seconds it takes to copy what was planned into tables with the same indexes, in one durable transaction."""
    scratch = MetaData()
    pairs = [(table(model), _twin(table(model), scratch, "copy")) for model in MADE]
    with writing(office.engine) as connection:
        scratch.create_all(connection)
    begun = time.perf_counter()
    with writing(office.engine) as connection:
        for source, target in pairs:
            connection.execute(insert(target).from_select([c.name for c in source.c], select(source)))
    return time.perf_counter() - begun


def _twin(source: Table, scratch: MetaData, name: str) -> Table:
    """Return a table with the same columns, keys and indexes under another name, which refers to nothing."""
    columns = [Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in source.c]
    unique = [
        UniqueConstraint(*(c.name for c in one.columns))
        for one in source.constraints
        if isinstance(one, UniqueConstraint)
    ]
    twin = Table(f"{name}_{source.name}", scratch, *columns, *unique)
    for one in source.indexes:
        where = {f"{kind}_where": one.dialect_options[kind]["where"] for kind in ("sqlite", "postgresql")}
        Index(f"{name}_{one.name}", *(twin.c[c.name] for c in one.columns), **where)
    return twin


def _fill(
    connection: Connection,
    target: Table,
    found: dict[str, ColumnElement[Any]],
    where: ColumnElement[bool] | None = None,
) -> int:
    """Fill the found columns, and the others as they are in the first row that was planned. Returns how many rows there are."""
    planned = Table(target.name.removeprefix("bare_"), MetaData(), *(Column(c.name, c.type) for c in target.c))
    first = connection.execute(select(planned).limit(1)).mappings().one()
    others = [c for c in target.c if c.name not in found and c.name != "id"]
    rows = select(*found.values(), *(literal(first[c.name], c.type) for c in others))
    names = [*found, *(c.name for c in others)]
    connection.execute(insert(target).from_select(names, rows if where is None else rows.where(where)))
    return int(connection.execute(select(func.count()).select_from(target)).scalar_one())
