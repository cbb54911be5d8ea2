"""The automation that marks a run as crashed when its heartbeat stops. `python -m flows.zombies` puts it on the server.

A run that is killed together with its worker stays Running for ever; with a limit of one run at a time, every later run of that
deployment is then cancelled, and nobody is told anything. A server of one's own does not bring this automation along
(https://docs.prefect.io/v3/advanced/detect-zombie-flows). It rescues no run that died before it was there.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from core.i18n import choose_language, t

NAME = "lingbao: crash zombie runs 标记中断的运行"
SILENCE = timedelta(seconds=90)
"""Three heartbeats of the deployments in prefect.yaml (PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30)."""
HEARTBEAT = "prefect.flow-run.heartbeat"
ENDS = ("Completed", "Failed", "Cancelled", "Crashed")


class Outcome(StrEnum):
    """What `ensure` had to do."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def automation() -> AutomationCore:
    """Return the automation: after a heartbeat, neither another one nor an end within `SILENCE` means crashed."""
    return AutomationCore(
        name=NAME,
        description="心跳停止 90 秒的运行标记为 Crashed。A run without a heartbeat for 90 s is marked as crashed.",
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect={HEARTBEAT, *(f"prefect.flow-run.{end}" for end in ENDS)},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, message="No heartbeat for 90 s: the run was killed with its worker."
            )
        ],
    )


def ensure(api: SyncPrefectClient) -> Outcome:
    """Put the automation on the server, once, and as it is written here.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    wanted = automation()
    found = api.read_automations_by_name(NAME)
    if not found:
        api.create_automation(wanted)
        return Outcome.CREATED
    first, *more = found
    for double in more:
        api.delete_automation(double.id)
    have = AutomationCore.model_validate(first.model_dump(include=set(AutomationCore.model_fields)))
    if have == wanted:
        return Outcome.UNCHANGED
    api.update_automation(first.id, wanted)
    return Outcome.UPDATED


def main() -> None:
    """Put the automation on the server that PREFECT_API_URL names, and say what was done."""
    with get_client(sync_client=True) as api:
        outcome = ensure(api)
    said = {
        Outcome.CREATED: t("Created: {name}.", name=NAME),
        Outcome.UPDATED: t("Brought up to date: {name}.", name=NAME),
        Outcome.UNCHANGED: t("Already there: {name}.", name=NAME),
    }
    sys.stdout.write(said[outcome].render(choose_language()) + "\n")


if __name__ == "__main__":
    main()
