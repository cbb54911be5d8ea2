"""Serve the deployments of prefect.yaml from this machine, without a work pool. `python -m flows.served`; `lingbao up` starts it.

What prefect.yaml says of names, schedules, parameters and limits holds here too: one file, two ways to run it. A restart puts the
deployments on the server anew, and with them goes a night that was due and not begun: whether one is missing is seen in our own
rows, and it is started at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from datetime import datetime
from datetime import time as clock_time

import httpx
import structlog
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.runner import Runner

from core.database import reading
from flows.deployments import read_deployments
from flows.office import open_here
from flows.server import ensure_all
from notify.duty import findings, watch_store
from notify.office import Office
from notify.store.alerts import instance

log = structlog.get_logger(__name__)
NIGHT = "night/night"
NIGHT_BEGINS = clock_time(2, 30)
"""As its schedule says, in the zone of the office."""
PATIENCE = 180.0
"""Seconds that the server may take to start; after them this process ends and is started again."""
POLL = 5.0


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
        for one in deployments:
            runner.add_deployment(one)
        for piece in ensure_all(api):
            log.info("on the Prefect server", piece=piece.name, outcome=piece.outcome.value)
        if catch_up_night(api, office, office.clock.now()):
            log.warning("the last night was not worked: it is started now")
    office.engine.dispose()
    with contextlib.suppress(KeyboardInterrupt, httpx.HTTPError):
        asyncio.run(runner.start())
    return 1


if __name__ == "__main__":
    sys.exit(main())
