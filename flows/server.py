"""What a Prefect server needs beside the deployments of prefect.yaml: looked at, and made. `lingbao doctor [--fix]` shows it.

The automations that find dead runs, the pace of reading, the work pool if one is in use; and slots of deployments that nobody holds any
more. Limits of one run stand in prefect.yaml itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate, WorkPoolCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

from core.i18n import Message, t
from flows import pace
from flows.deployments import deployments_missing, on_server
from flows.probe import probe_scheduler
from flows.zombies import Outcome, automations, ensure, look

__all__ = ["Outcome", "Piece", "deployments_missing", "ensure_all", "missing", "probe_scheduler", "server_amiss"]

AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
POOL_TYPE = "process"
VOLATILE = "prefect.server.concurrency.lease_storage.memory"


@dataclass(frozen=True)
class Piece:
    """One thing that a server needs, and what was done so that it is there."""

    name: str
    outcome: Outcome


def missing(api: SyncPrefectClient) -> list[Message]:
    """Name what `ensure_all` would make or mend. Changes nothing.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    found: list[Message] = []
    for one in automations():
        outcome = look(api, one)
        if outcome is Outcome.CREATED:
            found.append(t("The automation “{name}” is not on the server.", name=one.name))
        elif outcome is Outcome.UPDATED:
            found.append(t("The automation “{name}” is not as it should be.", name=one.name))
    if _look_at_pace(api) is not Outcome.UNCHANGED:
        found.append(t("The limit “{name}” is not on the server, or is another one.", name=pace.NAME))
    there = on_server(api)
    pool = pool_wanted(there)
    if pool and not _has_pool(api, pool):
        found.append(t("The work pool “{name}” is not on the server.", name=pool))
    found += [
        t("{name}: its one slot is taken, and no run is at work. Every run of it is cancelled.", name=name)
        for name, _ in _stuck(api, there)
    ]
    return found


def ensure_all(api: SyncPrefectClient) -> list[Piece]:
    """Make everything that is missing; return every piece with what was done. Again, it changes nothing.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    pieces = [Piece(one.name, ensure(api, one)) for one in automations()]
    outcome = _look_at_pace(api)
    if outcome is not Outcome.UNCHANGED:
        api.upsert_global_concurrency_limit_by_name(pace.NAME, pace.AT_ONCE, pace.PER_SECOND)
        api.update_global_concurrency_limit(pace.NAME, GlobalConcurrencyLimitUpdate(active=True))
    pieces.append(Piece(pace.NAME, outcome))
    there = on_server(api)
    if pool := pool_wanted(there):
        fresh = not _has_pool(api, pool)
        if fresh:
            api.create_work_pool(WorkPoolCreate(name=pool, type=POOL_TYPE))
        pieces.append(Piece(pool, Outcome.CREATED if fresh else Outcome.UNCHANGED))
    for name, limit in _stuck(api, there):
        api.update_global_concurrency_limit(limit, GlobalConcurrencyLimitUpdate(active_slots=0))
        pieces.append(Piece(name, Outcome.UPDATED))
    return pieces


def server_amiss(api: SyncPrefectClient) -> list[Message]:
    """Name what only the environment of the server itself can mend.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    answer = api.request("GET", "/admin/settings")
    answer.raise_for_status()
    server = answer.json().get("server", {})
    found = []
    if server.get("concurrency", {}).get("lease_storage", VOLATILE) == VOLATILE:
        found.append(
            t("The server forgets who holds a slot when it ends. Give it {setting}.",
              setting="PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE=prefect.server.concurrency.lease_storage.filesystem")
        )  # fmt: skip
    if server.get("analytics_enabled"):
        found.append(
            t("The server reports to its makers. Give it {setting}.", setting="PREFECT_SERVER_ANALYTICS_ENABLED=false")
        )
    return found


def pool_wanted(there: dict[str, DeploymentResponse]) -> str:
    """Return the name of the work pool that is in use; empty if `lingbao up` serves our deployments without one."""
    if there:
        return next((one.work_pool_name for one in there.values() if one.work_pool_name), "")
    return get_current_settings().deployments.default_work_pool_name or ""


def _has_pool(api: SyncPrefectClient, name: str) -> bool:
    try:
        api.read_work_pool(name)
    except ObjectNotFound:
        return False
    return True


def _look_at_pace(api: SyncPrefectClient) -> Outcome:
    try:
        have = api.read_global_concurrency_limit_by_name(pace.NAME)
    except ObjectNotFound:
        return Outcome.CREATED
    right = (have.limit, have.slot_decay_per_second, have.active) == (pace.AT_ONCE, pace.PER_SECOND, True)
    return Outcome.UNCHANGED if right else Outcome.UPDATED


def _stuck(api: SyncPrefectClient, there: dict[str, DeploymentResponse]) -> Iterator[tuple[str, str]]:
    """Give the deployments whose slot is taken while none of their runs is at work, with the names of their limits.

    Looked at three times: between two looks a run may end, or begin.
    """
    for name, one in there.items():
        limit = one.global_concurrency_limit
        if limit is None or not limit.active_slots or _works(api, one):
            continue
        still = api.read_deployment(one.id).global_concurrency_limit
        if still is not None and still.active_slots and not _works(api, one):
            yield name, limit.name


def _works(api: SyncPrefectClient, one: DeploymentResponse) -> bool:
    chosen = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)))
    ours = DeploymentFilter(id=DeploymentFilterId(any_=[one.id]))
    return bool(api.read_flow_runs(flow_run_filter=chosen, deployment_filter=ours, limit=1))
