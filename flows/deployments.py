"""prefect.yaml read as what it is: the deployments of one office, to be served, and to be held against what a server has."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.types.entrypoint import EntrypointType

from core.i18n import Message, t

NAME = "prefect.yaml"
HERE = Path(__file__).resolve().parent
FILE = HERE.parent / NAME if (HERE.parent / NAME).is_file() else HERE / NAME
"""At the top of the program's directory, where `prefect deploy` looks for it; installed from a wheel, beside this file."""


def read_deployments(file: Path = FILE) -> list[RunnerDeployment]:
    """Return every deployment of the file, ready to be served.

    Raises:
        OSError: the file cannot be read.
    """
    found = yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
    return [_deployment(one) for one in found]


def _deployment(one: Mapping[str, Any]) -> RunnerDeployment:
    path, name = one["entrypoint"].split(":")
    flow: Flow[..., Any] = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    limit = one["concurrency_limit"]
    return RunnerDeployment.from_flow(
        flow,
        name=one["name"],
        description=one["description"],
        tags=one["tags"],
        parameters=one["parameters"],
        enforce_parameter_schema=one["enforce_parameter_schema"],
        schedules=[_schedule(each) for each in one["schedules"]],
        concurrency_limit=ConcurrencyLimitConfig(
            limit=limit["limit"], collision_strategy=ConcurrencyLimitStrategy(limit["collision_strategy"])
        ),
        # A path would be read from wherever the process was started.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _schedule(one: Mapping[str, Any]) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=one["cron"], timezone=one["timezone"]), active=one["active"], slug=one["slug"]
    )


def full_name(one: RunnerDeployment) -> str:
    """Return the name of a deployment on a server: of its flow, and its own."""
    return f"{one.flow_name}/{one.name}"


def on_server(api: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """Return those of our deployments that a server has, by their full names.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    found = {}
    for one in read_deployments():
        try:
            found[full_name(one)] = api.read_deployment_by_name(full_name(one))
        except ObjectNotFound:
            continue
    return found


def deployments_missing(api: SyncPrefectClient) -> list[Message]:
    """Name what a server lacks of prefect.yaml: a deployment that is not there, is paused, or begins at other times.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    there = on_server(api)
    found: list[Message] = []
    for wanted in read_deployments():
        name = full_name(wanted)
        if name in there:
            found += _differences(name, wanted, there[name])
        else:
            found.append(t("Deployment {name} is not on the server.", name=name))
    return found


def _differences(name: str, wanted: RunnerDeployment, have: DeploymentResponse) -> Iterator[Message]:
    if have.paused:
        yield t("Deployment {name} is paused: nothing of it begins by itself.", name=name)
    limit = have.global_concurrency_limit
    if limit is None or limit.limit != wanted.concurrency_limit:
        yield t("Deployment {name} has not the limit of {limit}.", name=name, limit=wanted.concurrency_limit)
    asked, given = _crons(wanted.schedules or ()), _crons(have.schedules)
    if asked != given:
        yield t("Deployment {name} begins at “{given}” instead of “{asked}”.", name=name, given=_words(given),
                asked=_words(asked))  # fmt: skip


def _crons(schedules: Any) -> list[str]:
    """Return the crons that are switched on. A schedule of another kind stands as what it is."""
    on = [one for one in schedules if one.active]
    return sorted(
        f"{one.schedule.cron} {one.schedule.timezone}" if isinstance(one.schedule, CronSchedule) else str(one.schedule)
        for one in on
    )


def _words(crons: list[str]) -> str:
    return "; ".join(crons) or "—"
