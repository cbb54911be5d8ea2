"""Schedules: a version that leaves at its moment if it is approved by then, and not at all once its time is over.

Who is told is counted at that moment, by the whereabouts of that day. Repeatable and safe side by side: the state of the version
moves first, so that of two sweeps, or a sweep and an officer, one releases it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import iso
from core.database import reading, writing
from core.errors import BadInput
from core.i18n import Message, t
from notify import alerts
from notify.alerts import Acting
from notify.duty.paging import page, settle
from notify.office import Office
from notify.own import store
from notify.own.tables import AlertSchedule, ScheduleState
from notify.store import alerts as alert_store
from notify.tables import AlertStatus
from notify.words import status_words
from registry.actors import SYSTEM

BEFORE = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)
LONGEST = timedelta(days=30)
"""A schedule further ahead is refused: nobody approves today what is to be said in spring."""


@dataclass(frozen=True)
class Due:
    """What became of the schedules whose moment has come, by number of the alert."""

    released: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    unapproved: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()


def set_schedule(connection: Connection, version_id: int, at: datetime, within: timedelta, acting: Acting) -> int:
    """Let a version leave at `at`, or up to `within` later if it is approved late. In the place of an earlier schedule of it.

    Raises:
        BadInput: the moment is over or too far ahead, or the version is out already.
    """
    version = alert_store.version(connection, version_id)
    if version.status not in BEFORE:
        raise BadInput(t("Alert {number} is {status} now: this step is not open.",
                         number=version.alert_id, status=status_words(version.status)))  # fmt: skip
    if at <= acting.now or at > acting.now + LONGEST:
        raise BadInput(t("{moment} is over, or more than {days} days ahead: nothing is scheduled for it.",
                         moment=iso(at), days=LONGEST.days))  # fmt: skip
    withdraw(connection, version_id, acting)
    row = AlertSchedule(version_id=version_id, at=at, expires_at=at + within, state=ScheduleState.WAITING,
                        created_at=acting.now, created_by=acting.actor.name)  # fmt: skip
    number = store.add_schedule(connection, row)
    alerts.note(connection, acting, "alert.schedule", version_id, iso(at) or "")
    return number


def withdraw(connection: Connection, version_id: int, acting: Acting) -> bool:
    """Take the schedule of a version back: it leaves when somebody sends it. False: it had none that waits."""
    waiting = store.waiting_schedule(connection, version_id)
    if waiting is None or not store.end_schedule(connection, waiting.id or 0, ScheduleState.WITHDRAWN, acting.now):
        return False
    settle(connection, cause_of(waiting), acting.now)
    alerts.note(connection, acting, "alert.unschedule", version_id)
    return True


def release_due(office: Office, now: datetime) -> Due:
    """Release every approved version whose moment has come; say of the others why not. Called by the sweep, any time, by many.

    Each in a transaction of its own: one that cannot go out keeps no other back, and its officer is told.
    """
    with reading(office.engine) as connection:
        waiting = store.schedules(connection, due=now)
    found: dict[str, list[int]] = {"released": [], "missed": [], "unapproved": [], "failed": [], "": []}
    for one in waiting:
        acting = replace(office.acting(SYSTEM), now=now)
        try:
            with writing(office.engine) as connection:
                outcome, alert_id = _act(connection, one, acting)
        except BadInput as error:
            with writing(office.engine) as connection:
                outcome, alert_id = _fail(connection, one, error.message, now)
        found[outcome].append(alert_id)
    return Due(tuple(found["released"]), tuple(found["missed"]), tuple(found["unapproved"]), tuple(found["failed"]))


def cause_of(schedule: AlertSchedule) -> str:
    """Return the cause under which the duty officer is paged about a schedule."""
    return f"schedule/{schedule.id}"


def _act(connection: Connection, one: AlertSchedule, acting: Acting) -> tuple[str, int]:
    version = alert_store.version(connection, one.version_id)
    number = version.alert_id
    if version.status not in BEFORE:  # sent by hand, or cancelled
        store.end_schedule(connection, one.id or 0, ScheduleState.WITHDRAWN, acting.now, reason=version.status)
        settle(connection, cause_of(one), acting.now)
        return "", number
    if acting.now >= one.expires_at:
        return _miss(connection, one, number, acting.now)
    if version.status != AlertStatus.APPROVED:
        words = t("Alert {number} was to leave at {moment} and is not approved. It leaves if it is approved before {until}.",
                  number=number, moment=iso(one.at), until=iso(one.expires_at))  # fmt: skip
        page(connection, cause_of(one), words, acting.now)
        return "unapproved", number
    here = alert_store.instance(connection)
    if here.restored_at is not None and (here.claimed_at is None or one.at <= here.claimed_at):
        words = t("Alert {number} was to leave at {moment}. This copy was restored from a backup, and it may have left before. Look at "
                  "what the providers have, and send it by hand if it did not.", number=number, moment=iso(one.at))  # fmt: skip
        page(connection, cause_of(one), words, acting.now)
        return "unapproved", number
    if not store.end_schedule(connection, one.id or 0, ScheduleState.SENT, acting.now):
        return "", number
    # Counted afresh: who has come or left since the draft was written.
    day = acting.now.astimezone(ZoneInfo(acting.office.zone)).date()
    alert_store.move(connection, one.version_id, [AlertStatus.APPROVED], AlertStatus.APPROVED, day=day)
    alerts.release(connection, one.version_id, acting)
    settle(connection, cause_of(one), acting.now)
    return "released", number


def _miss(connection: Connection, one: AlertSchedule, number: int, now: datetime) -> tuple[str, int]:
    if not store.end_schedule(connection, one.id or 0, ScheduleState.MISSED, now, reason="expired"):
        return "", number
    # The page that it was not approved says something else than this one: that there is nothing to wait for any more.
    settle(connection, cause_of(one), now)
    words = t("Alert {number} was to leave at {moment} and did not: its time is over, and it is not sent. Send it by hand if it "
              "still holds.", number=number, moment=iso(one.at))  # fmt: skip
    page(connection, f"{cause_of(one)}/missed", words, now)
    return "missed", number


def _fail(connection: Connection, one: AlertSchedule, why: Message, now: datetime) -> tuple[str, int]:
    version = alert_store.version(connection, one.version_id)
    number = version.alert_id
    if version.status not in BEFORE:  # an officer pressed send in the same moment: it is out, and nothing failed
        store.end_schedule(connection, one.id or 0, ScheduleState.WITHDRAWN, now, reason=version.status)
        return "", number
    if not store.end_schedule(connection, one.id or 0, ScheduleState.FAILED, now, reason=str(why)):
        return "", number
    words = t(
        "Alert {number} was to leave at {moment} and could not: {reason}", number=number, moment=iso(one.at), reason=why
    )
    page(connection, f"{cause_of(one)}/failed", words, now)
    return "failed", number
