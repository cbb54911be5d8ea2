"""A larger office for tests: a Prefect server, the office on PostgreSQL, a process pool with two workers."""

from __future__ import annotations

import contextlib
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.settings import PREFECT_API_URL, PREFECT_DEFAULT_WORK_POOL_NAME, temporary_settings
from sqlalchemy import select
from sqlalchemy.engine import URL

from core.database import open_engine, reading
from core.tables import table
from flows.server import ensure_all
from tests.databases import tell
from tests.flows.conftest import SECOND
from tests.flows.running import PREFECT, Server, environment, lingbao, process, run, wait_for

POOL = "province"
NIGHT, FORM, SWEEP = "night/night", "manual-alert/manual-alert", "sweep/sweep"
CRONS = (NIGHT, "night/home-sources", SWEEP, "brief/brief")
ALERT = {
    "countries": ["肯尼亚"], "level": 3, "title_zh": "内罗毕有示威活动", "body_zh": "请避开集会地点。",
    "channels": ["sms"], "valid_hours": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Province:
    """An office on PostgreSQL whose flows two workers run.

    Attributes:
        workers: the processes, by their names.
        scheduled: how many runs each deployment with a cron had, before its schedule was stopped.
    """

    server: Server
    database: str
    workers: Mapping[str, subprocess.Popen[bytes]]
    scheduled: Mapping[str, int]

    def start(self, name: str, parameters: Mapping[str, Any]) -> str:
        """Ask for a run as a form does; return its id."""
        answer = self.server.start(self.server.deployment(name)["id"], parameters)
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["id"]
        return number

    def rows(self, model: type) -> list[Any]:
        """Return the rows of a table of the office, oldest first."""
        engine = open_engine(self.database)
        with reading(engine) as connection:
            found = connection.execute(select(table(model)).order_by(table(model).c.id)).all()
        engine.dispose()
        return list(found)

    def who_ran(self, number: str) -> str:
        """Return the name of the worker that worked a run; it tells the server when the run has ended."""
        wanted = {"event": {"name": ["prefect.worker.executed-flow-run"]},
                  "related": {"id": [f"prefect.flow-run.{number}"]}}  # fmt: skip

        def told() -> str:
            found = self.server.api.post("/events/filter", json={"filter": wanted}).json()["events"]
            return found[0]["resource"]["prefect.resource.name"] if found else ""

        return wait_for(told, 90, "no worker told of the run")


def how_many_scheduled(server: Server, deployment: str) -> int:
    """Return how many runs of a deployment wait for their time."""
    return len(server.runs(deployment, "SCHEDULED"))


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[SyncPrefectClient]:
    """Give a client of the server, for a machine whose pool is the province's."""
    url = server.variables["PREFECT_API_URL"]
    with (
        temporary_settings({PREFECT_API_URL: url, PREFECT_DEFAULT_WORK_POOL_NAME: POOL}),
        SyncPrefectClient(url) as one,
    ):
        yield one


@pytest.fixture(scope="module")
def database(postgres_server: URL) -> Iterator[str]:
    """Give the address of an empty database for the office."""
    name = f"province_{uuid.uuid4().hex}"
    tell(postgres_server, f"CREATE DATABASE {name}")
    yield postgres_server.set(database=name).render_as_string(hide_password=False)
    tell(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def province(
    server: Server, api: SyncPrefectClient, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Province]:
    """Make what the server needs, deploy everything, stop the schedules, and start two workers in two directories elsewhere."""
    home = tmp_path_factory.mktemp("province")
    more = {
        "LINGBAO_DATABASE_URL": database, "LINGBAO_LANG": "zh-CN", "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_DEFAULT_WORK_POOL_NAME": POOL
    }  # fmt: skip
    env = environment(home / "office", **{**server.variables, **more})
    done = lingbao(env, "db", "init")
    assert done.returncode == 0, done.stderr
    assert POOL in {one.name for one in ensure_all(api)}
    done = run([str(PREFECT), "--no-prompt", "deploy", "--all"], env)
    assert done.returncode == 0, done.stdout + done.stderr
    scheduled = {name: wait_for(partial(how_many_scheduled, server, server.deployment(name)["id"]), 60, f"{name} has no run")
                 for name in CRONS}  # fmt: skip
    for one in server.api.post("/deployments/filter", json={}).json():
        server.api.patch(f"/deployments/{one['id']}", json={"paused": True}).raise_for_status()
    with contextlib.ExitStack() as stack:
        workers = {}
        for name in "east", "west":
            (home / name).mkdir()
            command = [
                str(PREFECT),
                "worker",
                "start",
                "--pool",
                POOL,
                "--type",
                "process",
                "--name",
                name,
                "--limit",
                "1",
            ]
            workers[name] = stack.enter_context(process(command, env, home / f"{name}.log", cwd=home / name))
        yield Province(server, database, workers, scheduled)


@dataclass(frozen=True)
class Worked:
    """What came of a night and a form that were asked for at once: the runs, how they ended, and who took each."""

    night: str
    form: str
    ends: tuple[str, str]
    who: set[str]


@pytest.fixture(scope="module")
def worked(province: Province, feeds: Path) -> Worked:
    """Ask for a night and fill in a form at the same moment."""
    night = province.start(NIGHT, {"captures": str(feeds), "at": SECOND.isoformat()})
    form = province.start(FORM, {"alert": ALERT, "dry_run": False})
    ends = province.server.ended(night)["name"], province.server.ended(form)["name"]
    return Worked(night, form, ends, {province.who_ran(night), province.who_ran(form)})
