"""Whereabouts: who of a million is in one country, streamed, against the bare query of the same rows."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine

from cli.benches.measure import Measure
from core.database import reading, writing
from core.settings import load
from notify.office import open_office
from registry.actors import SYSTEM
from registry.scope.bulk import bare, fill
from registry.scope.present import Asked, whereabouts

COUNTRY = "TJ"
ROUNDS = 5


def run(people: int, hits: int) -> list[Measure]:
    """Make that many people, `hits` of them in one country, and stream these; people per second, the median of five rounds."""
    with tempfile.TemporaryDirectory() as home:
        office = open_office(load(home=Path(home)))
        now = office.clock.now()
        with writing(office.engine) as connection:
            fill(connection, people, hits, COUNTRY, now)
        asked = Asked((COUNTRY,), now.date())
        rounds = [
            (
                _speed(office.engine, lambda connection: bare(connection, COUNTRY, now.date()), hits),
                _speed(office.engine, lambda connection: whereabouts(connection, SYSTEM, asked), hits),
            )
            for _ in range(ROUNDS)
        ]
        office.engine.dispose()
    limit, value = (statistics.median(column) for column in zip(*rounds, strict=True))
    note = f"{hits} of {people} people, SQLite; limit: the driver alone, by the same index, without ranks and one row per person"
    return [Measure("whereabouts", value, "people/s", limit, value / limit, note)]


def _speed(engine: Engine, give: Callable[[Connection], Iterable[object]], expected: int) -> float:
    begun = time.perf_counter()
    with reading(engine) as connection:
        found = sum(1 for _ in give(connection))
    assert found == expected, (found, expected)
    return found / (time.perf_counter() - begun)
