"""A larger office: Prefect's server, the office on PostgreSQL, a process pool with two workers, and one of them killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.schemas.automations import EventTrigger
from prefect.events.schemas.events import ResourceSpecification
from prefect.settings import PREFECT_API_URL, PREFECT_DEFAULT_WORK_POOL_NAME, temporary_settings
from sqlalchemy import select
from sqlalchemy.engine import URL

from core.database import open_engine, reading
from core.tables import table
from flows import pace
from flows.deployments import deployments_missing
from flows.server import Outcome, ensure_all, missing, server_amiss
from flows.zombies import NAME as ZOMBIES
from flows.zombies import UNBEGUN, automations, ensure
from notify.tables import AlertVersion, Run
from tests.databases import tell
from tests.flows.conftest import SECOND
from tests.flows.running import PREFECT, Server, environment, lingbao, process, run, wait_for

POOL = "province"
NIGHT, FORM, SWEEP = "night/night", "manual-alert/manual-alert", "sweep/sweep"
ALERT = {
    "countries": ["肯尼亚"], "level": 3, "title_zh": "内罗毕有示威活动", "body_zh": "请避开集会地点。",
    "channels": ["sms"], "valid_hours": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Province:
    """An office on PostgreSQL whose flows two workers run.

    Attributes:
        workers: the processes, by their names.
    """

    server: Server
    database: str
    workers: Mapping[str, subprocess.Popen[bytes]]

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

        return wait_for(told, 30, "no worker told of the run")


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
        yield Province(server, database, workers)


def test_all_a_server_needs_is_made_once(province: Province, api: SyncPrefectClient) -> None:
    """What was made is there and in order, made again nothing changes, and what somebody spoiled is named and mended."""
    assert [str(one) for one in missing(api)] == []
    pieces = {one.name: one.outcome for one in ensure_all(api)}
    assert set(pieces.values()) == {Outcome.UNCHANGED}
    assert set(pieces) == {ZOMBIES, UNBEGUN, pace.NAME, POOL}
    assert server_amiss(api) == []
    api.delete_global_concurrency_limit_by_name(pace.NAME)
    [automation] = api.read_automations_by_name(ZOMBIES)
    api.update_automation(automation.id, automations()[0].model_copy(update={"enabled": False}))
    assert len(missing(api)) == 2
    mended = {one.name for one in ensure_all(api) if one.outcome is not Outcome.UNCHANGED}
    assert mended == {ZOMBIES, pace.NAME}
    assert missing(api) == []


def test_a_slot_that_nobody_holds_is_given_back(province: Province, api: SyncPrefectClient) -> None:
    """A deployment whose one slot was lost would cancel every run for ever: that is named, and the slot is free again."""
    limit = province.server.deployment(SWEEP)["global_concurrency_limit"]["name"]
    province.server.api.patch(f"/v2/concurrency_limits/{limit}", json={"active_slots": 1}).raise_for_status()
    assert [str(one) for one in missing(api)] == [
        f"{SWEEP}: its one slot is taken, and no run is at work. Every run of it is cancelled."
    ]
    assert (SWEEP, Outcome.UPDATED) in {(one.name, one.outcome) for one in ensure_all(api)}
    assert missing(api) == []


def test_what_differs_from_the_file_is_named(province: Province, api: SyncPrefectClient) -> None:
    """Paused, switched off or deleted deployments are named, as they stand now."""
    here, night = province.server.api, province.server.deployment(NIGHT)
    said = {str(one) for one in deployments_missing(api)}
    assert f"Deployment {NIGHT} is paused: nothing of it begins by itself." in said
    [schedule] = night["schedules"]
    place = f"/deployments/{night['id']}/schedules/{schedule['id']}"
    here.patch(place, json={"active": False}).raise_for_status()
    said = {str(one) for one in deployments_missing(api)}
    here.patch(place, json={"active": True}).raise_for_status()
    assert f"Deployment {NIGHT} begins at “—” instead of “30 2 * * * Asia/Shanghai”." in said


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


def test_two_workers_take_a_night_and_a_form_at_once(province: Province, worked: Worked) -> None:
    """A night and an officer's form, asked for at the same moment, are worked by one worker each, into one register."""
    assert worked.ends == ("Partial", "Completed")
    assert worked.who == {"east", "west"}
    assert [(one.kind, one.status) for one in province.rows(Run) if one.as_of == SECOND] == [("night", "Partial")]
    drafts = [one for one in province.rows(AlertVersion) if one.rule == "officer"]
    assert [(one.title_zh, one.status, one.released_at) for one in drafts] == [(ALERT["title_zh"], "draft", None)]


def test_runs_show_what_they_did(province: Province, worked: Worked) -> None:
    """The pages show a full bar, the table of the sources in Chinese, the broken one first, and the ways to the console."""
    found = province.server.api.post("/artifacts/filter", json={}).json()
    shown = {(one["flow_run_id"], one["key"]): one["data"] for one in found}
    rows = json.loads(shown[worked.night, "night-sources"])
    assert (rows[0]["信息源"], rows[0]["读取结果"]) == ("de-aa", "故障")
    assert {one["读取结果"] for one in rows[1:]} == {"首次读取"}
    assert shown[worked.night, "night-progress"] == 100.0
    assert "/office/" in shown[worked.night, "night-console"]
    [draft] = [one for one in province.rows(AlertVersion) if one.rule == "officer"]
    assert f"/office/alerts/{draft.alert_id})" in shown[worked.form, "manual-alert-console"]
    assert "- 国家（地区）: ['KE']" in shown[worked.form, "manual-alert"]


def test_a_bad_form_is_refused(province: Province) -> None:
    """The server refuses a form of the night that names an authority there is none of, and one of an alert without a country."""
    for name, wrong in (NIGHT, {"authority": ["nobody"]}), (FORM, {"alert": ALERT | {"countries": []}}):
        answer = province.server.start(province.server.deployment(name)["id"], wrong)
        assert answer.status_code == 409, answer.text


def test_a_killed_worker_is_noticed_and_the_next_run_goes(
    province: Province, worked: Worked, feeds: Path, api: SyncPrefectClient
) -> None:
    """Run and worker killed in the middle: the automation marks the run, the slot is free, the other worker works the next one."""
    parameters = {"captures": str(feeds), "at": (SECOND + timedelta(days=1)).isoformat()}
    killed = province.start(NIGHT, parameters)
    ensure(api, _impatient(killed))  # as the real one, for this run alone, in 10 s instead of 90

    def at_work() -> bool:
        state: str = province.server.api.get(f"/flow_runs/{killed}").json()["state"]["type"]
        assert state in {"SCHEDULED", "PENDING", "RUNNING"}
        return state == "RUNNING"

    wait_for(at_work, 60, "the run did not begin")
    [name] = [name for name, worker in province.workers.items() if _children(worker.pid)]
    _kill(province.workers[name].pid)
    assert province.server.ended(killed)["type"] == "CRASHED"
    after = province.start(NIGHT, parameters)
    assert province.server.ended(after)["name"] in {"Completed", "Partial"}
    assert province.who_ran(after) == ({"east", "west"} - {name}).pop()
    lost, last = (one for one in province.rows(Run) if one.as_of == SECOND + timedelta(days=1))
    assert (lost.ended_at, last.status in {"Completed", "Partial"}) == (None, True)


def _impatient(number: str) -> Any:
    wanted = automations()[0]
    trigger = wanted.trigger
    assert isinstance(trigger, EventTrigger)
    only = ResourceSpecification({"prefect.resource.id": f"prefect.flow-run.{number}"})
    return wanted.model_copy(update={"name": "impatient", "trigger": trigger.model_copy(update={
        "match": only, "within": timedelta(seconds=10)})})  # fmt: skip


def _kill(pid: int) -> None:
    """Kill a process and all it started, the parents first, so that nobody can tell what became of the child."""
    children = _children(pid)
    os.kill(pid, signal.SIGKILL)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            _kill(child)


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in found.stdout.split()]
