"""SQL of the ways in: which alert a number, or a notice, was asked by, and who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, or_, select

from core.tables import BigId, Mode
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
        drill: the alert is a drill.
    """

    alert_id: int
    version_id: int
    delivery_id: int
    address_id: int
    ended_at: datetime
    language: str
    people: tuple[int, ...]
    drill: bool = False


def asking_number(
    connection: Connection, channels: Sequence[str], address_index: bytes, now: datetime
) -> list[AskedBy]:
    """Return what asked this address over these channels, the newest first, one notice an alert: the newest alert that still counts,
    and the older ones that are in force now."""
    values = {"channels": list(channels), "address": address_index, "since": now - COUNTS_FOR}
    found: dict[int, Row[Any]] = {}
    for row in connection.execute(TO_NUMBER, values).all():
        if not found or row.ended_at > now:
            found.setdefault(row.alert_id, row)
    return [_asked(connection, row) for row in found.values()]


def asking(connection: Connection, delivery_id: int, now: datetime) -> AskedBy | None:
    """Return a notice, if it asked and its alert still counts."""
    row = connection.execute(OF_NOTICE, {"delivery": delivery_id, "since": now - COUNTS_FOR}).first()
    return None if row is None else _asked(connection, row)


def _notices() -> Select[Any]:
    d = DELIVERIES.c
    return (
        select(
            VERSIONS.c.alert_id, d.version_id, d.id, d.address_id, _end().label("ended_at"), TEXTS.c.language, d.address_index,
            ALERTS.c.mode,
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


def _asked(connection: Connection, row: Row[Any]) -> AskedBy:
    people = behind(connection, row.alert_id, row.address_index)
    drill = row.mode == Mode.DRILL
    return AskedBy(row.alert_id, row.version_id, row.id, row.address_id, row.ended_at, row.language, people, drill)


def behind(connection: Connection, alert_id: int, address_index: bytes) -> tuple[int, ...]:
    """Return everybody whom a notice of the alert was for that asked this address, over whatever channel it went."""
    found = connection.execute(BEHIND, {"alert": alert_id, "address": address_index}).scalars()
    return tuple(sorted(set(found)))


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


def _versions() -> Select[Any]:
    """Select the versions that ask, of alerts that have not been over since `since`."""
    counts = _end() > bindparam("since", type_=ALERTS.c.closed_at.type)
    return select(VERSIONS.c.id).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id).where(_asks(), counts)


# Made once: a thousand answers may come in a minute, and building a statement takes longer than carrying it out.
OF_NOTICE = _notices().where(
    DELIVERIES.c.id == bindparam("delivery", type_=BigId), DELIVERIES.c.version_id.in_(_versions())
)
TO_NUMBER = (
    _notices()
    .where(
        DELIVERIES.c.version_id.in_(_versions()), DELIVERIES.c.channel.in_(bindparam("channels", expanding=True)),
        DELIVERIES.c.address_index == bindparam("address"), DELIVERIES.c.attempts > 0,
    )
    .order_by(DELIVERIES.c.version_id.desc(), DELIVERIES.c.id.desc())
)  # fmt: skip
BEHIND = (
    select(RECIPIENTS.c.registrant_id)
    .join(LINKS, LINKS.c.recipient_id == RECIPIENTS.c.id)
    .join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
    .where(
        DELIVERIES.c.version_id.in_(
            select(VERSIONS.c.id).where(VERSIONS.c.alert_id == bindparam("alert", type_=BigId), _asks())
        ),
        DELIVERIES.c.address_index == bindparam("address"), DELIVERIES.c.state != DeliveryState.SUPPRESSED,
        RECIPIENTS.c.planned.is_(False),
    )
)  # fmt: skip
