"""SQL of deliveries on their way: claims with leases, outcomes, doubts and receipts. One path for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from notify.channels.base import FINAL, rank
from notify.tables import (
    Alert,
    AlertText,
    AlertVersion,
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryState,
    Receipt,
)

DELIVERIES, ATTEMPTS, OUTCOMES, RECEIPTS = table(Delivery), table(Attempt), table(AttemptOutcome), table(Receipt)
TEXTS, VERSIONS, ALERTS = table(AlertText), table(AlertVersion), table(Alert)
OPEN_STATES = (DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN)


@dataclass(frozen=True)
class Claimed:
    """A delivery in this worker's hands: nobody else may touch it while the lease token is ours."""

    id: int
    version_id: int
    text_id: int
    channel: str
    address_id: int
    lease_token: int
    attempts: int


@dataclass(frozen=True)
class VersionFacts:
    """What sending needs to know of a version."""

    alert_id: int
    level: int | None
    send_by: datetime | None
    mode: str
    instance_uid: str


@dataclass(frozen=True)
class Lease:
    """Who claims, until when, and how many at most."""

    owner: str
    now: datetime
    until: datetime
    limit: int


def claim(connection: Connection, lease: Lease, channels: Sequence[str], alert_id: int | None = None) -> list[Claimed]:
    """Take up to `limit` ready deliveries that are due, most urgent first. Two workers never get the same one."""
    d = DELIVERIES.c
    ready = select(d.id).where(
        d.state == DeliveryState.READY, or_(d.due.is_(None), d.due <= lease.now), d.channel.in_(list(channels))
    )
    if alert_id is not None:
        ready = ready.where(d.version_id.in_(select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id)))
    ready = ready.order_by(d.priority, d.id).limit(lease.limit)
    if connection.dialect.name == "postgresql":
        ready = ready.with_for_update(skip_locked=True)
    taken = (
        update(DELIVERIES)
        .where(d.id.in_(ready))
        .values(
            state=DeliveryState.SENDING, reason="", lease_owner=lease.owner, lease_token=d.lease_token + 1,
            lease_until=lease.until, attempts=d.attempts + 1, updated_at=lease.now,
        )
        .returning(d.id, d.version_id, d.text_id, d.channel, d.address_id, d.lease_token, d.attempts)
    )  # fmt: skip
    return sorted((Claimed(*row) for row in connection.execute(taken)), key=lambda one: one.id)


def insert_attempts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Write attempts; return their numbers by delivery. Durable before any provider is called."""
    if not rows:
        return {}
    made = connection.execute(insert(ATTEMPTS).returning(ATTEMPTS.c.delivery_id, ATTEMPTS.c.id), list(rows))
    return {row.delivery_id: row.id for row in made}


def insert_outcomes(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what came of attempts."""
    if rows:
        connection.execute(insert(OUTCOMES), list(rows))


def settle(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Move deliveries from `sending` as their results say, each only under the lease it was claimed with.

    Keys of a row: `b_id`, `b_token`, and the new values of `state`, `reason`, `due`, `error_code`, `updated_at`.
    """
    if rows:
        connection.execute(
            update(DELIVERIES).where(_held()).values(_bound("state", "reason", "due", "error_code", "updated_at")),
            list(rows),
        )


def accept(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Mark deliveries as taken by the provider, with its id; its first status counts unless a receipt knows more already.

    A worker that was paused past its lease and comes back with an acceptance still lands here: the row is `unknown` by then
    and is adopted. If it was given to another worker meanwhile, only the outcome row tells of it.
    """
    if not rows:
        return
    d = DELIVERIES.c
    newer = d.provider_rank < bindparam("b_rank")
    values = _bound("provider", "provider_id", "updated_at") | {
        "state": DeliveryState.ACCEPTED, "reason": "", "due": None, "accepted_at": bindparam("updated_at"),
        "provider_status": case((newer, bindparam("b_status")), else_=d.provider_status),
        "provider_rank": case((newer, bindparam("b_rank")), else_=d.provider_rank),
    }  # fmt: skip
    connection.execute(update(DELIVERIES).where(_held()).values(values), list(rows))


def _held() -> ColumnElement[bool]:
    d = DELIVERIES.c
    mine = and_(d.id == bindparam("b_id"), d.lease_token == bindparam("b_token"))
    # No IN list: it cannot be used with many parameter sets at once.
    return and_(mine, or_(d.state == DeliveryState.SENDING, d.state == DeliveryState.UNKNOWN))


def _bound(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def lose_leases(connection: Connection, now: datetime) -> int:
    """Put into doubt what a worker took and never gave back. Time alone never makes it ready again."""
    d = DELIVERIES.c
    query = update(DELIVERIES).where(d.state == DeliveryState.SENDING, d.lease_until < now)
    lost = connection.execute(
        query.values(state=DeliveryState.UNKNOWN, reason="lease", due=d.lease_until, updated_at=now)
    )
    adopt_spoken_for(connection, now)
    return lost.rowcount


def adopt_spoken_for(connection: Connection, now: datetime) -> None:
    """End the doubt about deliveries that the provider has already sent a receipt for."""
    d = DELIVERIES.c
    query = update(DELIVERIES).where(d.state == DeliveryState.UNKNOWN, d.provider_id.is_not(None))
    connection.execute(query.values(state=DeliveryState.ACCEPTED, reason="", due=None, accepted_at=now, updated_at=now))


def doubtful(connection: Connection, before: datetime, limit: int) -> list[Claimed]:
    """Return deliveries in doubt whose grace is over (they fell into doubt before `before`)."""
    d = DELIVERIES.c
    query = (
        select(d.id, d.version_id, d.text_id, d.channel, d.address_id, d.lease_token, d.attempts)
        .where(d.state == DeliveryState.UNKNOWN, or_(d.due.is_(None), d.due <= before))
        .order_by(d.priority, d.id)
        .limit(limit)
    )
    return [Claimed(*row) for row in connection.execute(query)]


def first_attempts(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when each delivery was first attempted."""
    query = select(ATTEMPTS.c.delivery_id, func.min(ATTEMPTS.c.started_at)).where(
        ATTEMPTS.c.delivery_id.in_(delivery_ids)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(ATTEMPTS.c.delivery_id))}


def last_attempts(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, int]:
    """Return the newest attempt of each delivery."""
    query = select(ATTEMPTS.c.delivery_id, func.max(ATTEMPTS.c.id)).where(ATTEMPTS.c.delivery_id.in_(delivery_ids))
    return {row[0]: row[1] for row in connection.execute(query.group_by(ATTEMPTS.c.delivery_id))}


def text_rows(connection: Connection, text_ids: Sequence[int]) -> dict[int, AlertText]:
    """Return texts by number."""
    query = select(TEXTS).where(TEXTS.c.id.in_(text_ids))
    return {row["id"]: AlertText(**row) for row in connection.execute(query).mappings()}


def version_facts(connection: Connection, version_ids: Sequence[int]) -> dict[int, VersionFacts]:
    """Return what sending needs to know of versions, by number."""
    query = (
        select(VERSIONS.c.id, ALERTS.c.id, VERSIONS.c.level, VERSIONS.c.send_by, ALERTS.c.mode, ALERTS.c.instance_uid)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .where(VERSIONS.c.id.in_(version_ids))
    )
    return {row[0]: VersionFacts(*row[1:]) for row in connection.execute(query)}


def due_counts(connection: Connection, alert_id: int | None = None) -> dict[str, int]:
    """Count deliveries by state, of one alert or of all."""
    query = select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state)
    if alert_id is not None:
        query = query.where(DELIVERIES.c.version_id.in_(select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id)))
    return {row[0]: row[1] for row in connection.execute(query)}


def next_due(connection: Connection, alert_id: int | None, grace: timedelta) -> datetime | None:
    """Return when the next delivery that a machine can move is due; a moment in the past means now. None: nothing is left.

    Rows that wait for an hour of the night (`planned`) or for a person (`unresolved`) do not count.
    """
    d = DELIVERIES.c
    query = select(d.state, func.min(func.coalesce(d.due, d.lease_until, d.updated_at)), func.min(d.lease_until))
    query = query.where(d.state.in_([DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN])).group_by(
        d.state
    )
    if alert_id is not None:
        query = query.where(d.version_id.in_(select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id)))
    moments = []
    for state, due, lease in connection.execute(query):
        if state == DeliveryState.READY:
            moments.append(due)
        else:  # A lease that runs out is in doubt first, and only then the grace begins.
            moments.append((lease if state == DeliveryState.SENDING else due) + grace)
    return min(moments, default=None)


def unfinished_versions() -> Select[Any]:
    """Return the query of versions that still have deliveries on their way."""
    return select(DELIVERIES.c.version_id).where(DELIVERIES.c.state.in_(OPEN_STATES)).distinct()


def unconfirmed(connection: Connection, accepted_before: datetime, limit: int) -> list[tuple[int, str, str]]:
    """Return deliveries that a provider took and never reported the end of: number, channel, provider's id."""
    d = DELIVERIES.c
    query = (
        select(d.id, d.channel, d.provider_id)
        .where(
            d.state == DeliveryState.ACCEPTED,
            d.provider_status.not_in(FINAL),
            d.accepted_at <= accepted_before,
            pollable(),
        )
        .order_by(d.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def pollable() -> ColumnElement[bool]:
    """What a provider can be asked about: SMTP has nothing to ask."""
    return and_(DELIVERIES.c.provider_id.is_not(None), DELIVERIES.c.provider != "smtp")


def insert_receipt(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a receipt as it came; False if the very same one was kept before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return connection.execute(dialect.insert(RECEIPTS).values(dict(row)).on_conflict_do_nothing()).rowcount == 1


def raise_status(connection: Connection, receipt: Mapping[str, Any], now: datetime) -> None:
    """Let a receipt raise the provider's status of its delivery. Lower or equal ones change nothing, so order is no matter."""
    d = DELIVERIES.c
    status = str(receipt["status"])
    higher = update(DELIVERIES).where(d.id == receipt["delivery_id"], d.provider_rank < rank(status))
    connection.execute(
        higher.values(
            provider_rank=rank(status), provider_status=status, error_code=receipt["error_code"], updated_at=now
        )
    )
    # The provider speaks of it, so it has it: a doubt is over, and an id we never got is filled in.
    adopted = update(DELIVERIES).where(
        d.id == receipt["delivery_id"], d.state.in_([DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED])
    )
    connection.execute(adopted.values(state=DeliveryState.ACCEPTED, reason="", accepted_at=now, updated_at=now))
    named = update(DELIVERIES).where(d.id == receipt["delivery_id"], d.provider_id.is_(None))
    connection.execute(named.values(provider_id=receipt["provider_id"], provider=receipt["provider"]))


def delivery(connection: Connection, delivery_id: int) -> Delivery | None:
    """Return one delivery."""
    row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == delivery_id)).mappings().first()
    return Delivery(**row) if row else None


def mark_doubtful(connection: Connection, delivery_id: int) -> None:
    """Mark a delivery that is sent again although the first one may have arrived."""
    connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery_id).values(doubtful=True))
