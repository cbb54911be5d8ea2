"""SQL of deliveries on their way: claims with leases, outcomes, doubts and receipts. One path for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)

from core.tables import Mode, table
from notify.channels.base import FINAL, UNASKED, Found
from notify.tables import (
    Alert,
    AlertStatus,
    AlertVersion,
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryState,
    Receipt,
)

DELIVERIES, ATTEMPTS, OUTCOMES, RECEIPTS = table(Delivery), table(Attempt), table(AttemptOutcome), table(Receipt)
VERSIONS, ALERTS = table(AlertVersion), table(Alert)
# Written as in the partial indexes: with bound values they would not be used, and every look would read millions of rows.
IS_READY, IS_HELD = text("delivery.state='ready'"), text("delivery.state IN ('sending','unknown')")
POLL_FOR = timedelta(days=1)
"""How long a provider is asked for an end; after that a notice stays “sent, not confirmed” (many countries report none)."""

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
    address_index: bytes = b""
    country: str = ""
    priority: int = 0


CLAIMED = (
    DELIVERIES.c.id, DELIVERIES.c.version_id, DELIVERIES.c.text_id, DELIVERIES.c.channel, DELIVERIES.c.address_id,
    DELIVERIES.c.lease_token, DELIVERIES.c.attempts, DELIVERIES.c.address_index, DELIVERIES.c.country,
    DELIVERIES.c.priority,
)  # fmt: skip


@dataclass(frozen=True)
class Lease:
    """Who claims, until when, and how many at most; `mode`: what this instance may do, what waits for another mode is left alone."""

    owner: str
    now: datetime
    until: datetime
    limit: int
    mode: Mode = Mode.LIVE


def claim(connection: Connection, lease: Lease, channel: str, alert_id: int | None = None) -> list[Claimed]:
    """Take up to `limit` ready deliveries that are due, most urgent first. Two workers never get the same one.

    What has expired, was called off or is paused is left alone: the next sweep ends it, or an officer lets it go on.
    """
    return take(connection, lease, candidates(connection, lease, channel, alert_id, with_country=False))


def candidates(
    connection: Connection, lease: Lease, channel: str, alert_id: int | None, *, with_country: bool = True
) -> Select[Any]:
    """Select what may be claimed now, by number, most urgent first; `with_country` with the country too."""
    d = DELIVERIES.c
    ready = select(d.id, d.country) if with_country else select(d.id)
    ready = ready.where(
        IS_READY, d.channel == channel, or_(d.due.is_(None), d.due <= lease.now), d.version_id.not_in(_idle(lease.now))
    )
    if alert_id is not None:
        ready = ready.where(d.version_id.in_(of_alert(alert_id)))
    if lease.mode is not Mode.LIVE:
        ready = ready.where(d.version_id.not_in(waits_for_mode(lease.mode)))
    ready = ready.order_by(d.priority, d.id).limit(lease.limit)
    return _free(connection, ready)


def of_alert(alert_id: int) -> Select[Any]:
    """Select the versions of an alert, by number."""
    return select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id)


def _idle(now: datetime) -> Select[Any]:
    """Select the versions of which nothing may leave now."""
    v = VERSIONS.c
    return select(v.id).where(or_(v.send_by <= now, v.status == AlertStatus.CANCELED, v.paused_at.is_not(None)))


def waits_for_mode(mode: Mode) -> Select[Any]:
    """Select the versions of which nothing may leave in this mode, but in another one: live ones in a drill. In mode `live`
    there are none: what was written in a sandbox is refused there for good.
    """
    other = ALERTS.c.mode.not_in([mode, Mode.DRILL, *([Mode.SANDBOX] if mode is Mode.LIVE else [])])
    return select(VERSIONS.c.id).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id).where(other)


def take(connection: Connection, lease: Lease, ready: Select[Any] | Sequence[int]) -> list[Claimed]:
    """Put ready deliveries into the hands of a worker, each under a new lease token."""
    d = DELIVERIES.c
    chosen = _once(ready) if isinstance(ready, Select) else ready
    taken = (
        update(DELIVERIES)
        .where(d.id.in_(chosen))
        .values(
            state=DeliveryState.SENDING, reason="", lease_owner=lease.owner, lease_token=d.lease_token + 1,
            lease_until=lease.until, attempts=d.attempts + 1, updated_at=lease.now,
        )
        .returning(*CLAIMED)
    )  # fmt: skip
    return sorted((Claimed(*row) for row in connection.execute(taken)), key=lambda one: (one.priority, one.id))


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


def settle(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Move deliveries from `sending` as their results say, each only under the lease it was claimed with.

    Keys of a row: `b_id`, `b_token`, and the new values of `state`, `reason`, `due`, `error_code`, `updated_at`. Returns how
    many were still ours to move.
    """
    if not rows:
        return 0
    values = _bound("state", "reason", "due", "updated_at") | {
        # A receipt that was faster speaks of the end; our code only tells of the call.
        "error_code": case((DELIVERIES.c.provider_rank == 0, bindparam("error_code")), else_=DELIVERIES.c.error_code),
    }
    query = update(DELIVERIES).where(_held(DeliveryState.SENDING, DeliveryState.UNKNOWN)).values(values)
    return connection.execute(query, list(rows)).rowcount


def accept(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Mark deliveries as taken by the provider, with its id; its first status counts unless a receipt knows more already.

    A worker that was paused past its lease and comes back with an acceptance still lands here: the row is in doubt by then,
    or even put back because the provider seemed not to have it, and is adopted before it goes out a second time. If it was
    claimed anew meanwhile, only the outcome row tells of it. Returns how many were taken.
    """
    if not rows:
        return 0
    d = DELIVERIES.c
    newer = d.provider_rank < bindparam("b_rank")
    values = _bound("provider", "updated_at") | {
        "state": DeliveryState.ACCEPTED, "reason": "", "due": None,
        "accepted_at": func.coalesce(d.accepted_at, bindparam("updated_at")),
        "provider_id": func.coalesce(d.provider_id, bindparam("b_provider_id")),
        "provider_status": case((newer, bindparam("b_status")), else_=d.provider_status),
        "provider_rank": case((newer, bindparam("b_rank")), else_=d.provider_rank),
        "error_code": _code_of_doubt_ends(),
    }  # fmt: skip
    states = (DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.READY, DeliveryState.UNRESOLVED)
    # Already accepted (a receipt was faster): its first status still counts, so that the order is no matter.
    query = update(DELIVERIES).where(_held(*states, DeliveryState.ACCEPTED)).values(values)
    return connection.execute(query, list(rows)).rowcount


def _held(*states: DeliveryState) -> ColumnElement[bool]:
    d = DELIVERIES.c
    mine = and_(d.id == bindparam("b_id"), d.lease_token == bindparam("b_token"))
    # No IN list: it cannot be used with many parameter sets at once.
    return and_(mine, or_(*(d.state == state for state in states)))


def _code_of_doubt_ends() -> ColumnElement[str]:
    """Forget the code of a doubtful call (a 500, a reset) once the provider has the message; keep what receipts say."""
    return case((DELIVERIES.c.provider_rank == 0, ""), else_=DELIVERIES.c.error_code)


def _bound(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def lose_leases(connection: Connection, now: datetime) -> int:
    """Put into doubt what a worker took and never gave back. Time alone never makes it ready again."""
    d = DELIVERIES.c
    over = select(d.id).where(IS_HELD, d.state == DeliveryState.SENDING, d.lease_until < now)
    query = update(DELIVERIES).where(d.id.in_(_free(connection, over)))
    lost = connection.execute(
        query.values(state=DeliveryState.UNKNOWN, reason="lease", due=d.lease_until, updated_at=now)
    )
    adopt_spoken_for(connection, now)
    return lost.rowcount


def adopt_spoken_for(connection: Connection, now: datetime) -> None:
    """Count as taken what the provider has already sent a receipt for: in doubt, or about to be sent a second time."""
    d = DELIVERIES.c
    spoken_for = and_(d.provider_id.is_not(None), d.attempts > 0)
    for state in (IS_HELD, d.state == DeliveryState.UNKNOWN), (IS_READY, true()):
        found = _free(connection, select(d.id).where(*state, spoken_for))
        connection.execute(update(DELIVERIES).where(d.id.in_(found)).values(adopted(now)))


def _free(connection: Connection, query: Select[Any]) -> Select[Any]:
    """Leave alone what another process is at: two that waited for each other's rows would be ended by PostgreSQL."""
    return query.with_for_update(skip_locked=True) if connection.dialect.name == "postgresql" else query


def _once(query: Select[Any]) -> Select[Any]:
    """Choose rows once. As a bare subquery PostgreSQL may ask for them again for every row that it looks at, and get the next
    ones each time, since it leaves alone what it has locked itself: the limit would hold nobody back.
    """
    chosen = query.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    return select(chosen.c.id)


def adopted(now: datetime) -> dict[str, Any]:
    """Return the values of a delivery that a receipt speaks for, whatever we believed of it."""
    return {
        "state": DeliveryState.ACCEPTED, "reason": "", "due": None, "updated_at": now,
        "accepted_at": func.coalesce(DELIVERIES.c.accepted_at, now), "error_code": _code_of_doubt_ends(),
    }  # fmt: skip


def call_off(connection: Connection, now: datetime) -> int:
    """Cancel what came back to `ready` after its version was cancelled. Returns how many."""
    over = select(VERSIONS.c.id).where(VERSIONS.c.status == AlertStatus.CANCELED)
    query = update(DELIVERIES).where(IS_READY, DELIVERIES.c.version_id.in_(over))
    return connection.execute(query.values(state=DeliveryState.CANCELED, updated_at=now)).rowcount


def take_doubts(
    connection: Connection, now: datetime, before: datetime, channels: Sequence[str], limit: int
) -> list[Claimed]:
    """Take deliveries in doubt whose grace is over (they fell into doubt, or were last asked about, before `before`), to ask now.

    They count as asked about now, so that of several processes one asks; if it dies, another one does after the next grace.
    """
    d = DELIVERIES.c
    doubts = (
        select(d.id)
        .where(IS_HELD, d.state == DeliveryState.UNKNOWN, or_(d.due.is_(None), d.due <= before))
        .where(d.channel.in_(list(channels)))
        .order_by(d.priority, d.id)
        .limit(limit)
    )
    chosen = _once(_free(connection, doubts))
    taken = connection.execute(update(DELIVERIES).where(d.id.in_(chosen)).values(due=now).returning(*CLAIMED))
    return sorted((Claimed(*row) for row in taken), key=lambda one: (one.priority, one.id))


def ask_later(connection: Connection, delivery_ids: Sequence[int], state: DeliveryState, now: datetime) -> None:
    """Note that the provider was asked now, and did not end the matter: it is left alone for another while."""
    d = DELIVERIES.c
    connection.execute(update(DELIVERIES).where(d.id.in_(delivery_ids), d.state == state).values(due=now))


def calls_made(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, int]:
    """Count the calls of each delivery that may have reached the provider: all but those that certainly sent nothing."""
    nothing_sent = select(OUTCOMES.c.id).where(
        OUTCOMES.c.attempt_id == ATTEMPTS.c.id, OUTCOMES.c.outcome.in_(["notsent", "rejected"])
    )
    query = select(ATTEMPTS.c.delivery_id, func.count()).where(
        ATTEMPTS.c.delivery_id.in_(delivery_ids), ~nothing_sent.exists()
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(ATTEMPTS.c.delivery_id))}


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


def newest_attempt(connection: Connection) -> datetime | None:
    """Return when the newest attempt was begun, by the clock of the machine that began it; None if there is none."""
    query = select(ATTEMPTS.c.started_at).order_by(ATTEMPTS.c.id.desc()).limit(1)
    return connection.execute(query).scalar()


def unfinished_versions() -> Select[Any]:
    """Return the query of versions that still have deliveries on their way."""
    return select(DELIVERIES.c.version_id).where(DELIVERIES.c.state.in_(OPEN_STATES)).distinct()


def unconfirmed(connection: Connection, before: datetime, limit: int) -> list[tuple[int, str, str]]:
    """Return deliveries that a provider took and never reported the end of: number, channel, provider's id.

    Args:
        before: only what was taken, and last asked about, before this moment.
    """
    d = DELIVERIES.c
    query = (
        select(d.id, d.channel, d.provider_id)
        .where(
            d.state == DeliveryState.ACCEPTED,
            d.provider_status.not_in(FINAL),
            d.accepted_at <= before,
            d.accepted_at > before - POLL_FOR,
            or_(d.due.is_(None), d.due <= before),
            pollable(),
        )
        .order_by(d.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def pollable() -> ColumnElement[bool]:
    """What a provider can be asked about: some keep nothing that we could ask for."""
    return and_(DELIVERIES.c.provider_id.is_not(None), DELIVERIES.c.provider.not_in(UNASKED))


def mark_doubtful(connection: Connection, delivery_id: int) -> None:
    """Mark a delivery that is sent again although the first one may have arrived."""
    connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery_id).values(doubtful=True))


def held_by_another(connection: Connection, delivery_id: int, found: Found) -> bool:
    """Tell whether another delivery has what was found for this one: the provider's id is that one's already."""
    d = DELIVERIES.c
    query = select(d.id).where(d.provider_id == found.provider_id, d.id != delivery_id).limit(1)
    return connection.execute(query).first() is not None
