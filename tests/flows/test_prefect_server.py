"""The deployments on a real Prefect server, with a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import select

from core.database import open_engine, reading
from core.tables import table
from flows.deployments import read_deployments
from notify.tables import AlertVersion, Run
from tests.flows.conftest import SECOND
from tests.flows.running import PREFECT, Server, environment, lingbao, process, run, wait_for

CRONS = ("night/night", "night/home-sources", "sweep/sweep", "brief/brief")
FORM = "manual-alert/manual-alert"
ALERT = {
    "countries": ["肯尼亚"], "level": 3, "title_zh": "内罗毕有示威活动", "body_zh": "请避开集会地点。",
    "channels": ["sms"], "valid_hours": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An office whose flows are deployed: the server, the home directory, the environment, and what was scheduled."""

    server: Server
    home: Path
    env: dict[str, str]
    scheduled: dict[str, int]


@pytest.fixture(scope="module")
def deployed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Deploy everything, see the schedules at work, and stop them, so that no run of theirs asks a real publisher."""
    home = tmp_path_factory.mktemp("office")
    env = environment(home, **server.variables, PREFECT_WORKER_QUERY_SECONDS="1")
    assert lingbao(env, "db", "init").returncode == 0
    pool = run([str(PREFECT), "work-pool", "create", "lingbao", "--type", "process"], env)
    assert pool.returncode == 0, pool.stderr
    done = run([str(PREFECT), "--no-prompt", "deploy", "--all"], env)
    assert done.returncode == 0, done.stdout + done.stderr
    scheduled = {}
    for name in CRONS:
        number = server.deployment(name)["id"]
        scheduled[name] = wait_for(partial(_scheduled, server, number), 60, f"{name} has no scheduled run")
        server.api.patch(f"/deployments/{number}", json={"paused": True}).raise_for_status()
    return Place(server, home, env, scheduled)


def _scheduled(server: Server, deployment: str) -> int:
    return len(server.runs(deployment, "SCHEDULED"))


@pytest.fixture(scope="module")
def office(deployed: Place) -> Iterator[Place]:
    """Run a worker for the office, from a directory that has nothing to do with it."""
    command = [str(PREFECT), "worker", "start", "--pool", "lingbao", "--type", "process"]
    with process(command, deployed.env, deployed.home / "worker.log", cwd=deployed.home):
        yield deployed


def rows(home: Path, model: type) -> list[Any]:
    """Return the rows of a table of the office, oldest first."""
    engine = open_engine(f"sqlite:///{home / 'lingbao.db'}")
    with reading(engine) as connection:
        found = connection.execute(select(table(model)).order_by(table(model).c.id)).all()
    engine.dispose()
    return list(found)


def test_every_cron_is_scheduled(deployed: Place) -> None:
    """The scheduler makes runs of every deployment that has a cron: with some versions of its libraries it makes none."""
    assert all(count > 0 for count in deployed.scheduled.values())


def test_what_is_served_is_scheduled_too(server: Server) -> None:
    """A deployment as `lingbao up` serves it, without a pool, stands on the server with its limit, and gets runs."""
    (sweep,) = [one for one in read_deployments() if one.name == "sweep"]
    served = sweep.model_copy(update={"name": "served"})
    with temporary_settings({PREFECT_API_URL: server.variables["PREFECT_API_URL"]}):
        number = str(served.apply())
    wait_for(partial(_scheduled, server, number), 60, "the served deployment has no scheduled run")
    found = server.deployment("sweep/served")
    assert (found["work_pool_name"], found["entrypoint"]) == (None, "flows.sweep.sweep")
    assert found["global_concurrency_limit"]["limit"] == 1
    assert found["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    server.api.delete(f"/deployments/{number}").raise_for_status()


def test_nothing_is_lost_on_the_way_to_the_server(deployed: Place) -> None:
    """Limit, collision, heartbeat and zone stand on the server as in the file, and the working directory is this one."""
    night = deployed.server.deployment("night/night")
    assert night["global_concurrency_limit"]["limit"] == 1
    assert night["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert night["job_variables"] == {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}}
    assert night["schedules"][0]["schedule"] == {"cron": "30 2 * * *", "timezone": "Asia/Shanghai", "day_or": True}
    assert night["enforce_parameter_schema"] is True
    assert night["work_pool_name"] == "lingbao"


def test_the_form_reaches_the_server(deployed: Place) -> None:
    """The form of a manual alert has Chinese titles, its limits, and a place for each field at every level."""
    schema = deployed.server.deployment(FORM)["parameter_openapi_schema"]
    fields = schema["definitions"]["ManualAlert"]["properties"]
    assert sorted(field["position"] for field in fields.values()) == list(range(len(fields)))
    assert [schema["properties"][name]["position"] for name in ("alert", "dry_run")] == [0, 1]
    assert schema["properties"]["dry_run"]["default"] is True
    assert "预警" in schema["properties"]["alert"]["description"]
    assert fields["level"]["enum"] == [1, 2, 3, 4]
    assert fields["title_zh"]["title"].startswith("标题")
    assert (fields["title_zh"]["minLength"], fields["title_zh"]["maxLength"]) == (4, 120)


@pytest.mark.parametrize(
    "wrong",
    [{"title_zh": "短"}, {"level": 5}, {"channels": []}, {"valid_hours": 0}, {"countries": []}, {"colour": "red"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_bad_form_is_refused(deployed: Place, wrong: dict[str, Any]) -> None:
    """The server itself refuses a form that is filled in wrongly: no run begins."""
    number = deployed.server.deployment(FORM)["id"]
    answer = deployed.server.start(number, {"alert": ALERT | wrong, "dry_run": False})
    assert answer.status_code == 409
    assert deployed.server.runs(number, "SCHEDULED", "PENDING", "RUNNING") == []


def test_the_form_writes_a_draft(office: Place) -> None:
    """A form sent to the API ends as a draft in the office's own database; nothing is released."""
    started = office.server.start(office.server.deployment(FORM)["id"], {"alert": ALERT, "dry_run": False})
    assert started.status_code == 201, started.text
    assert office.server.ended(started.json()["id"])["name"] == "Completed"
    versions = [one for one in rows(office.home, AlertVersion) if one.rule == "officer"]
    assert [(one.title_zh, one.status, one.released_at) for one in versions] == [(ALERT["title_zh"], "draft", None)]


def test_a_night_by_the_worker(office: Place, feeds: Path) -> None:
    """A night with a broken source ends as Partial, in Prefect and in our own row."""
    parameters = {"captures": str(feeds), "at": SECOND.isoformat()}
    started = office.server.start(office.server.deployment("night/night")["id"], parameters)
    assert started.status_code == 201, started.text
    assert office.server.ended(started.json()["id"])["name"] == "Partial"
    assert [(one.kind, one.status) for one in rows(office.home, Run)] == [("night", "Partial")]
