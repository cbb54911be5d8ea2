"""SQL of the figures that matter: each query reads an index of what still has work to do, or the newest rows, never all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, or_, select, text

from core.tables import Seal, table
from notify.duty.store import PAGES, PULSES
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import ATTEMPTS, DELIVERIES, IS_HELD, IS_READY, OUTCOMES, RECEIPTS
from notify.store.due import is_held
from notify.store.holds import USES
from notify.tables import AlertStatus, DeliveryState, Run

SEALS, RUNS = table(Seal), table(Run)
# Written as in the partial index.
IS_UNRESOLVED = text("delivery.state='unresolved'")
WAITING = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)
IN_LINE = 500
"""So many of a line are looked at for one that is due: what is held, paused or not yet due stands before it."""

CALLS = 2000
"""So many of the newest calls are counted."""


@dataclass(frozen=True)
class LastRun:
    """The newest run of a kind that came to its end."""

    as_of: datetime
    ended_at: datetime
    status: str


@dataclass(frozen=True)
class Line:
    """Notices of one channel and urgency that are ready: how many, and since when the first that could leave now waits."""

    channel: str
    priority: int
    count: int
    waits_since: datetime | None = None


def lines(connection: Connection, now: datetime) -> list[Line]:
    """Return what is ready, by channel and urgency."""
    d = DELIVERIES.c
    query = select(d.channel, d.priority, func.count()).where(IS_READY).group_by(d.channel, d.priority)
    return [
        Line(channel, priority, count, _waits_since(connection, channel, priority, now))
        for channel, priority, count in connection.execute(query.order_by(d.channel, d.priority)).all()
    ]


def _waits_since(connection: Connection, channel: str, priority: int, now: datetime) -> datetime | None:
    """Return since when the first of a line waits that nothing holds: from the release, or from its own turn if that is later."""
    d, v = DELIVERIES.c, VERSIONS.c
    first = (
        select(d.id, d.version_id, d.priority, d.due, d.not_before, d.created_at, is_held().label("held"))
        # From this urgency on, not of it alone: else PostgreSQL goes through all notices by their numbers, from the oldest.
        .where(IS_READY, d.channel == channel, d.priority >= priority)
        .order_by(d.priority, d.id)
        .limit(IN_LINE)
        .subquery()
    )
    one = first.c
    query = (
        select(v.released_at, one.created_at, one.not_before, one.due)
        .join(VERSIONS, v.id == one.version_id)
        .where(one.priority == priority, ~one.held, or_(one.due.is_(None), one.due <= now), v.paused_at.is_(None))
        .where(v.status != AlertStatus.CANCELED, or_(v.send_by.is_(None), v.send_by > now))
        .order_by(one.id)
        .limit(1)
    )
    found = connection.execute(query).first()
    moments = [] if found is None else [moment for moment in found if moment is not None]
    return max(moments, default=None)


def doubts(connection: Connection) -> list[tuple[str, str, int, datetime]]:
    """Return by channel and state what is in a worker's hands or in doubt: how many, and since when the oldest."""
    d = DELIVERIES.c
    query = select(d.channel, d.state, func.count(), func.min(d.updated_at)).where(IS_HELD).group_by(d.channel, d.state)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query.order_by(d.channel, d.state))]


def unresolved(connection: Connection) -> dict[str, int]:
    """Count by channel the notices in doubt that wait for a person."""
    d = DELIVERIES.c
    query = select(d.channel, func.count()).where(IS_UNRESOLVED).group_by(d.channel).order_by(d.channel)
    return {row[0]: row[1] for row in connection.execute(query)}


@dataclass(frozen=True)
class Calls:
    """Calls to providers over one channel that came to the same, and when the last of them ended."""

    channel: str
    outcome: str
    count: int
    last: datetime


def calls_since(connection: Connection, since: datetime) -> list[Calls]:
    """Count the newest calls to providers since a moment, by channel and outcome; `CALLS` at the most."""
    a, o = ATTEMPTS.c, OUTCOMES.c
    newest = select(o.attempt_id, o.outcome, o.ended_at).order_by(o.id.desc()).limit(CALLS).subquery()
    query = (
        select(a.channel, newest.c.outcome, func.count(), func.max(newest.c.ended_at))
        .join(ATTEMPTS, a.id == newest.c.attempt_id)
        .where(newest.c.ended_at >= since)
        .group_by(a.channel, newest.c.outcome)
        .order_by(a.channel, newest.c.outcome)
    )
    return [Calls(*row) for row in connection.execute(query)]


def in_force(connection: Connection, now: datetime) -> int:
    """Count the alerts in force."""
    told = select(VERSIONS.c.alert_id).where(VERSIONS.c.released_at.is_not(None))
    query = select(func.count()).where(
        ALERTS.c.closed_at.is_(None), ALERTS.c.in_force_until > now, ALERTS.c.id.in_(told)
    )
    return int(connection.execute(query).scalar_one())


def waiting(connection: Connection) -> dict[str, int]:
    """Count the versions that wait for an officer, by status."""
    v = VERSIONS.c
    query = select(v.status, func.count()).where(v.status.in_(WAITING)).group_by(v.status)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return {one.value: found.get(one, 0) for one in WAITING}


def pages(connection: Connection) -> tuple[int, int, datetime | None]:
    """Return how many pages of the duty are open, how many of these nobody answered, and since when the oldest of the latter."""
    p = PAGES.c
    query = select(
        func.count(), func.count().filter(p.acked_at.is_(None)), func.min(p.opened_at).filter(p.acked_at.is_(None))
    )
    return tuple(connection.execute(query.where(text("settled_at IS NULL"))).one())


def beats(connection: Connection) -> dict[str, datetime]:
    """Return when what runs by itself last said so, by its name."""
    return {row.name: row.at for row in connection.execute(select(PULSES.c.name, PULSES.c.at))}


def last_run(connection: Connection, kind: str) -> LastRun | None:
    """Return how the newest run of a kind ended that came to its end."""
    r = RUNS.c
    query = select(r.as_of, r.ended_at, r.status).where(and_(r.kind == kind, r.ended_at.is_not(None)))
    row = connection.execute(query.order_by(r.id.desc()).limit(1)).first()
    return None if row is None else LastRun(*row)


def last_receipt(connection: Connection) -> datetime | None:
    """Return when a provider last reported."""
    query = select(RECEIPTS.c.received_at).order_by(RECEIPTS.c.id.desc()).limit(1)
    return connection.execute(query).scalar()


def last_seal(connection: Connection) -> datetime | None:
    """Return when the proof was last sealed."""
    return connection.execute(select(SEALS.c.at).order_by(SEALS.c.id.desc()).limit(1)).scalar()


def used(connection: Connection, day: date) -> Mapping[tuple[str, str], int]:
    """Return the calls that count for budgets on a day of the office, by channel and country, `*` for all together."""
    u = USES.c
    query = select(u.channel, u.country, u.used).where(u.day == day)
    return {(row.channel, row.country): row.used for row in connection.execute(query)}


STATES: Sequence[DeliveryState] = (
    DeliveryState.READY, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED,
)  # fmt: skip
"""What is counted: everything that still needs a machine or a person. What is at its end is counted in the account of its alert."""
