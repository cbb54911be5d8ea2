"""The automations that mark a run as crashed when it died unseen. `lingbao doctor --fix` and `lingbao up` put them on the server.

A run that is killed together with its worker stays Running for ever, and one that is killed while it begins stays Pending; with a limit
of one run at a time, every later run of that deployment is then cancelled, and nobody is told anything. A server of one's own does not
bring these automations along (https://docs.prefect.io/v3/advanced/detect-zombie-flows). They rescue no run that died before they were
there. `python -m flows.zombies` makes them alone.
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

from core.i18n import Message, choose_language, t

NAME = "lingbao: crash zombie runs 标记中断的运行"
UNBEGUN = "lingbao: crash runs that never began 标记未能开始的运行"
SILENCE = timedelta(seconds=90)
"""Three heartbeats of the deployments in prefect.yaml (PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30)."""
SLOWEST_START = timedelta(minutes=10)
"""A process begins in seconds; a container whose image must be fetched first takes minutes."""
RUN = "prefect.flow-run"
HEARTBEAT = f"{RUN}.heartbeat"
ENDS = ("Completed", "Failed", "Cancelled", "Crashed")


class Outcome(StrEnum):
    """What had to be done for one thing on the server."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def automations() -> list[AutomationCore]:
    """Return both: no heartbeat for `SILENCE` after the beginning or a heartbeat, and no beginning for `SLOWEST_START` after Pending.

    The server itself tells of the beginning; the first heartbeat of a run that is killed at once never arrives.
    """
    return [
        _crash(NAME, after={HEARTBEAT, f"{RUN}.Running"}, expect={HEARTBEAT}, within=SILENCE,
               words="心跳停止 90 秒的运行标记为 Crashed。A run without a heartbeat for 90 s is marked as crashed.",
               message="No heartbeat for 90 s: the run was killed with its worker."),
        _crash(UNBEGUN, after={f"{RUN}.Pending"}, expect={f"{RUN}.Running", f"{RUN}.Scheduled"}, within=SLOWEST_START,
               words="十分钟未能开始的运行标记为 Crashed。A run that has not begun after 10 minutes is marked as crashed.",
               message="Not begun within 10 minutes: it was killed while it started."),
    ]  # fmt: skip


def _crash(
    name: str, *, after: set[str], expect: set[str], within: timedelta, words: str, message: str
) -> AutomationCore:
    """Return an automation: after one event neither another one nor an end within a time means crashed."""
    return AutomationCore(
        name=name,
        description=words,
        enabled=True,  # said aloud: what is left at its default is not sent, and one that was switched off would stay so
        trigger=EventTrigger(
            after=after,
            expect=expect | {f"{RUN}.{end}" for end in ENDS},
            match=ResourceSpecification({"prefect.resource.id": [f"{RUN}.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=within,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=message)],
    )


def look(api: SyncPrefectClient, wanted: AutomationCore) -> Outcome:
    """Return what `ensure` would have to do for one automation. Changes nothing.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    found = api.read_automations_by_name(wanted.name)
    if not found:
        return Outcome.CREATED
    have = AutomationCore.model_validate(found[0].model_dump(include=set(AutomationCore.model_fields)))
    return Outcome.UNCHANGED if len(found) == 1 and have == wanted else Outcome.UPDATED


def ensure(api: SyncPrefectClient, wanted: AutomationCore) -> Outcome:
    """Put an automation on the server, once, and as it is written here; return what was done.

    Raises:
        httpx.HTTPError: the server cannot be reached, or refuses.
    """
    outcome = look(api, wanted)
    if outcome is Outcome.CREATED:
        api.create_automation(wanted)
    elif outcome is Outcome.UPDATED:
        first, *more = api.read_automations_by_name(wanted.name)
        for double in more:
            api.delete_automation(double.id)
        api.update_automation(first.id, wanted)
    return outcome


def told(name: str, outcome: Outcome) -> Message:
    """Say what was done for one thing."""
    if outcome is Outcome.CREATED:
        return t("Created: {name}.", name=name)
    if outcome is Outcome.UPDATED:
        return t("Brought up to date: {name}.", name=name)
    return t("Already there: {name}.", name=name)


def main() -> None:
    """Put the automations on the server that PREFECT_API_URL names, and say what was done."""
    with get_client(sync_client=True) as api:
        for one in automations():
            sys.stdout.write(told(one.name, ensure(api, one)).render(choose_language()) + "\n")


if __name__ == "__main__":
    main()
