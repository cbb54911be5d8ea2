"""SQL of a restored copy: its mark, its numbers, and what of the outbox is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, text, update

from core.rotation import Wrapped
from core.tables import Mode
from notify.store.alerts import ALERTS, INSTANCES, VERSIONS, instance
from notify.store.deliveries import ATTEMPTS, CLAIMED, DELIVERIES, IS_HELD, Claimed
from notify.tables import DeliveryState
from sources.store import CAPTURES

RESTORED = "restored"
"""Reason of a notice that the instance of the backup may have sent after it, and the sender of the attempt it may have made."""

ROOM = 1_000_000
"""Numbers of notices that a copy leaves free. The instance of the backup may have given the next ones to other people since:
reference codes, personal links and receipts name a notice by its number."""

BATCH = 500
FIRST_DAY = timedelta(hours=26)


def mark(connection: Connection, now: datetime, backup_at: datetime) -> None:
    """Write that this database came out of a backup, and let it only drill."""
    values = {"mode": Mode.DRILL, "restored_at": now, "backup_at": backup_at, "claimed_at": None}
    connection.execute(update(INSTANCES).values(values))


def claim(connection: Connection, now: datetime) -> None:
    """Write that this copy is the live one."""
    connection.execute(update(INSTANCES).values(claimed_at=now))


def call_off_drills(connection: Connection, now: datetime) -> int:
    """Cancel what has not left of drills. Returns how many."""
    waiting = [DeliveryState.PLANNED, DeliveryState.READY]
    query = update(DELIVERIES).where(DELIVERIES.c.state.in_(waiting), _of_mode(Mode.DRILL))
    return connection.execute(
        query.values(state=DeliveryState.CANCELED, reason=RESTORED, updated_at=now)
    ).rowcount  # fmt: skip


def leave_room(connection: Connection, now: datetime) -> None:
    """Let new notices be numbered far behind those that are there."""
    highest = connection.execute(select(func.max(DELIVERIES.c.id))).scalar() or 0
    if connection.dialect.name == "postgresql":
        move = text("SELECT setval(pg_get_serial_sequence('delivery', 'id'), :number)")
        connection.execute(move, {"number": highest + ROOM})
        return
    # SQLite gives the number after the highest one there is: a notice of no alert holds the place.
    connection.execute(
        insert(DELIVERIES).values(
            id=highest + ROOM, version_id=0, text_id=0, channel="", address_id=0, address_index=b"", state=DeliveryState.CANCELED,
            reason=RESTORED, created_at=now, updated_at=now,
        )
    )  # fmt: skip


def doubt_of_workers(connection: Connection, mode: Mode, now: datetime) -> int:
    """Put into doubt what was in the hands of workers, and let everything in doubt be asked about anew. Returns how many.

    The grace begins now: the other instance may have made its last call a moment ago, and lists of providers are late.
    """
    d = DELIVERIES.c
    values = {
        "state": DeliveryState.UNKNOWN,
        "reason": RESTORED,
        "due": now,
        "updated_at": now,
        "lease_token": d.lease_token + 1,
    }
    return connection.execute(update(DELIVERIES).where(IS_HELD, _of_mode(mode)).values(values)).rowcount


def waiting(connection: Connection, mode: Mode, now: datetime, *, before: datetime) -> list[Claimed]:
    """Return what waited at the time of the backup, or since, and whose time has come; some at a time.

    Args:
        before: only what was planned before this moment: what this copy planned itself nobody else has sent.
    """
    d = DELIVERIES.c
    come = or_(
        d.state == DeliveryState.READY,
        and_(d.state == DeliveryState.PLANNED, or_(d.not_before.is_(None), d.not_before <= now)),
    )
    ours = or_(d.created_at.is_(None), d.created_at < before)
    query = select(*CLAIMED).where(come, ours, _of_mode(mode)).order_by(d.id).limit(BATCH)
    found = [Claimed(*row) for row in connection.execute(query)]
    return [_next(one) for one in found]


def _next(one: Claimed) -> Claimed:
    """Return a notice as it is after `doubt`: under a new lease, one attempt further."""
    values = {**one.__dict__, "lease_token": one.lease_token + 1, "attempts": one.attempts + 1}
    return Claimed(**values)


def doubt(connection: Connection, delivery_ids: Sequence[int], now: datetime) -> None:
    """Put what waits into doubt, under a new lease and one attempt further, as if a worker had died with it."""
    d = DELIVERIES.c
    connection.execute(
        update(DELIVERIES)
        .where(d.id.in_(delivery_ids))
        .values(
            state=DeliveryState.UNKNOWN, reason=RESTORED, due=now, not_before=None, updated_at=now,
            lease_token=d.lease_token + 1, attempts=d.attempts + 1,
        )
    )  # fmt: skip


def perhaps_of_another(connection: Connection, delivery_ids: Sequence[int]) -> frozenset[int]:
    """Return which of these an instance of the past may have sent: what is found for them may be of an alert this copy never saw."""
    query = select(ATTEMPTS.c.delivery_id).where(
        ATTEMPTS.c.delivery_id.in_(delivery_ids), ATTEMPTS.c.worker == RESTORED
    )
    return frozenset(connection.execute(query).scalars())


def perhaps_told(connection: Connection, source: str, as_of: datetime) -> bool:
    """Tell whether the instance of the backup may have acted on a change that this copy saw in the night `as_of`.

    It read on after the backup. So what the first reading of a source finds anew in this copy may be old news, and sent; what a
    second reading finds is not. Every source is read once a day, so that after `FIRST_DAY` all have been.
    """
    here = instance(connection)
    if here.restored_at is None or here.backup_at is None:
        return False
    if here.claimed_at is None or as_of <= here.claimed_at:
        return True
    since = CAPTURES.c.as_of > here.backup_at, CAPTURES.c.as_of < as_of
    read = select(CAPTURES.c.id).where(CAPTURES.c.source_id == source, *since).limit(1)
    return as_of < here.claimed_at + FIRST_DAY and connection.execute(read).first() is None


def sample(connection: Connection, column: Wrapped, count: int) -> list[bytes]:
    """Return some wrapped data keys of a column: the oldest and the newest that were not destroyed."""
    (number,) = column.table.primary_key.columns
    query = select(column).where(column.is_not(None))
    found = [connection.execute(query.order_by(way).limit(count)).scalars() for way in (number, number.desc())]
    return list(dict.fromkeys(bytes(one) for part in found for one in part if one))


def _of_mode(mode: Mode) -> ColumnElement[bool]:
    versions = select(VERSIONS.c.id).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id).where(ALERTS.c.mode == mode)
    return DELIVERIES.c.version_id.in_(versions)
