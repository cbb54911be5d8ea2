"""SQL of the ladder: the next way to people whom nothing has reached, one repeatable INSERT … SELECT.

The key of a notice (version, channel, address) makes it safe to run twice, and from two processes: both find the same next way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, literal, or_, select, true, update

from notify.channels.base import FINAL
from notify.store.alerts import VERSIONS
from notify.store.deliveries import IS_READY
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS, insert_grouped, link
from notify.store.rules import is_muted
from notify.store.ways import Plan, refused, ways
from notify.tables import AlertStatus, AlertVersion, DeliveryState

ARRIVED = frozenset({"delivered", "read"})
NOT_ARRIVED = FINAL - ARRIVED
TOLD = "told"
ROUNDS_FROM = 90
"""`Delivery.step` of a notice to somebody who was told and has not answered: it is no step of a ladder, and is not called off."""
GOING_ON = (DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)


@dataclass(frozen=True)
class Patience:
    """What counts as hope.

    Attributes:
        since: a notice that is on its way since before this moment, and not confirmed, is none; None: it is, however long.
        going: channels over which something goes out now.
    """

    since: datetime | None
    going: Collection[str]


def in_force(connection: Connection, now: datetime, alert_id: int | None = None) -> list[AlertVersion]:
    """Return the versions of which something may still go out: released, valid, neither cancelled nor paused."""
    v = VERSIONS.c
    query = select(VERSIONS).where(_may_go(now))
    if alert_id is not None:
        query = query.where(v.alert_id == alert_id)
    return [AlertVersion(**row) for row in connection.execute(query.order_by(v.id)).mappings()]


def still_in_force(connection: Connection, version_id: int, now: datetime) -> bool:
    """Tell whether something of a version may still go out, and keep it so until the transaction ends.

    Two senders make the next steps of one version one after the other: the second one sees what the first has made.
    """
    query = select(VERSIONS.c.id).where(VERSIONS.c.id == version_id, _may_go(now))
    return connection.execute(query.with_for_update(key_share=True)).first() is not None


def _may_go(now: datetime) -> ColumnElement[bool]:
    v = VERSIONS.c
    sent = v.status.in_([AlertStatus.SENDING, AlertStatus.DONE])
    return and_(sent, v.send_by > now, v.paused_at.is_(None))


def spare_told(connection: Connection, now: datetime) -> int:
    """Call off what was put off, or is a later step, where everybody behind it has a notice that arrived. Returns how many.

    Nobody gets at midnight, when a budget opens again, what they have read since. Alerts that use every channel go out whole.
    """
    d, arrived = DELIVERIES.c, DELIVERIES.alias("arrived")
    mine, theirs = LINKS.alias("mine"), LINKS.alias("theirs")
    told = exists(
        select(literal(1))
        .select_from(theirs.join(arrived, arrived.c.id == theirs.c.delivery_id))
        .where(theirs.c.recipient_id == mine.c.recipient_id, arrived.c.provider_status.in_(sorted(ARRIVED)))
    )
    behind = mine.c.delivery_id == d.id
    query = update(DELIVERIES).where(
        IS_READY, or_(d.step > 1, d.reason != ""), d.step < ROUNDS_FROM,
        d.version_id.in_(select(VERSIONS.c.id).where(VERSIONS.c.every_channel.is_(False))),
        exists().where(behind), ~exists().where(behind, ~told),
    )  # fmt: skip
    return connection.execute(query.values(state=DeliveryState.CANCELED, reason=TOLD, updated_at=now)).rowcount


def is_hopeful(patience: Patience) -> ColumnElement[bool]:
    """Tell whether a notice arrived, or may still: what waits for the morning may, what its provider could not deliver may not.

    What a rule left out needs no further step either: it would be told over the next channel after all.
    """
    d = DELIVERIES.c
    stopped = or_(
        d.reason == "channel-stopped", d.reason.startswith("country-stopped:"), d.channel.not_in(patience.going)
    )
    given_up = or_(
        and_(d.state == DeliveryState.READY, stopped),
        and_(d.state == DeliveryState.ACCEPTED, d.provider_status.in_(sorted(NOT_ARRIVED))),
    )
    fresh = true() if patience.since is None else _begins() > literal(patience.since, d.created_at.type)
    arrived, waits = d.provider_status.in_(sorted(ARRIVED)), d.state == DeliveryState.PLANNED
    muted = and_(d.state == DeliveryState.SUPPRESSED, is_muted(d.reason))
    return or_(arrived, waits, muted, and_(d.state.in_(GOING_ON), ~given_up, fresh))


def _begins() -> ColumnElement[datetime]:
    """Return since when somebody waits for it: when its provider took it; before that, when it was planned for."""
    d = DELIVERIES.c
    made = func.coalesce(d.created_at, d.updated_at)
    return func.coalesce(d.accepted_at, case((d.not_before > made, d.not_before), else_=made))


def next_ways(plan: Plan, addresses: Select[Any], patience: Patience) -> Select[Any]:
    """Return the ways that nothing of this version has used yet, to people without hope, ranked; with the `step` they are."""
    way = ways(plan, addresses).subquery().c
    turn = func.row_number().over(
        partition_by=way.recipient_id, order_by=(way.route, way.preference, way.unverified, way.address_id.desc())
    )
    used = exists().where(
        DELIVERIES.c.version_id == plan.version_id, DELIVERIES.c.channel == way.channel,
        DELIVERIES.c.address_index == way.value_index,
    )  # fmt: skip
    taken = LINKS.join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
    # Looked up row by row on purpose: as a join, PostgreSQL without fresh statistics reads the whole table for each person.
    step_of = select(DELIVERIES.c.step).where(DELIVERIES.c.id == LINKS.c.delivery_id).correlate(LINKS).scalar_subquery()
    before = select(func.coalesce(func.max(step_of), 0)).where(LINKS.c.recipient_id == way.recipient_id)
    hope = exists(
        select(literal(1)).select_from(taken).where(LINKS.c.recipient_id == RECIPIENTS.c.id, is_hopeful(patience))
    )
    stuck = select(RECIPIENTS.c.id).where(RECIPIENTS.c.version_id == plan.version_id, ~hope)
    query = select(*way, turn.label("turn"), (before.scalar_subquery() + 1).label("step"))
    query = query.where(way.recipient_id.in_(stuck), ~used)
    return query.where(refused(way.ground) == 0) if plan.may_refuse else query


def anybody_stuck(connection: Connection, plan: Plan, addresses: Select[Any], patience: Patience) -> bool:
    """Tell whether there is a next way for anybody."""
    return connection.execute(next_ways(plan, addresses, patience).limit(1)).first() is not None


def climb(connection: Connection, plan: Plan, addresses: Select[Any], patience: Patience) -> int:
    """Make the next notice for everybody whom nothing has reached: the best way that is left, or all where the alert uses every
    channel. Repeatable. Returns how many notices are new; a version that was done is being sent again then.
    """
    if not plan.routes:
        return 0
    at = next_ways(plan, addresses, patience).subquery()
    chosen = select(at).where(true() if plan.every_channel else at.c.turn == 1).subquery()
    made = insert_grouped(connection, plan, chosen, func.max(chosen.c.step))
    if made:
        link(connection, plan, ways(plan, addresses).subquery(), since=plan.now)
        again = update(VERSIONS).where(VERSIONS.c.id == plan.version_id, VERSIONS.c.status == AlertStatus.DONE)
        connection.execute(again.values(status=AlertStatus.SENDING))
    return made
