"""SQL of the ways in: which alert a number, or a notice, was asked by, and who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES, TEXTS
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import DeliveryState

COUNTS_FOR = timedelta(days=14)
"""How long after the end of an alert an answer still belongs to it, as a late one."""


@dataclass(frozen=True)
class AskedBy:
    """A notice that asked, and everybody who was told by it or by another one to the same number.

    Attributes:
        ended_at: end of the alert: an answer after it is late.
        language: of the notice.
    """

    alert_id: int
    version_id: int
    delivery_id: int
    address_id: int
    ended_at: datetime
    language: str
    people: tuple[int, ...]


def newest_asking(
    connection: Connection, channels: Sequence[str], address_index: bytes, now: datetime
) -> AskedBy | None:
    """Return the newest notice that asked this address over one of these channels, of an alert that still counts."""
    d = DELIVERIES.c
    versions = select(VERSIONS.c.id).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id).where(_asks(), _counts(now))
    query = _notices().where(
        d.version_id.in_(versions), d.channel.in_(channels), d.address_index == address_index, d.attempts > 0
    )  # fmt: skip
    return _found(connection, query.order_by(d.version_id.desc(), d.id.desc()).limit(1))


def asking(connection: Connection, delivery_id: int, now: datetime) -> AskedBy | None:
    """Return a notice, if it asked and its alert still counts."""
    return _found(connection, _notices().where(DELIVERIES.c.id == delivery_id, _asks(), _counts(now)))


def _notices() -> Select[Any]:
    d = DELIVERIES.c
    return (
        select(
            VERSIONS.c.alert_id, d.version_id, d.id, d.address_id, _end().label("ended_at"), TEXTS.c.language, d.address_index
        )
        .join(VERSIONS, VERSIONS.c.id == d.version_id)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .join(TEXTS, TEXTS.c.id == d.text_id)
    )  # fmt: skip


def _asks() -> ColumnElement[bool]:
    return and_(VERSIONS.c.ask_safe, VERSIONS.c.released_at.is_not(None))


def _end() -> ColumnElement[datetime]:
    a = ALERTS.c
    return case((a.closed_at < a.in_force_until, a.closed_at), else_=a.in_force_until)


def _counts(now: datetime) -> ColumnElement[bool]:
    return _end() > now - COUNTS_FOR


def _found(connection: Connection, query: Select[Any]) -> AskedBy | None:
    row = connection.execute(query).first()
    if row is None:
        return None
    people = _behind(connection, row.alert_id, row.address_index)
    return AskedBy(row.alert_id, row.version_id, row.id, row.address_id, row.ended_at, row.language, people)


def _behind(connection: Connection, alert_id: int, address_index: bytes) -> tuple[int, ...]:
    """Return everybody whom a notice of the alert was for that asked this address, over whatever channel it went."""
    d, r = DELIVERIES.c, RECIPIENTS.c
    versions = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id, _asks())
    query = (
        select(r.registrant_id)
        .join(LINKS, LINKS.c.recipient_id == r.id)
        .join(DELIVERIES, d.id == LINKS.c.delivery_id)
        .where(d.version_id.in_(versions), d.address_index == address_index, d.state != DeliveryState.SUPPRESSED)
        .where(r.planned.is_(False))
    )
    return tuple(sorted(set(connection.execute(query).scalars())))


def silent_since(alert_id: int) -> Select[Any]:
    """Select since when each person was asked by an alert: registrant_id, employer_id, country, since.

    That is when a provider took the first notice; who got none counts from the release. Who sleeps, and is told in the
    morning, has not been asked yet; nor who only plans to go there.
    """
    d, r, v = DELIVERIES.c, RECIPIENTS.c, VERSIONS.c
    first = func.coalesce(func.min(d.accepted_at), func.min(v.released_at))
    waits = func.max(case((d.state == DeliveryState.PLANNED, 1), else_=0))
    return (
        select(
            r.registrant_id, func.max(r.employer_id).label("employer_id"), func.max(r.country).label("country"),
            first.label("since"),
        )
        .join(VERSIONS, v.id == r.version_id)
        .outerjoin(LINKS, LINKS.c.recipient_id == r.id)
        .outerjoin(DELIVERIES, and_(d.id == LINKS.c.delivery_id, d.state != DeliveryState.SUPPRESSED))
        .where(v.alert_id == alert_id, _asks(), r.planned.is_(False))
        .group_by(r.registrant_id)
        .having(or_(func.max(d.accepted_at).is_not(None), waits == 0))
    )  # fmt: skip
