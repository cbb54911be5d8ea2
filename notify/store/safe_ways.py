"""SQL of the ways in: which alert a number, or a notice, was asked by, and who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, or_, select

from core.tables import BigId, Mode
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.facts import TEXTS
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import DeliveryState
from registry import scope
from registry.actors import SYSTEM

COUNTS_FOR = timedelta(days=14)
"""How long after the end of an alert an answer still belongs to it, as a late one."""


@dataclass(frozen=True)
class AskedBy:
    """A notice that asked, and everybody who was told by it or by another one to the same number.

    Attributes:
        delivery_id, address_id, language: of the notice; 0, 0 and empty where the people were asked at other addresses of theirs.
        ended_at: end of the alert: an answer after it is late.
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
    """Return what asked this address over these channels, or its owners at another address of theirs (by mail, by WeCom): the newest
    first, one notice an alert: the newest alert that still counts, and the older ones that are in force now."""
    values = {"channels": list(channels), "address": address_index, "since": now - COUNTS_FOR}
    found: dict[int, Row[Any]] = {}
    for row in connection.execute(TO_NUMBER, values).all():
        found.setdefault(row.alert_id, row)
    asked = [_asked(connection, row) for row in found.values()]
    owners = scope.people_with(connection, SYSTEM, address_index)
    asked += [one for one in _asked_elsewhere(connection, owners, now) if one.alert_id not in found]
    newest_first = sorted(asked, key=lambda one: one.version_id, reverse=True)
    return [one for at, one in enumerate(newest_first) if at == 0 or one.ended_at > now]


def _asked_elsewhere(connection: Connection, people: Sequence[int], now: datetime) -> list[AskedBy]:
    """Return the alerts that asked these people, whatever the address was: who was asked by mail may answer from their telephone."""
    found: dict[int, list[Row[Any]]] = {}
    if people:
        for row in connection.execute(ON_THE_ROLL, {"people": list(people), "since": now - COUNTS_FOR}).all():
            found.setdefault(row.alert_id, []).append(row)
    return [
        AskedBy(
            alert_id, max(one.version_id for one in rows), 0, 0, rows[0].ended_at, "",
            tuple(sorted({one.registrant_id for one in rows})), rows[0].mode == Mode.DRILL,
        )
        for alert_id, rows in found.items()
    ]  # fmt: skip


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


def silent_since(alert_id: int, version_id: int = 0) -> Select[Any]:
    """Select since when each person was asked by an alert, from a version of it on: registrant_id, employer_id, country, since.

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
        .where(v.alert_id == alert_id, v.id >= version_id, _asks(), r.planned.is_(False))
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
ON_THE_ROLL = (
    select(RECIPIENTS.c.registrant_id, RECIPIENTS.c.version_id, VERSIONS.c.alert_id, _end().label("ended_at"), ALERTS.c.mode)
    .join(VERSIONS, VERSIONS.c.id == RECIPIENTS.c.version_id)
    .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
    .where(
        RECIPIENTS.c.version_id.in_(_versions()), RECIPIENTS.c.registrant_id.in_(bindparam("people", expanding=True)),
        RECIPIENTS.c.planned.is_(False),
        select(DELIVERIES.c.id)
        .join(LINKS, LINKS.c.delivery_id == DELIVERIES.c.id)
        .where(LINKS.c.recipient_id == RECIPIENTS.c.id, DELIVERIES.c.attempts > 0)
        .exists(),
    )
)  # fmt: skip
