"""Alerts: opened by a rule or by an officer, released by a rule or by a second person, and fanned out in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import audit
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import t
from core.tables import Mode
from notify.compose import compose
from notify.model import AlertDraft, OfficeName
from notify.quiet import waits
from notify.store import alerts as store
from notify.store import outbox
from notify.tables import AlertStatus, AlertVersion, VersionKind
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.tables import Role

OPEN = (AlertStatus.DRAFT, AlertStatus.SUBMITTED)
APPROVERS = (Role.APPROVER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class Acting:
    """Who acts, when, and for which office."""

    actor: Actor
    now: datetime
    office: OfficeName


def open_alert(connection: Connection, draft: AlertDraft, acting: Acting) -> int | None:
    """Write a draft as an alert, or as the next version of the alert it follows; return the number of the version.

    None if the same change has opened an alert before: a night that is run again opens nothing twice.
    """
    if draft.origin_key is not None and store.by_origin(connection, draft.origin_key) is not None:
        return None
    actor = acting.actor.name
    alert_id = draft.follows or store.insert_alert(connection, draft, actor=actor, now=acting.now)
    day = draft.as_of.astimezone(ZoneInfo(acting.office.zone)).date()
    version_id = store.insert_version(connection, alert_id, draft, actor=actor, now=acting.now, day=day)
    store.set_places(connection, version_id, draft)
    write_texts(connection, version_id, draft, acting)
    _note(connection, acting, "alert.open", version_id)
    return version_id


def write_texts(connection: Connection, version_id: int, draft: AlertDraft, acting: Acting) -> None:
    """Compose and store the exact texts of a version, before anything can be sent."""
    drill = store.instance(connection).mode == Mode.DRILL
    store.set_texts(connection, version_id, compose(draft, acting.office, drill=drill), acting.now)


def submit(connection: Connection, version_id: int, acting: Acting) -> None:
    """Hand a draft to a second person.

    Raises:
        BadInput: it names no country yet, or it is no draft.
    """
    _placed(connection, version_id)
    values = {"submitted_at": acting.now, "submitted_by": acting.actor.name}
    if not store.move(connection, version_id, [AlertStatus.DRAFT], AlertStatus.SUBMITTED, **values):
        raise _wrong_state(connection, version_id)
    _note(connection, acting, "alert.submit", version_id)


def approve(connection: Connection, version_id: int, acting: Acting) -> None:
    """Approve what somebody else drafted and submitted.

    Raises:
        NotAllowed: the actor has no such role, or wrote or submitted it.
        BadInput: it is not waiting for approval.
    """
    version = store.version(connection, version_id)
    if acting.actor.role not in APPROVERS:
        raise NotAllowed(t("{user} may not approve alerts: this needs the role approver.", user=acting.actor.name))
    if acting.actor.name in {version.created_by, version.submitted_by}:
        raise NotAllowed(t("An alert is approved by another person than the one who wrote or submitted it."))
    _placed(connection, version_id)
    values = {"approved_at": acting.now, "approved_by": acting.actor.name}
    if not store.move(connection, version_id, [AlertStatus.SUBMITTED], AlertStatus.APPROVED, **values):
        raise _wrong_state(connection, version_id)
    _note(connection, acting, "alert.approve", version_id)


def release(connection: Connection, version_id: int, acting: Acting) -> int:
    """Release an approved version: people, notices and state in one transaction. Returns the number of notices.

    The state moves first: of two people who press the button, one releases and the other is told so.

    Raises:
        BadInput: it is not approved, or was released already.
    """
    version = store.version(connection, version_id)
    send_by = acting.now + timedelta(minutes=version.validity_minutes)
    values = {"released_at": acting.now, "released_by": acting.actor.name, "send_by": send_by}
    if not store.move(connection, version_id, [AlertStatus.APPROVED], AlertStatus.SENDING, **values):
        raise _wrong_state(connection, version_id)
    planned = plan(connection, version, acting.now)
    if version.kind == VersionKind.ALL_CLEAR:
        store.close_alert(connection, version.alert_id, acting.now)
    _note(connection, acting, "alert.release", version_id, f"{planned} notices")
    return planned


def release_by_rule(connection: Connection, version_id: int, acting: Acting) -> int:
    """Release a version that the policy sends by itself: the rule stands where the second person would."""
    version = store.version(connection, version_id)
    values = {"approved_at": acting.now, "approved_by": f"policy/{version.rule}"}
    store.move(connection, version_id, [AlertStatus.DRAFT], AlertStatus.APPROVED, **values)
    return release(connection, version_id, acting)


def plan(connection: Connection, version: AlertVersion, now: datetime) -> int:
    """Fan a version out: its people, then their notices. Repeatable. Returns how many notices are new."""
    assert version.id is not None
    waiting = outbox.Plan(
        version_id=version.id, rule=version.rule, channels=version.channels, every_channel=version.every_channel,
        priority=4 - (version.level or 0), not_before={}, now=now,
    )  # fmt: skip
    earlier = [one for one in store.told_versions(connection, version.alert_id) if one != version.id]
    if version.kind != VersionKind.FIRST:
        outbox.insert_recipients(connection, waiting, outbox.told_before(earlier))
    if version.kind in {VersionKind.FIRST, VersionKind.UPDATE, VersionKind.CORRECTION} and not _is_fall(version):
        countries = [place.country for place in store.places(connection, version.id)]
        people = scope.people_in(SYSTEM, countries, version.day, include_doubtful=version.include_doubtful)
        outbox.insert_recipients(connection, waiting, people)
    if version.quiet:
        waiting = outbox.Plan(
            **(vars(waiting) | {"not_before": waits(version.as_of, outbox.zones(connection, version.id))})
        )
    return outbox.insert_deliveries(connection, waiting, scope.usable_addresses(SYSTEM))


def _is_fall(version: AlertVersion) -> bool:
    """A follow-up about a fall goes to exactly those who were told; nobody else needs to hear of a danger that is less."""
    return version.rule == "told-before"


def cancel(connection: Connection, version_id: int, acting: Acting) -> int:
    """Cancel a version: nothing more of it leaves. What a provider already has cannot be called back. Returns how many stopped."""
    states = [*OPEN, AlertStatus.APPROVED, AlertStatus.SENDING]
    if not store.move(connection, version_id, states, AlertStatus.CANCELED):
        raise _wrong_state(connection, version_id)
    stopped = outbox.cancel_unsent(connection, version_id, acting.now)
    _note(connection, acting, "alert.cancel", version_id, f"{stopped} notices")
    return stopped


def find(connection: Connection, alert_id: int) -> AlertVersion:
    """Return the newest version of an alert.

    Raises:
        NotFound: there is no such alert.
    """
    if store.alert(connection, alert_id) is None:
        raise NotFound(t("There is no alert {number}.", number=alert_id))
    return store.newest_version(connection, alert_id)


def _placed(connection: Connection, version_id: int) -> None:
    if not store.places(connection, version_id):
        raise BadInput(t("This alert names no country yet: nobody can be told. Set one with `lingbao alert edit`."))


def _wrong_state(connection: Connection, version_id: int) -> BadInput:
    version = store.version(connection, version_id)
    words = t("Alert {number} is {status} now: this step is not open.", number=version.alert_id, status=version.status)
    return BadInput(words)


def _note(connection: Connection, acting: Acting, action: str, version_id: int, detail: str = "") -> None:
    subject = f"alert_version/{version_id}"
    audit.record(connection, actor=acting.actor.name, action=action, subject=subject, now=acting.now, detail=detail)
