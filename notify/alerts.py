"""Alerts: opened by a rule or by an officer, released by a rule or by a second person, and fanned out in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import audit
from core.database import learn_sizes
from core.errors import BadInput, NotAllowed, NotFound
from core.group_bots import GroupBot
from core.i18n import t
from core.tables import Mode
from notify import posts
from notify.compose import compose
from notify.doors import Doors, refuse_empty_drill, refuse_without_template
from notify.grounds import Transfer, is_emergency
from notify.model import BASELINE, AlertDraft, OfficeName
from notify.own.audience import people_of
from notify.quiet import NIGHT, Night, waits
from notify.routing import routes, text_channels
from notify.rules import muting
from notify.rules.model import Rules
from notify.size import second_person
from notify.store import alerts as store
from notify.store import outbox
from notify.store.following import insert_following
from notify.store.grounds import said
from notify.store.rules import ALONE
from notify.store.ways import Plan
from notify.tables import AlertStatus, AlertVersion, VersionKind
from notify.texts.rules import TextRules
from notify.wordings import phrasebook, refuse_uncorrectable, refuse_unfit
from notify.words import status_words
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.tables import Role

OPEN = (AlertStatus.DRAFT, AlertStatus.SUBMITTED)
APPROVERS = (Role.APPROVER, Role.ADMINISTRATOR)
BEHIND = 10
"""A drill leaves after everything real."""
MOST_NUMBER = 2**62
"""No row has such a number; what is larger is none that a database takes."""
IN_MODE = {
    Mode.SANDBOX: t("trial operation (sandbox)"), Mode.DRILL: t("drill operation (drill)"), Mode.LIVE: t("live operation (live)"),
}  # fmt: skip


@dataclass(frozen=True)
class Acting:
    """Who acts, when, for which office, what that may do with providers abroad, and by which rules its texts are made, and its groups.

    Attributes:
        rules: what the policy in force says beside its routes.
        doors: what the settings say of the ways out; None: not looked at.
    """

    actor: Actor
    now: datetime
    office: OfficeName
    transfer: Transfer = field(default_factory=Transfer)
    texts: TextRules = field(default_factory=TextRules)
    groups: tuple[GroupBot, ...] = ()
    rules: Rules = field(default_factory=Rules)
    doors: Doors | None = None


def open_alert(connection: Connection, draft: AlertDraft, acting: Acting) -> int | None:
    """Write a draft as an alert, or as the next version of the alert it follows; return the number of the version.

    None if the same change has opened an alert before: a night that is run again opens nothing twice.
    """
    if draft.origin_key is not None and store.by_origin(connection, draft.origin_key) is not None:
        return None
    if draft.change_id is not None and store.by_change(connection, draft.change_id) is not None:
        return None
    actor = acting.actor.name
    alert_id = draft.follows or store.insert_alert(connection, draft, actor=actor, now=acting.now)
    day = draft.as_of.astimezone(ZoneInfo(acting.office.zone)).date()
    version_id = store.insert_version(connection, alert_id, draft, actor=actor, now=acting.now, day=day)
    store.set_places(connection, version_id, draft)
    write_texts(connection, version_id, draft, acting)
    note(connection, acting, store.OPENED, version_id)
    return version_id


def write_texts(connection: Connection, version_id: int, draft: AlertDraft, acting: Acting) -> None:
    """Compose and store the exact texts of a version, before anything can be sent."""
    drill = draft.drill or store.instance(connection).mode == Mode.DRILL
    spelled_out = replace(draft, channels=text_channels(draft.channels, acting.transfer.in_use))
    book = phrasebook(connection, acting.texts, draft.template)
    store.set_texts(connection, version_id, compose(spelled_out, acting.office, book, drill=drill), acting.now)


def submit(connection: Connection, version_id: int, acting: Acting) -> None:
    """Hand a draft to a second person.

    Raises:
        BadInput: it names no country yet, a text of it is not fit to go out, or it is no draft.
    """
    _placed(connection, version_id)
    refuse_unfit(store.version(connection, version_id), store.texts(connection, version_id), acting.texts)
    values = {"submitted_at": acting.now, "submitted_by": acting.actor.name}
    if not store.move(connection, version_id, [AlertStatus.DRAFT], AlertStatus.SUBMITTED, **values):
        raise _wrong_state(connection, version_id)
    note(connection, acting, "alert.submit", version_id)


def approve(connection: Connection, version_id: int, acting: Acting) -> None:
    """Approve what somebody else drafted and submitted.

    Raises:
        NotAllowed: the actor has no such role, or wrote, edited or submitted it.
        BadInput: it is not waiting for approval.
    """
    version = store.version(connection, version_id)
    if acting.actor.role not in APPROVERS:
        raise NotAllowed(t("{user} may not approve alerts: this needs the role approver.", user=acting.actor.name))
    if acting.actor.name in {version.created_by, version.submitted_by} | store.authors(connection, version_id):
        raise NotAllowed(t("An alert is approved by another person than the one who wrote or submitted it."))
    _placed(connection, version_id)
    values = {"approved_at": acting.now, "approved_by": acting.actor.name}
    if not store.move(connection, version_id, [AlertStatus.SUBMITTED], AlertStatus.APPROVED, **values):
        raise _wrong_state(connection, version_id)
    note(connection, acting, "alert.approve", version_id)


def release(connection: Connection, version_id: int, acting: Acting) -> int:
    """Release an approved version: people, notices and state in one transaction. Returns the number of notices.

    The state moves first: of two people who press the button, one releases and the other is told so. It is night for the
    recipients if it is night now, however long ago the draft was written.

    Raises:
        BadInput: it is not approved, was released already, names no country, or a text of it is not fit to go out; or it is of
            the size that needs a second person, goes out live, and could not be corrected in the office's own wording or over one
            of its channels; or it is a drill that would reach nobody, or of another mode or instance, and would reach nobody either.
    """
    version = store.version(connection, version_id)
    _refuse_elsewhere(connection, version)
    live = store.instance(connection).mode == Mode.LIVE and not store.is_drill(connection, version.alert_id)
    if acting.doors is not None and _is_practice(connection, version):
        refuse_empty_drill(acting.doors)
    refuse_unfit(version, store.texts(connection, version_id), acting.texts)
    why = second_person(connection, version, acting.rules.approval)
    if why is None:
        values = {"approved_at": acting.now, "approved_by": ALONE}
        store.move(connection, version_id, OPEN, AlertStatus.APPROVED, **values)
    elif version.status in OPEN:
        raise BadInput(t("{state} {why}", state=_wrong_state(connection, version_id).message, why=why))
    elif live:
        refuse_uncorrectable(connection, version_id)
        if acting.doors is not None:
            refuse_without_template(acting.doors, store.texts_written(connection, version_id))
    return _release(connection, version_id, acting, acting.now, by_rule=False)


def _refuse_elsewhere(connection: Connection, version: AlertVersion) -> None:
    """Refuse what the last gate would refuse for everybody (`notify.gate`): people are told that it went out, and nobody has it."""
    alert, here = store.alert(connection, version.alert_id), store.instance(connection)
    if alert is None or (alert.instance_uid == here.uid and alert.mode in (here.mode, Mode.DRILL)):
        return
    if alert.instance_uid != here.uid:
        raise BadInput(
            t("This alert was written in another copy of the program: nothing of it would leave. Write it anew here.")
        )
    raise BadInput(t("This alert was written in {then}, and the office is in {now}: nothing of it would leave. "
                     "Write it anew: a copy of it is a new alert.",
                     then=IN_MODE[Mode(alert.mode)], now=IN_MODE[Mode(here.mode)]))  # fmt: skip


def _is_practice(connection: Connection, version: AlertVersion) -> bool:
    return store.instance(connection).mode == Mode.DRILL or store.is_drill(connection, version.alert_id)


def release_by_rule(connection: Connection, version_id: int, acting: Acting) -> int:
    """Release a version that the policy sends by itself: the rule stands where the second person would.

    Quiet hours are those of the night being worked, so that a night that is worked again behaves as it did.
    """
    version = store.version(connection, version_id)
    values = {"approved_at": acting.now, "approved_by": f"policy/{version.rule}"}
    store.move(connection, version_id, [AlertStatus.DRAFT], AlertStatus.APPROVED, **values)
    return _release(connection, version_id, acting, version.as_of, by_rule=True)


def _release(connection: Connection, version_id: int, acting: Acting, moment: datetime, *, by_rule: bool) -> int:
    version = store.version(connection, version_id)
    send_by = acting.now + timedelta(minutes=version.validity_minutes)
    values = {"released_at": acting.now, "released_by": acting.actor.name, "send_by": send_by}
    if not store.move(connection, version_id, [AlertStatus.APPROVED], AlertStatus.SENDING, **values):
        raise _wrong_state(connection, version_id)
    if not version.told_only:
        _placed(connection, version_id)
    night = acting.rules.quiet.night
    planned = plan(connection, version, moment, acting.now, transfer=acting.transfer, night=night)
    muted = muting.apply(connection, version, acting.rules, by_rule=by_rule, now=acting.now)
    posts.plan(connection, version, acting.groups, acting.now)
    if version.kind == VersionKind.ALL_CLEAR:
        store.close_alert(connection, version.alert_id, acting.now)
    else:
        store.reopen(connection, version.alert_id)
    note(connection, acting, "alert.release", version_id, f"{planned} notices{f', {muted} muted' if muted else ''}")
    return planned - muted


def plan(
    connection: Connection,
    version: AlertVersion,
    moment: datetime,
    now: datetime,
    *,
    transfer: Transfer,
    night: Night = NIGHT,
) -> int:
    """Fan a version out: its people, then their notices. Repeatable. Returns how many notices are new.

    What is left of earlier versions is taken back first: nobody may get at seven in the morning what was corrected or
    cleared at five. Who had not been told yet then hears of the later version alone, or, of an all-clear, nothing.

    Args:
        moment: on the time line of the night, for quiet hours.
        now: by the wall clock, for the rows.
        transfer: what the office may do with providers abroad. Whoever was told in an emergency hears the end of it too.
        night: when people are not woken, where they are.
    """
    assert version.id is not None
    learn_sizes(connection)
    whole = plan_of(connection, version, now, transfer)
    ends = version.kind == VersionKind.ALL_CLEAR
    if not version.told_only and not ends:
        # Before those who were told: of somebody told earlier, where they are now counts.
        outbox.insert_recipients(connection, whole, people_of(connection, version))
    earlier: list[int] = []
    if version.kind != VersionKind.FIRST:
        earlier = [one for one in store.told_versions(connection, version.alert_id) if one < version.id]
        store.end_sending(connection, earlier, now)
        outbox.supersede(connection, earlier, now)
        waited = () if ends else store.countries(connection, [version.id]) or store.countries(connection, earlier)
        outbox.insert_recipients(connection, whole, outbox.told_before(earlier, superseded_in=waited))
    whole = awake(connection, version, whole, moment, night)
    if earlier:
        return insert_following(connection, whole, scope.usable_addresses(SYSTEM), earlier, only_there=ends)
    return outbox.insert_deliveries(connection, whole, scope.usable_addresses(SYSTEM))


def plan_of(connection: Connection, version: AlertVersion, now: datetime, transfer: Transfer) -> Plan:
    """Return how the notices of a version are made, quiet hours apart. Only channels that it has texts for count."""
    assert version.id is not None
    emergency = any(is_emergency(level, advisory) for level, advisory in said(connection, version))
    written = store.channels_written(connection, version.id)
    ways = [one for one in routes(version.channels, transfer.in_use & written) if one.channel in written]
    behind = BEHIND if store.is_drill(connection, version.alert_id) else 0
    return Plan(
        version_id=version.id, rule=version.rule, routes=ways, every_channel=version.every_channel,
        priority=4 - (version.level or 0) + behind, not_before={}, now=now, transfer=transfer, emergency=emergency,
        apart=store.apart(connection, version.id),
    )  # fmt: skip


def awake(connection: Connection, version: AlertVersion, whole: Plan, moment: datetime, night: Night = NIGHT) -> Plan:
    """Return the plan with the end of the night for every zone where people of the version sleep at `moment`."""
    if not version.quiet:
        return whole
    return replace(whole, not_before=waits(moment, outbox.zones(connection, whole.version_id), night))


def cancel(connection: Connection, version_id: int, acting: Acting) -> int:
    """Cancel a version: nothing more of it leaves, and what is in doubt is not sent again. Returns how many stopped.

    What a provider already has cannot be called back. One that is done has no further step of a ladder then.

    Raises:
        BadInput: it is done and over, or cancelled already.
    """
    states = [*OPEN, AlertStatus.APPROVED, AlertStatus.SENDING]
    version = store.version(connection, version_id)
    if version.rule == BASELINE or (version.send_by is not None and version.send_by > acting.now):
        states.append(AlertStatus.DONE)
    if not store.move(connection, version_id, states, AlertStatus.CANCELED):
        raise _wrong_state(connection, version_id)
    store.end_sending(connection, [version_id], acting.now)
    stopped = outbox.cancel_unsent(connection, version_id, acting.now)
    muting.give_back(connection, acting.rules.quiet.night, acting.now, acting.now)
    note(connection, acting, "alert.cancel", version_id, f"{stopped} notices")
    return stopped


def find(connection: Connection, alert_id: int) -> AlertVersion:
    """Return the newest version of an alert.

    Raises:
        NotFound: there is no such alert.
    """
    if alert_id > MOST_NUMBER or store.alert(connection, alert_id) is None:
        raise NotFound(t("There is no alert {number}.", number=alert_id))
    return store.newest_version(connection, alert_id)


def note(connection: Connection, acting: Acting, action: str, version_id: int, detail: str = "") -> None:
    """Write to the audit who did what to a version."""
    subject = store.subject(version_id)
    audit.record(connection, actor=acting.actor.name, action=action, subject=subject, now=acting.now, detail=detail)


def _placed(connection: Connection, version_id: int) -> None:
    if not store.places(connection, version_id):
        raise BadInput(t("This alert names no country yet: nobody can be told. Set one with `lingbao alert edit`."))


def _wrong_state(connection: Connection, version_id: int) -> BadInput:
    version = store.version(connection, version_id)
    words = t(
        "Alert {number} is {status} now: this step is not open.",
        number=version.alert_id,
        status=status_words(version.status),
    )
    return BadInput(words)
