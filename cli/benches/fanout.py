"""Fan-out: an alert to 250,000 of a million people, until every notice is planned, against copying the same rows bare."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Connection, Index, MetaData, Table, UniqueConstraint, func, insert, select

from cli.benches.measure import Measure
from core.database import writing
from core.settings import load
from core.tables import table
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import Office, open_office
from notify.tables import Delivery, Recipient, RecipientDelivery
from registry.actors import SYSTEM
from registry.scope.bulk import fill, fill_numbers

COUNTRY = "TJ"
MADE = (Recipient, Delivery, RecipientDelivery)


def run(people: int, hits: int, database: str) -> list[Measure]:
    """Measure on SQLite, and on the PostgreSQL at `database` too, if one is given (an empty one: it is filled)."""
    found = [_measure("", people, hits)]
    if database:
        found.append(_measure(database, people, hits))
    return found


def _measure(database: str, people: int, hits: int) -> Measure:
    with tempfile.TemporaryDirectory() as home, _office(Path(home), database) as office:
        with writing(office.engine) as connection:
            fill(connection, people, hits, COUNTRY, office.clock.now())
            fill_numbers(connection, office.clock.now())
        version_id = _draft(office)
        begun = time.perf_counter()
        with writing(office.engine) as connection:
            planned = alerts.release_by_rule(connection, version_id, office.acting(SYSTEM))
        value = planned / (time.perf_counter() - begun)
        limit = planned / _copied(office)
        name = office.engine.dialect.name
    note = f"{planned} notices of {people} people, {name}; limit: the same rows and indexes by INSERT … SELECT from a table"
    return Measure(f"fanout-{name}", value, "notices/s", limit, value / limit, note)


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


def _copied(office: Office) -> float:
    """Return the seconds it takes to copy what was planned into tables with the same indexes, in one durable transaction."""
    scratch = MetaData()
    pairs = [(table(model), _twin(table(model), scratch)) for model in MADE]
    with writing(office.engine) as connection:
        scratch.create_all(connection)
    begun = time.perf_counter()
    with writing(office.engine) as connection:
        copied = [_copy(connection, source, target) for source, target in pairs]
    took = time.perf_counter() - begun
    assert min(copied) > 0
    return took


def _twin(source: Table, scratch: MetaData) -> Table:
    """Return a table with the same columns, keys and indexes under another name, which refers to nothing."""
    columns = [
        Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, autoincrement=False) for c in source.c
    ]
    unique = [
        UniqueConstraint(*(c.name for c in one.columns))
        for one in source.constraints
        if isinstance(one, UniqueConstraint)
    ]
    twin = Table(f"bare_{source.name}", scratch, *columns, *unique)
    for one in source.indexes:
        where = {f"{name}_where": one.dialect_options[name]["where"] for name in ("sqlite", "postgresql")}
        Index(f"bare_{one.name}", *(twin.c[c.name] for c in one.columns), **where)
    return twin


def _copy(connection: Connection, source: Table, target: Table) -> int:
    connection.execute(insert(target).from_select([c.name for c in source.c], select(source)))
    return int(connection.execute(select(func.count()).select_from(target)).scalar_one())
