"""SQL of the fan-out: from an alert version to its planned notices, inside the database, in the alert's own transaction.

Every statement is an INSERT … SELECT that leaves alone what is already there, so that planning twice plans once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Table,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core.database import in_bulk
from core.tables import table
from notify.model import LATER
from notify.store import alerts
from notify.store.merging import take_apart
from notify.store.modes import not_held
from notify.store.ways import Plan, grouped, ranked, refused, worked_out
from notify.tables import AlertText, AlertVersion, Delivery, DeliveryState, Recipient, RecipientDelivery

RECIPIENTS, DELIVERIES, LINKS, TEXTS = table(Recipient), table(Delivery), table(RecipientDelivery), table(AlertText)
VERSIONS = table(AlertVersion)
SUPERSEDED = "superseded"
MANY = 50_000
"""People from which it is quicker to read the whole register's addresses than to look up each one's (a million in it)."""
UNRESOLVED_FOR = ("attempts", "no-lookup", "no-address")
"""Why the reconciler leaves a doubt to a person; an officer who then cancels it does not know more."""


def insert_recipients(connection: Connection, plan: Plan, people: Select[Any]) -> int:
    """Write down the people of a version: one row a person, with the rule that matched. Returns how many are new."""
    who = people.subquery()
    chosen = select(
        literal(plan.version_id), who.c.registrant_id, who.c.posting_id, who.c.employer_id, who.c.country,
        _told_in(connection, plan, who.c.language), who.c.zone, who.c.planned == 1,
        who.c.doubtful == 1, literal(plan.rule),
    ).where(true())  # fmt: skip
    columns = [
        "version_id", "registrant_id", "posting_id", "employer_id", "country", "language", "zone", "planned", "doubtful",
        "rule",
    ]  # fmt: skip
    return _insert_new(connection, RECIPIENTS, columns, chosen, alone=_is_first(connection, RECIPIENTS, plan))


def _told_in(connection: Connection, plan: Plan, chosen: ColumnElement[str]) -> ColumnElement[str]:
    """Return in which language somebody is told: the one they chose, if the version has texts in it. Whoever chose another did
    not choose Chinese, and is told in English; whoever chose none, in Chinese.
    """
    written = alerts.languages_written(connection, plan.version_id, newcomers=plan.rule == LATER)
    theirs = sorted({"en", *written} - {"zh"})
    chinese = or_(chosen == "", chosen.like("zh%"))
    return case((chosen.in_(theirs), chosen), (chinese, "zh"), else_="en")


def told_before(version_ids: Sequence[int], *, superseded_in: Sequence[str] = ()) -> Select[Any]:
    """Return the people who were told by earlier versions: a notice that follows goes to exactly those.

    A person counts as told if a notice for them left, or may have left.

    Args:
        superseded_in: countries; also those people in them for whom a notice was about to leave when a later version took its
            place. Elsewhere it does not concern them any more, and they have heard nothing that must be put right.
    """
    left = may_have_left()
    if superseded_in:
        waited = and_(DELIVERIES.c.reason == SUPERSEDED, RECIPIENTS.c.country.in_(list(superseded_in)))
        left = or_(left, waited)
    newest = func.row_number().over(partition_by=RECIPIENTS.c.registrant_id, order_by=RECIPIENTS.c.version_id.desc())
    rows = (
        select(
            RECIPIENTS.c.registrant_id, RECIPIENTS.c.posting_id, RECIPIENTS.c.employer_id, RECIPIENTS.c.country,
            RECIPIENTS.c.language, RECIPIENTS.c.zone, case((RECIPIENTS.c.planned, 1), else_=0).label("planned"),
            case((RECIPIENTS.c.doubtful, 1), else_=0).label("doubtful"),
            newest.label("turn"),
        )
        .join(LINKS, LINKS.c.recipient_id == RECIPIENTS.c.id)
        .join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
        .where(RECIPIENTS.c.version_id.in_(version_ids), left)
        .subquery()
    )  # fmt: skip
    return select(*[c for c in rows.c if c.name != "turn"]).where(rows.c.turn == 1)


def may_have_left() -> ColumnElement[bool]:
    """Tell whether a notice left, or may have: what is in doubt counts."""
    states = [DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED, DeliveryState.SENDING]
    return or_(DELIVERIES.c.state.in_(states), _may_have_arrived())


def _may_have_arrived() -> ColumnElement[bool]:
    """Tell whether a notice at another end may be with its reader: its provider spoke of it, it was being sent again in doubt,
    or it was cancelled while nobody knew."""
    d = DELIVERIES.c
    unknown = and_(d.state == DeliveryState.CANCELED, d.reason.in_(UNRESOLVED_FOR))
    return or_(d.provider_rank > 0, d.doubtful, unknown)


def zones(connection: Connection, version_id: int) -> list[str]:
    """Return the zones in which the people of a version are."""
    return list(
        connection.execute(select(RECIPIENTS.c.zone).where(RECIPIENTS.c.version_id == version_id).distinct()).scalars()
    )


def insert_deliveries(connection: Connection, plan: Plan, addresses: Select[Any]) -> int:
    """Make one notice per channel and address of the version's people; returns how many are new.

    Without `every_channel` each person gets one: the preferred channel that may be used, and on it the preferred address.
    Who may not be written to over any gets one that is suppressed, with the reason.
    """
    if not plan.routes:
        return 0
    with _by_size(connection, plan), worked_out(connection, plan, addresses) as found:
        chosen: FromClause = found
        if not plan.every_channel:
            at = ranked(plan, found).subquery()
            chosen = select(at).where(at.c.turn == 1).subquery()
        alone = not plan.may_refuse and _is_first(connection, DELIVERIES, plan)
        made = insert_grouped(connection, plan, chosen, literal(1), alone=alone)
        link(connection, plan, found, alone=alone)
    return made


def insert_grouped(
    connection: Connection, plan: Plan, chosen: FromClause, step: ColumnElement[int], *, alone: bool = False
) -> int:
    """Make one notice per channel and address of the chosen ways; returns how many are new.

    Args:
        chosen: ways of `store.ways.ranked`; `step` is computed over those that end at one address.
        alone: the version has no notices yet, and none of these is in the way of another.
    """
    found = grouped(plan, chosen, step).subquery()
    lacking = found.c.refused == 1
    rows = (
        select(
            literal(plan.version_id), TEXTS.c.id, found.c.channel, found.c.address_id, found.c.value_index,
            found.c.people, found.c.country, found.c.step, literal(plan.priority), _state(lacking, found.c.not_before),
            _reason(lacking, found), case((lacking, null()), else_=found.c.not_before),
            case((lacking, ""), else_=found.c.ground), literal(plan.now, DELIVERIES.c.updated_at.type),
            literal(plan.now, DELIVERIES.c.created_at.type), literal(0), literal(0), literal(False), literal(""),
            literal(""), literal(0), literal(""),
        )
        .join(TEXTS, and_(
            TEXTS.c.version_id == plan.version_id, TEXTS.c.channel == found.c.channel,
            TEXTS.c.language == found.c.language, TEXTS.c.variant == found.c.variant,
        ))
        .where(true())
    )  # fmt: skip
    if plan.may_refuse:
        rows = rows.order_by(found.c.refused)  # of one address: for those who may be told, before those who may not
    columns = [
        "version_id", "text_id", "channel", "address_id", "address_index", "people", "country", "step",
        "priority", "state", "reason", "not_before", "transfer_ground", "updated_at", "created_at", "lease_token", "attempts",
        "doubtful", "provider", "provider_status", "provider_rank", "error_code",
    ]  # fmt: skip
    return _insert_new(connection, DELIVERIES, columns, rows, alone=alone)


def _state(lacking: ColumnElement[bool], not_before: ColumnElement[datetime]) -> ColumnElement[str]:
    states = (lacking, DeliveryState.SUPPRESSED.value), (not_before.is_(null()), DeliveryState.READY.value)
    return case(*states, else_=DeliveryState.PLANNED.value)


def _reason(lacking: ColumnElement[bool], found: Subquery) -> ColumnElement[str]:
    return case((lacking, found.c.ground), (found.c.not_before.is_(null()), ""), else_="quiet")


def link(
    connection: Connection, plan: Plan, found: FromClause, *, since: datetime | None = None, alone: bool = False
) -> None:
    """Point each person's record to every notice that reaches them, or that was suppressed because it may not.

    Who lacks a ground is not told by a notice that goes to the same number for somebody else, and has no record of it.

    Args:
        found: every way to them.
        since: only to notices that were made at this moment or later.
        alone: nobody of the version has a record of any notice yet.
    """
    alike = and_(
        DELIVERIES.c.version_id == plan.version_id, DELIVERIES.c.channel == found.c.channel,
        DELIVERIES.c.address_index == found.c.value_index,
    )  # fmt: skip
    rows = select(found.c.recipient_id, DELIVERIES.c.id).join(DELIVERIES, alike).where(true())
    if since is not None:
        rows = rows.where(DELIVERIES.c.created_at >= since)
    if plan.may_refuse:
        rows = rows.where(refused(found.c.ground) == refused(DELIVERIES.c.reason))
    _insert_new(connection, LINKS, ["recipient_id", "delivery_id"], rows, alone=alone)


def _by_size(connection: Connection, plan: Plan) -> contextlib.AbstractContextManager[None]:
    query = select(func.count()).select_from(RECIPIENTS).where(RECIPIENTS.c.version_id == plan.version_id)
    return in_bulk(connection) if connection.execute(query).scalar_one() > MANY else contextlib.nullcontext()


def _is_first(connection: Connection, target: Table, plan: Plan) -> bool:
    """Tell whether there is nothing of a version in a table yet."""
    query = select(literal(1)).select_from(target).where(target.c.version_id == plan.version_id)
    return connection.execute(query.limit(1)).first() is None


def _insert_new(
    connection: Connection, target: Table, columns: Sequence[str], rows: Select[Any], *, alone: bool
) -> int:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    plain = dialect.insert(target).from_select(list(columns), rows, include_defaults=False)
    # Without the option SQLAlchemy answers -1 for an INSERT on PostgreSQL.
    careful = plain.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if alone:
        # PostgreSQL takes half as long again to look for what may be in the way, row by row: only if something is.
        with contextlib.suppress(IntegrityError), connection.begin_nested():
            return connection.execute(plain.execution_options(preserve_rowcount=True)).rowcount
    return connection.execute(careful).rowcount


def cancel_unsent(connection: Connection, version_id: int, now: datetime) -> int:
    """Cancel what has not left yet; what is in a provider's hands stays. Returns how many."""
    take_apart(connection, [version_id], now)
    open_ones = [DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.UNRESOLVED]
    query = DELIVERIES.update().where(DELIVERIES.c.version_id == version_id, DELIVERIES.c.state.in_(open_ones))
    return connection.execute(query.values(state=DeliveryState.CANCELED, updated_at=now)).rowcount


def supersede(connection: Connection, version_ids: Sequence[int], now: datetime) -> int:
    """Take back what earlier versions have not sent yet: a later one takes their place. Returns how many."""
    take_apart(connection, version_ids, now)
    waiting = [DeliveryState.PLANNED, DeliveryState.READY]
    query = DELIVERIES.update().where(DELIVERIES.c.version_id.in_(version_ids), DELIVERIES.c.state.in_(waiting))
    return connection.execute(query.values(state=DeliveryState.CANCELED, reason=SUPERSEDED, updated_at=now)).rowcount


def promote(connection: Connection, moment: datetime, now: datetime) -> int:
    """Make ready what waited for its time: `moment` is on the time line of the night. Returns how many."""
    query = DELIVERIES.update().where(
        DELIVERIES.c.state == DeliveryState.PLANNED,
        or_(DELIVERIES.c.not_before.is_(None), DELIVERIES.c.not_before <= moment),
    )
    return connection.execute(query.values(state=DeliveryState.READY, reason="", updated_at=now)).rowcount


def expire(connection: Connection, now: datetime) -> int:
    """End what was not sent within the validity of its alert. Returns how many.

    What waits for another mode is left: in a copy out of a backup nobody knows yet whether it was sent (see `notify.restoring`).
    """
    over = select(VERSIONS.c.id).where(VERSIONS.c.send_by <= now, not_held(connection))
    query = DELIVERIES.update().where(
        DELIVERIES.c.state.in_([DeliveryState.PLANNED, DeliveryState.READY]), DELIVERIES.c.version_id.in_(over)
    )
    return connection.execute(query.values(state=DeliveryState.EXPIRED, reason="validity", updated_at=now)).rowcount
