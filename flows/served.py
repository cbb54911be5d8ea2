"""Serve the deployments of prefect.yaml from this machine, without a work pool. `python -m flows.served`; `lingbao up` starts it.

What prefect.yaml says of names, schedules, parameters and limits holds here too: one file, two ways to run it. A restart puts the
deployments on the server anew, and with them goes a night that was due and not begun: whether one is missing is seen in our own
rows, and it is started at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import httpx
import structlog
import yaml  # type: ignore[import-untyped]
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType

from core.database import reading
from flows.office import open_here
from flows.zombies import ensure
from notify.duty import findings, watch_store
from notify.office import Office
from notify.store.alerts import instance

log = structlog.get_logger(__name__)
FILE = Path(__file__).resolve().parents[1] / "prefect.yaml"
NIGHT = "night/night"
NIGHT_BEGINS = clock_time(2, 30)
"""As its schedule says, in the zone of the office."""
PATIENCE = 180.0
"""Seconds that the server may take to start; after them this process ends and is started again."""
POLL = 5.0


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


def await_server(api: SyncPrefectClient, patience: float = PATIENCE) -> None:
    """Wait until the server answers.

    Raises:
        Exception: whatever the last look ended with, if it did not within `patience` seconds.
    """
    end = time.monotonic() + patience
    while (fault := api.api_healthcheck()) is not None:
        if time.monotonic() > end:
            raise fault
        time.sleep(0.5)


def catch_up_night(api: SyncPrefectClient, office: Office, now: datetime) -> bool:
    """Start the night now if the last one that was due has not come to a good end; tell whether it was started.

    If it is at work at this moment, the server refuses the second run, as it does any other.
    """
    with reading(office.engine) as connection:
        last, founded = watch_store.last_night(connection, "night"), instance(connection).created_at
    if not findings.night(last, now, office.settings.zone, NIGHT_BEGINS, founded):
        return False
    deployment = api.read_deployment_by_name(NIGHT)
    api.create_flow_run_from_deployment(deployment.id)
    return True


def main() -> int:
    """Serve until told to end; return the exit status."""
    deployments, office = read_deployments(), open_here()
    runner = Runner(name="lingbao", pause_on_shutdown=False, query_seconds=POLL)
    with get_client(sync_client=True) as api:
        await_server(api)
        ensure(api)
        for one in deployments:
            runner.add_deployment(one)
        if catch_up_night(api, office, office.clock.now()):
            log.warning("the last night was not worked: it is started now")
    office.engine.dispose()
    with contextlib.suppress(KeyboardInterrupt, httpx.HTTPError):
        asyncio.run(runner.start())
    return 1


if __name__ == "__main__":
    sys.exit(main())
