"""The deployments on a real Prefect server: what is deployed, what a server needs, two workers, and one of them killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.schemas.automations import EventTrigger
from prefect.events.schemas.events import ResourceSpecification
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import pace
from flows.deployments import deployments_missing, read_deployments
from flows.server import Outcome, ensure_all, missing, probe_scheduler, server_amiss
from flows.zombies import NAME as ZOMBIES
from flows.zombies import UNBEGUN, automations, ensure
from notify.tables import AlertVersion, Run
from tests.flows.conftest import SECOND
from tests.flows.province import ALERT, FORM, NIGHT, POOL, SWEEP, Province, Worked, how_many_scheduled
from tests.flows.province import api as api
from tests.flows.province import database as database
from tests.flows.province import province as province
from tests.flows.province import worked as worked
from tests.flows.running import Server, wait_for

pytestmark = pytest.mark.timeout(600)
"""Of which an idle machine needs a tenth."""


def test_every_cron_is_scheduled(province: Province) -> None:
    """The scheduler makes runs of every deployment that has a cron: with some versions of its libraries it makes none."""
    assert all(count > 0 for count in province.scheduled.values())


def test_what_is_served_is_scheduled_too(server: Server) -> None:
    """A deployment as `lingbao up` serves it, without a pool, stands on the server with its limit, and gets runs."""
    (sweep,) = [one for one in read_deployments() if one.name == "sweep"]
    served = sweep.model_copy(update={"name": "served"})
    with temporary_settings({PREFECT_API_URL: server.variables["PREFECT_API_URL"]}):
        number = str(served.apply())
    wait_for(partial(how_many_scheduled, server, number), 60, "the served deployment has no scheduled run")
    found = server.deployment("sweep/served")
    assert (found["work_pool_name"], found["entrypoint"]) == (None, "flows.sweep.sweep")
    assert found["global_concurrency_limit"]["limit"] == 1
    assert found["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    server.api.delete(f"/deployments/{number}").raise_for_status()


def test_nothing_is_lost_on_the_way_to_the_server(province: Province) -> None:
    """Limit, collision, heartbeat and zone stand on the server as in the file, and the working directory is this one."""
    night = province.server.deployment("night/night")
    assert night["global_concurrency_limit"]["limit"] == 1
    assert night["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert night["job_variables"] == {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}}
    assert night["schedules"][0]["schedule"] == {"cron": "30 2 * * *", "timezone": "Asia/Shanghai", "day_or": True}
    assert night["enforce_parameter_schema"] is True
    assert night["work_pool_name"] == POOL


def test_the_form_reaches_the_server(province: Province) -> None:
    """The form of a manual alert has Chinese titles, its limits, and a place for each field at every level."""
    schema = province.server.deployment(FORM)["parameter_openapi_schema"]
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
def test_a_bad_form_is_refused(province: Province, wrong: dict[str, Any]) -> None:
    """The server itself refuses a form that is filled in wrongly: no run begins."""
    number = province.server.deployment(FORM)["id"]
    answer = province.server.start(number, {"alert": ALERT | wrong, "dry_run": False})
    assert answer.status_code == 409
    assert province.server.runs(number, "SCHEDULED", "PENDING", "RUNNING") == []


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


def test_a_living_scheduler_is_seen(server: Server, api: SyncPrefectClient) -> None:
    """A probe gets a run, and leaves neither a deployment nor a run behind."""
    assert probe_scheduler(api)
    left = server.api.post("/deployments/filter", json={"deployments": {"tags": {"all_": ["lingbao-probe"]}}}).json()
    assert left == []


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


def test_every_form_is_held_against_its_flow(province: Province) -> None:
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

    wait_for(at_work, 120, "the run did not begin")
    [name] = [name for name, worker in province.workers.items() if _children(worker.pid)]
    _kill(province.workers[name].pid)
    assert province.server.ended(killed)["type"] == "CRASHED"
    after = province.start(NIGHT, parameters)
    assert province.server.ended(after)["name"] in {"Completed", "Partial"}
    assert province.who_ran(after) == ({"east", "west"} - {name}).pop()
    last = [one for one in province.rows(Run) if one.as_of == SECOND + timedelta(days=1)][-1]
    assert last.status in {"Completed", "Partial"}


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
