"""prefect.yaml against the flows it names, without a server."""

from __future__ import annotations

import importlib
import inspect
import tomllib
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ParameterTypeError
from prefect.utilities.callables import parameter_schema

from flows.zombies import ENDS, HEARTBEAT, SILENCE, SLOWEST_START, automations
from tests.flows.running import ROOT

FILE: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
ALL: dict[str, dict[str, Any]] = {one["name"]: one for one in FILE["deployments"]}
SCHEDULED = [name for name, one in ALL.items() if one["schedules"]]


def flow_of(deployment: dict[str, Any]) -> Flow[..., Any]:
    """Return the flow a deployment names."""
    file, _, name = deployment["entrypoint"].partition(":")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    found: Flow[..., Any] = getattr(module, name)
    return found


def minutes(name: str) -> set[tuple[int, int]]:
    """Return the hours and minutes of a day at which a deployment begins; ours name only those, and every day."""
    (schedule,) = ALL[name]["schedules"]
    minute, hour, *days = schedule["cron"].split()
    assert days == ["*", "*", "*"]
    return {(h, m) for h in _named(hour, 24) for m in _named(minute, 60)}


def _named(field: str, end: int) -> set[int]:
    return set(range(end)) if field == "*" else {int(one) for one in field.split(",")}


def test_what_one_office_needs() -> None:
    """The deployments are those that make an office work, and only the form has no schedule."""
    assert list(ALL) == [
        "night", "home-sources", "sweep", "reconcile", "receipts", "brief", "digest", "bulletin", "canary", "watchdog", "retention",
        "freshness", "backup", "manual-alert",
    ]  # fmt: skip
    assert [name for name in ALL if name not in SCHEDULED] == ["manual-alert"]


@pytest.mark.parametrize("name", ALL)
def test_parameters_fit_the_flow(name: str) -> None:
    """The entrypoint imports, and the flow takes the parameters of the file and of every schedule."""
    deployment = ALL[name]
    flow = flow_of(deployment)
    assert isinstance(flow, Flow)
    for given in [deployment["parameters"], *(one.get("parameters", {}) for one in deployment["schedules"])]:
        signature = inspect.signature(flow.fn)
        assert set(given) <= set(signature.parameters)
        if deployment["schedules"]:
            flow.validate_parameters(signature.bind(**given).arguments)


@pytest.mark.parametrize("name", ALL)
def test_one_run_at_a_time_with_a_heartbeat(name: str) -> None:
    """Every deployment has a limit of one, checks its parameters, tells of its life, and says what it is in two languages."""
    one = ALL[name]
    assert one["concurrency_limit"]["limit"] == 1
    # An officer's form must wait its turn: cancelled, it would be lost.
    assert one["concurrency_limit"]["collision_strategy"] == ("ENQUEUE" if name == "manual-alert" else "CANCEL_NEW")
    assert one["enforce_parameter_schema"] is True
    assert one["work_pool"]["job_variables"]["env"] == {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    assert one["tags"][0] == "lingbao"
    assert any("一" <= char <= "鿿" for char in one["description"])
    assert any(char.isascii() and char.isalpha() for char in one["description"])


@pytest.mark.parametrize("name", SCHEDULED)
def test_crons_are_read_in_beijing(name: str) -> None:
    """Every cron is one that can be read, in the time of Beijing."""
    (schedule,) = ALL[name]["schedules"]
    assert CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"]).timezone == "Asia/Shanghai"
    assert schedule["active"] is True


def test_hours_of_the_office() -> None:
    """The night is at 02:30, the canary before the brief at 07:30, the sweep every minute, the home sources twice an hour."""
    assert minutes("night") == {(2, 30)}
    assert minutes("brief") == {(7, 30)}
    assert minutes("canary") == {(7, 5)}, "in time for the brief"
    assert len(minutes("sweep")) == 24 * 60
    assert len(minutes("home-sources")) == 48


def test_companies_are_asked_on_mondays() -> None:
    """The register is looked after on Monday at nine, when somebody is there to read who is silent."""
    (schedule,) = ALL["freshness"]["schedules"]
    assert schedule["cron"] == "0 9 * * 1"


def test_the_same_flow_never_begins_twice_in_a_minute() -> None:
    """The home sources are not begun in the minute of the night: both would read the same pages."""
    assert not minutes("night") & minutes("home-sources")


def test_no_pool_and_no_path_in_the_file() -> None:
    """The pool comes from Prefect's own setting, which has a default beside the file; no path of a machine is written."""
    assert all("name" not in one["work_pool"] for one in ALL.values())
    found = tomllib.loads((ROOT / "prefect.toml").read_text(encoding="utf-8"))
    assert found["deployments"]["default_work_pool_name"] == "lingbao"
    assert "pull" not in FILE


@pytest.mark.parametrize("name", ALL)
def test_every_form_is_titled_in_chinese(name: str) -> None:
    """Whatever a deployment asks for is titled and described in Chinese and English, each at a place of its own."""
    fields = parameter_schema(flow_of(ALL[name]).fn).properties
    for one in fields.values():
        for words in one["title"], one["description"]:
            assert any("一" <= char <= "鿿" for char in words)
            assert any(char.isascii() and char.isalpha() for char in words)
    assert [one["position"] for one in fields.values()] == list(range(len(fields)))


def test_a_form_keeps_its_limits() -> None:
    """A title does not take away what a field allows: a form with a week that is none, or with too long a sweep, is refused."""
    sweep, bulletin = flow_of(ALL["sweep"]), flow_of(ALL["bulletin"])
    with pytest.raises(ParameterTypeError):
        sweep.validate_parameters({"within_seconds": 601})
    with pytest.raises(ParameterTypeError):
        bulletin.validate_parameters({"week": "next"})
    assert bulletin.validate_parameters({"week": ""}) == {"week": ""}


def test_a_killed_run_is_found_by_its_silence() -> None:
    """A run is marked as crashed after three missed heartbeats, or if it has not begun in ten minutes; never once it has ended."""
    killed, unbegun = (one.trigger.model_dump() for one in automations())
    heartbeat = int(ALL["night"]["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"])
    assert SILENCE.total_seconds() == 3 * heartbeat
    ends = {f"prefect.flow-run.{end}" for end in ENDS}
    assert (killed["expect"], killed["within"]) == ({HEARTBEAT, *ends}, SILENCE)
    assert killed["after"] == {HEARTBEAT, "prefect.flow-run.Running"}
    assert (unbegun["after"], unbegun["within"]) == ({"prefect.flow-run.Pending"}, SLOWEST_START)
    assert unbegun["expect"] == {"prefect.flow-run.Running", "prefect.flow-run.Scheduled", *ends}
    assert [one.actions[0].model_dump()["state"] for one in automations()] == ["CRASHED", "CRASHED"]
