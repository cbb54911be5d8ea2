"""Pausing: an officer holds back what an alert has not sent yet, and lets it go on. What the three stops mean: docs/states.md."""

from __future__ import annotations

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import t
from notify.alerts import Acting, note
from notify.store import pausing as store
from registry.actors import require_office


def pause(connection: Connection, alert_id: int, acting: Acting) -> int:
    """Hold back every version of an alert that is in force: nothing more of it is taken in hand. Returns how many notices wait.

    Calls that are out end as they end, doubts are settled, and the validity of each version goes on running.

    Raises:
        BadInput: nothing of the alert can still go out, or it is paused already.
        NotAllowed: the actor is nobody of the office.
    """
    require_office(acting.actor)
    versions = store.pause(connection, alert_id, acting.actor.name, acting.now)
    if not versions:
        raise BadInput(t("Nothing of alert {number} can be paused: nothing of it is on its way, or it is paused already.",
                         number=alert_id))  # fmt: skip
    waiting = store.waiting(connection, versions)
    for version_id in versions:
        note(connection, acting, "alert.pause", version_id, f"{waiting} notices")
    return waiting


def resume(connection: Connection, alert_id: int, acting: Acting) -> int:
    """Let a paused alert go on where it stood. Returns how many notices go on; what ran out meanwhile does not.

    Raises:
        BadInput: the alert is not paused.
        NotAllowed: the actor is nobody of the office.
    """
    require_office(acting.actor)
    versions = store.resume(connection, alert_id)
    if not versions:
        raise BadInput(t("Alert {number} is not paused.", number=alert_id))
    going = store.waiting(connection, versions, now=acting.now)
    for version_id in versions:
        note(connection, acting, "alert.resume", version_id, f"{going} notices")
    return going
