"""The deployments as `lingbao up` serves them: read from prefect.yaml, and a night that was missed is made up for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]
from sqlalchemy import insert, update

from core.clock import FixedClock
from core.database import ensure_instance, writing
from core.keys import MasterKeys
from core.settings import load
from core.tables import Instance, table
from flows.deployments import FILE, read_deployments
from flows.served import NIGHT, NIGHT_BEGINS, await_server, catch_up_night
from notify.office import Office
from notify.tables import Run
from tests.databases import open_quickly

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""Midday in Beijing: the night of the day was at 18:30 UTC of the day before."""


@dataclass
class Api:
    """Stands in for a Prefect server: keeps what was started, and answers after some questions."""

    deaf: int = 0
    started: list[str] = field(default_factory=list)

    def api_healthcheck(self) -> Exception | None:
        """Answer, or not yet."""
        self.deaf -= 1
        return httpx.ConnectError("nobody there") if self.deaf >= 0 else None

    def read_deployment_by_name(self, name: str) -> Any:
        """Return something with an id."""
        return type("Deployment", (), {"id": name})

    def create_flow_run_from_deployment(self, number: str) -> None:
        """Keep what is started."""
        self.started.append(number)


def test_what_is_served_is_what_the_file_says() -> None:
    """Every deployment of prefect.yaml is served, with its schedules, parameters and limits; found by module, not by a path."""
    written = {one["name"]: one for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))["deployments"]}
    served = {one.name: one for one in read_deployments()}
    assert served.keys() == written.keys()
    for name, one in served.items():
        said = written[name]
        assert one.entrypoint == said["entrypoint"].replace(".py:", ".").replace("/", ".")
        assert one.parameters == said["parameters"]
        assert one.concurrency_limit == said["concurrency_limit"]["limit"]
        assert one.concurrency_options is not None
        assert one.concurrency_options.collision_strategy == said["concurrency_limit"]["collision_strategy"]
        crons = [(each.schedule.cron, each.schedule.timezone, each.slug, each.active) for each in one.schedules or []]
        assert crons == [(each["cron"], each["timezone"], each["slug"], each["active"]) for each in said["schedules"]]


def test_the_night_begins_when_its_schedule_says() -> None:
    """The hour by which a missed night is known is the hour of its schedule."""
    (night,) = [one for one in read_deployments() if one.name == "night"]
    assert night.schedules is not None
    assert night.schedules[0].schedule.cron == f"{NIGHT_BEGINS.minute} {NIGHT_BEGINS.hour} * * *"


@pytest.fixture
def office(tmp_path: Path, sqlite_tables: bytes, keys: MasterKeys) -> Iterator[Office]:
    """Give an office with an empty database."""
    path = tmp_path / "lingbao.db"
    path.write_bytes(sqlite_tables)
    engine = open_quickly(path)
    ensure_instance(engine, keys, NOON)
    yield Office(load(home=tmp_path), engine, FixedClock(NOON), keys)
    engine.dispose()


@pytest.mark.parametrize(
    ("founded", "last", "started"),
    [
        (timedelta(days=3), None, True),
        (timedelta(days=3), timedelta(days=1, hours=9), True),
        (timedelta(days=3), timedelta(hours=9), False),
        (timedelta(hours=2), None, False),
    ],
    ids=["never", "yesterday's", "worked", "new office"],
)
def test_a_missed_night_is_made_up_for(
    office: Office, founded: timedelta, last: timedelta | None, started: bool
) -> None:
    """A night that was due and not worked is started, once; one that was worked, or was before the office's time, is not."""
    api = Api()
    with writing(office.engine) as connection:
        connection.execute(update(table(Instance)).values(created_at=NOON - founded))
        if last is not None:
            values = {"kind": "night", "as_of": NOON - last, "status": "Partial", "started_at": NOON - last,
                      "ended_at": NOON - last, "actor": "system"}  # fmt: skip
            connection.execute(insert(table(Run)).values(values))
    assert catch_up_night(api, office, NOON) is started  # type: ignore[arg-type]
    assert api.started == ([NIGHT] if started else [])


def test_the_server_is_waited_for() -> None:
    """A server that answers after a while is waited for; one that never does is an error."""
    await_server(Api(deaf=2), patience=10)  # type: ignore[arg-type]
    with pytest.raises(httpx.ConnectError):
        await_server(Api(deaf=99), patience=0)  # type: ignore[arg-type]
