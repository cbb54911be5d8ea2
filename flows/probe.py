"""Whether a server's scheduler is alive: a deployment of its own, due every minute, must get runs. Nobody works them.

With some versions of its libraries a Prefect server answers, shows every deployment as active, and never schedules a run
(docs/decisions/0003).
"""

from __future__ import annotations

import contextlib
import secrets
import time

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound

FLOW = "lingbao-probe"
PATIENCE = 60.0
LOOK_EVERY = 0.5


def probe_scheduler(api: SyncPrefectClient, patience: float = PATIENCE) -> bool:
    """Tell whether a new schedule gets runs within `patience` seconds; everything of the probe is deleted again.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    flow = api.create_flow_from_name(FLOW)
    schedule = DeploymentScheduleCreate(schedule=CronSchedule(cron="* * * * *", timezone="Asia/Shanghai"), active=True)
    # No pool and no runner: its runs wait until they are deleted with it. The name is new, so that two probes do not meet.
    number = api.create_deployment(flow, f"probe-{secrets.token_hex(4)}", schedules=[schedule], tags=["lingbao-probe"])
    chosen = DeploymentFilter(id=DeploymentFilterId(any_=[number]))
    due = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])))
    end = time.monotonic() + patience
    try:
        while time.monotonic() < end:
            if api.read_flow_runs(deployment_filter=chosen, flow_run_filter=due, limit=1):
                return True
            time.sleep(LOOK_EVERY)
        return False
    finally:
        for run in api.read_flow_runs(deployment_filter=chosen):
            with contextlib.suppress(ObjectNotFound):
                api.delete_flow_run(run.id)
        api.delete_deployment(number)
