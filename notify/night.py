"""The work of a night, step by step in plain Python: read each source, act on the changes, send, prove, tell.

Every step can be run again at any time: changes wait in the database until the very transaction that acts on them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog
from sqlalchemy import Connection

from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify import alerts, engine
from notify.decide import Decision, decide
from notify.drafting import Origin, draft_from
from notify.duty.drafts import page_draft
from notify.engine import Sent
from notify.joining import Join, is_doubtful_end, join
from notify.later.baseline import close_untold, keep_baseline, untold
from notify.office import Office
from notify.policy import Action
from notify.rules.silences import silencing
from notify.store import alerts as alert_store
from notify.store import restoring, silences
from notify.store.alerts import instance
from registry.actors import SYSTEM
from sources import store as source_store
from sources.catalog import is_on
from sources.model import Authority, Card
from sources.read import SourceReport, SourceStatus, read_source
from sources.store import StoredChange

log = structlog.get_logger(__name__)


class NightStatus(StrEnum):
    """How a night ended. Green means: every source read, every alert accounted for."""

    COMPLETED = "Completed"
    PARTIAL = "Partial"
    FAILED = "Failed"


@dataclass(frozen=True)
class Decided:
    """What was made of one change."""

    change: StoredChange
    decision: Decision
    version_id: int | None
    notices: int


def choose_sources(office: Office, wanted: Sequence[str] = (), authorities: Sequence[Authority] = ()) -> list[Card]:
    """Return the cards of the sources to read: the wanted ones, or all that are switched on.

    Raises:
        WrongUse: a wanted source does not exist.
    """
    known = office.sources
    for name in wanted:
        if name not in known:
            raise WrongUse(t("There is no source {name}. Known: {known}.", name=name, known=", ".join(sorted(known))))
    cards = [one.CARD for one in known.values()]
    if wanted:
        return [card for card in cards if card.id in wanted]
    on = [card for card in cards if is_on(card, office.settings)]
    return [card for card in on if not authorities or card.authority in authorities]


def read_one(office: Office, source: str, as_of: datetime, captures: Path | None, *, dry_run: bool) -> SourceReport:
    """Read one source for the night."""
    with office.desk(as_of, captures) as desk:
        return read_source(office.sources[source], desk, as_of, dry_run=dry_run)


def act_on_changes(office: Office) -> list[Decided]:
    """Decide every change that waits, oldest first; open and release what the policy sends by itself.

    One change that fails does not keep the others from going out: it stays undecided, is logged here, and is a gap of the run.
    """
    with reading(office.engine) as connection:
        if instance(connection).unclaimed:
            return []  # it waits undecided for whoever says that this copy is the live one
        waiting = source_store.undecided(connection)
    with ThreadPoolExecutor(max_workers=1) as one_by_one:
        first = one_by_one.submit(keep_baseline, office)
        acts = [one_by_one.submit(_act, office, change) for change in waiting]
    if (fault := first.exception()) is not None:
        if not isinstance(fault, Exception):
            raise fault
        log.error("what stands at first sight was not kept", exc_info=fault)
    for change, act in zip(waiting, acts, strict=True):
        if (fault := act.exception()) is not None:
            if not isinstance(fault, Exception):
                raise fault  # the process is asked to end: no fault of a change
            log.error("change failed", change=change.id, source=change.change.source, exc_info=fault)
    return [done for act in acts if act.exception() is None and (done := act.result()) is not None]


def _act(office: Office, stored: StoredChange) -> Decided | None:
    """Act on one change in one transaction: alert, notices and "decided" stand together or not at all."""
    card = office.sources[stored.change.source].CARD
    with writing(office.engine) as connection:
        now, proven = office.clock.now(), source_store.is_proven(connection, card)
        decision = decide(stored.change, card.authority, office.policy, as_of=stored.as_of, proven=proven)
        if restoring.perhaps_told(connection, stored.change.source, stored.as_of):
            decision = decision.held_back()
        known = silences.every(connection)
        quiet = silencing(known, stored.change, decision, card.authority, stored.as_of)
        found = join(connection, stored, decision, {name: one.CARD.authority for name, one in office.sources.items()})
        if quiet is not None and not found.outcome:
            found = Join(f"{silences.SILENCED}{quiet.id}")
        if found.beside:
            decision = replace(decision, action=Action.DRAFT)
        outcome = found.outcome or decision.action
        if not source_store.mark_decided(connection, stored.id, outcome=outcome, actor="policy", now=now):
            return None
        version_id, notices = (None, 0) if found.outcome else _open(connection, office, stored, decision, found)
    return Decided(stored, decision, version_id, notices)


def _open(
    connection: Connection, office: Office, stored: StoredChange, decision: Decision, found: Join
) -> tuple[int | None, int]:
    change, card = stored.change, office.sources[stored.change.source].CARD
    told = found.follows or alert_store.told_of(connection, change.source, change.native_id)
    if decision.action not in {Action.SEND, Action.DRAFT, Action.FOLLOW_UP}:
        return None, 0
    if decision.action is Action.FOLLOW_UP and (
        told is None or close_untold(connection, change, told, office.clock.now())
    ):
        return None, 0  # Nobody was told, so there is nobody to follow up with.
    first = told is not None and decision.action is Action.SEND and not found.replaces
    replaces = untold(connection, told) if told is not None and first else found.replaces
    origin = Origin(change, stored.id, stored.after_id or stored.before_id, stored.as_of, told, replaces)
    policy, acting = office.policy, office.acting(SYSTEM)
    draft = draft_from(
        origin, decision, card, office.settings.channels, policy.digest, broken_by=policy.quiet.broken_by
    )  # fmt: skip
    for replaced in replaces:
        alerts.cancel(connection, replaced, acting)
    version_id = alerts.open_alert(connection, draft, acting)
    calls = decision.waits or (decision.action is Action.DRAFT and (decision.route.page or found.beside))
    if version_id is not None and calls:
        alert_id, name = alert_store.version(connection, version_id).alert_id, decision.route.name
        page_draft(connection, alert_id, name, acting.now, told_by=found.beside, restored=decision.waits)
    waits = decision.action is Action.FOLLOW_UP and told is not None and is_doubtful_end(connection, change, told)
    if version_id is None or decision.action is Action.DRAFT or waits or decision.waits:
        return version_id, 0
    return version_id, alerts.release_by_rule(connection, version_id, acting)


def send_due(
    office: Office, as_of: datetime, within: timedelta, progress: Callable[[Sent], None] | None = None
) -> Sent:
    """Send what is due for the night, and settle doubts, until nothing more can be done now or `within` is over."""
    return asyncio.run(engine.run(office.tools(), moment=as_of, within=within, progress=progress))


def status_of(reports: Sequence[SourceReport], open_gaps: int) -> NightStatus:
    """Say how the night ended: `Failed` if no source was read, `Partial` if any was not or something is unaccounted for."""
    good = sum(report.status is SourceStatus.READ for report in reports)
    if reports and good == 0:
        return NightStatus.FAILED
    if good < len(reports) or open_gaps or any(report.unread for report in reports):
        return NightStatus.PARTIAL
    return NightStatus.COMPLETED
