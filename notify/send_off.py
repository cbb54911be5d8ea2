"""Sending off: what the one button of an approver does. Approved by a second person where one is needed, and released, as one act."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from core.database import writing
from core.errors import BadInput, LingbaoError
from core.i18n import t
from notify import alerts
from notify.alerts import APPROVERS, Acting
from notify.dispatch import Dispatcher
from notify.office import Office
from notify.own import store as own_store
from notify.own.audience import audience_of
from notify.store import alerts as store
from notify.store.deliveries import unfinished_versions
from notify.tables import AlertStatus, AlertVersion

log = structlog.get_logger(__name__)
FIRST = timedelta(seconds=8)
"""How long the process that released an alert sends it: the first calls go out within a second, the dispatcher goes on."""
CHANGED = t("It was changed since you opened this page. Read it again before you send it.")


@dataclass(frozen=True)
class SentOff:
    """What came of the button: so many notices, or `at`, the moment for which it is scheduled."""

    notices: int
    at: datetime | None = None


def send_off(connection: Connection, version_id: int, acting: Acting, *, seen: str | None = None) -> SentOff:
    """Approve a version, if it waits for a second person, and release it; one that is scheduled leaves at its moment.

    In the caller's transaction, so that of two people who press, or of a button pressed twice, one sends and the other is refused.

    Args:
        seen: the mark of what the actor read (`likeness`); None: whatever stands goes out.

    Raises:
        NotAllowed: the actor may not approve, or wrote or submitted it.
        BadInput: it is in no state for it, not fit to go out, or not as it was `seen`.
    """
    version = store.version(connection, version_id)
    # Written first: whoever edits or schedules it waits here, so that what is compared is what goes out.
    status = AlertStatus(version.status)
    store.move(connection, version_id, [status], status)
    if seen is not None and likeness(connection, store.version(connection, version_id)) != seen:
        raise BadInput(CHANGED)
    if version.status == AlertStatus.SUBMITTED and may_approve(connection, version, acting):
        alerts.approve(connection, version_id, acting)
    waiting = own_store.waiting_schedule(connection, version_id)
    if waiting is not None and waiting.at > acting.now:
        if store.version(connection, version_id).status != AlertStatus.APPROVED:
            alerts.approve(connection, version_id, acting)  # says why not
        return SentOff(0, waiting.at)
    return SentOff(alerts.release(connection, version_id, acting))


def may_approve(connection: Connection, version: AlertVersion, acting: Acting) -> bool:
    """Tell whether the actor is the second person that a version needs: an approver who had no hand in it."""
    return acting.actor.role in APPROVERS and acting.actor.name not in hands(connection, version)


def hands(connection: Connection, version: AlertVersion) -> frozenset[str]:
    """Return who opened, edited or submitted a version: none of them approves it."""
    assert version.id is not None
    theirs = {version.created_by, version.submitted_by or ""} | store.authors(connection, version.id)
    return frozenset(theirs - {""})


def likeness(connection: Connection, version: AlertVersion) -> str:
    """Return a mark of what a version says, to whom, how and when: it changes with any of it, and not with its state.

    Whoever confirms sends back the mark of what they saw; what was changed meanwhile is then not sent unseen.
    """
    assert version.id is not None
    said = [
        (one.language, one.channel, one.variant, one.subject, one.body) for one in store.texts(connection, version.id)
    ]
    places = [(one.country, one.region) for one in store.places(connection, version.id)]
    waiting = own_store.waiting_schedule(connection, version.id)
    facts = (
        version.id, version.level, version.title_zh, version.title_en, version.every_channel, version.quiet,
        version.validity_minutes, version.include_doubtful, version.ask_safe, version.channels, said, places,
        None if waiting is None else (waiting.at.isoformat(), waiting.expires_at.isoformat()),
        [list(row) for row in audience_of(connection, version.id).rows()],
    )  # fmt: skip
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]


def first_calls(office: Office, alert_id: int) -> None:
    """Send the first notices of a released alert from here, for some seconds; the office's dispatcher sends the rest. Repeatable.

    Leases keep the two apart: no notice is in two hands.
    """
    try:
        calls = asyncio.run(_drain(office, alert_id))
        with writing(office.engine) as connection:
            store.finish_sent(connection, unfinished_versions())
    except (
        LingbaoError
    ) as error:  # a busy database, a setting that is wrong: the notices are there, and the dispatcher tells of it
        log.error("first calls failed", alert=alert_id, why=str(error))
        return
    log.info("first calls", alert=alert_id, calls=calls)


async def _drain(office: Office, alert_id: int) -> int:
    tools, now = office.tools(), office.clock.now()
    try:
        return (await Dispatcher(tools, alert_id=alert_id).drain(now, until=now + FIRST)).calls
    finally:
        for channel in tools.channels.values():
            await channel.close()
