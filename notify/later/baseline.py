"""What stands at first sight (DESIGN promise 6): it is told to nobody then, and is in force for whoever comes later.

Only what the policy would have sent by rule, of level 3 or 4. An entry that was ever a change was decided when it changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from core.database import reading, writing
from core.i18n import t
from notify import alerts
from notify.alerts import Acting
from notify.budgets import day_of
from notify.decide import decide
from notify.drafting import Origin, draft_from
from notify.later import store
from notify.later.tables import LaterLook
from notify.model import BASELINE, AlertDraft
from notify.office import Office
from notify.policy import Action
from notify.rules.silences import silencing
from notify.rules.tables import Silence
from notify.store import alerts as alert_store
from notify.store import silences
from notify.tables import AlertStatus
from registry.actors import SYSTEM
from registry.scope import changed
from sources import store as source_store
from sources.model import AdvisoryChange, Card, ChangeKind, Shape
from sources.store import Unchanged

LOWEST = 3
ENDED = frozenset({ChangeKind.WITHDRAWN, ChangeKind.EXPIRED})


def keep_baseline(office: Office) -> int:
    """Open an alert in force for what stands since first sight; return how many are new. Repeatable, and told to nobody."""
    acting, kept = office.acting(SYSTEM), 0
    with reading(office.engine) as connection:
        known = silences.every(connection)
    for publisher in office.sources.values():
        card = publisher.CARD
        with reading(office.engine) as connection:
            if source_store.state(connection, card.id).baseline_at is None:
                continue
            proven = source_store.is_proven(connection, card)
            found = source_store.unchanged(connection, card.id, acting.now - alert_store.IN_FORCE)
        for one in found:
            draft = _draft(one, card, office, known, proven=proven)
            kept += 0 if draft is None else _keep(office, draft, card, acting)
    return kept


def _draft(one: Unchanged, card: Card, office: Office, known: Sequence[Silence], *, proven: bool) -> AlertDraft | None:
    """Return what the policy would have sent of an entry, were it new; None if it would not have, or a silence holds now.

    When the silence is over, it is kept then.
    """
    said, level = one.advisory, one.advisory.level
    if not (isinstance(level, int) and level >= LOWEST):
        return None
    change = AdvisoryChange(ChangeKind.NEW, True, card.id, said.native_id, t("stood at first sight"), None, said)
    policy = office.policy
    decision = decide(change, card.authority, policy, proven=proven)
    if decision.action is not Action.SEND:
        return None
    if silencing(known, change, decision, card.authority, office.clock.now()) is not None:
        return None
    origin = Origin(change, 0, one.advisory_id, one.as_of)
    draft = draft_from(origin, decision, card, office.settings.channels, policy.digest)
    key = f"{BASELINE}/{said.source}/{said.native_id}"
    return replace(draft, change_id=None, rule=BASELINE, origin_key=key)


def _keep(office: Office, draft: AlertDraft, card: Card, acting: Acting) -> int:
    """Write the alert of one notice as released, with nobody to tell; 0 if it is there already, or its time is over."""
    said = draft.as_of if card.shape is Shape.STATE else draft.issued_at or draft.as_of
    until = said + alert_store.IN_FORCE
    if until <= acting.now or draft.origin_key is None:
        return 0
    with writing(office.engine) as connection:
        if alert_store.by_origin(connection, draft.origin_key) is not None:
            return 0
        actor = acting.actor.name
        alert_id = alert_store.insert_alert(connection, draft, actor=actor, now=acting.now)
        alert_store.limit_force(connection, alert_id, until)
        day = day_of(draft.as_of, acting.office.zone).date
        version_id = alert_store.insert_version(connection, alert_id, draft, actor=actor, now=acting.now, day=day)
        alert_store.set_places(connection, version_id, draft)
        values = {"approved_at": acting.now, "approved_by": f"policy/{BASELINE}", "released_at": acting.now,
                  "released_by": actor, "send_by": acting.now}  # fmt: skip
        alert_store.move(connection, version_id, [AlertStatus.DRAFT], AlertStatus.DONE, **values)
        newest = changed.newest_change(connection)
        look = LaterLook(alert_id=alert_id, day=day, settled=newest, seen=newest, seen_at=acting.now)
        store.save_look(connection, look)
        alerts.note(connection, acting, "alert.baseline", version_id)
    return 1


def untold(connection: Connection, alert_id: int) -> tuple[int, ...]:
    """Return the versions of an alert that stood at first sight, if nobody at all was told of it; else none."""
    if store.told_anybody(connection, alert_id):
        return ()
    return alert_store.by_rule(connection, alert_id, BASELINE)


def close_untold(connection: Connection, change: AdvisoryChange, alert_id: int, now: datetime) -> bool:
    """End the force of an alert of which nobody was told, where a change ends it or takes it below level 3; tell if it did."""
    level = change.advisory.level
    over = change.kind in ENDED or not (isinstance(level, int) and level >= LOWEST)
    if not over or not untold(connection, alert_id):
        return False
    alert_store.close_alert(connection, alert_id, now)
    return True
