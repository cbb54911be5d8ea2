"""SQL of what a company may know of alerts: those for its own people, and what became of each notice to them.

Whose people they are is decided at the door of the register: a select of them is handed in. A number that people of several
companies share has one notice; nothing here tells how many people it is for. A drill of a live office is not shown to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from notify.store.alerts import ALERTS, PLACES, VERSIONS, no_drill
from notify.store.deliveries import DELIVERIES
from notify.store.outbox import LINKS, RECIPIENTS


@dataclass(frozen=True)
class Wanted:
    """Which notices are wanted; None does not narrow.

    Attributes:
        people: the ids of the people of the company.
        employer_id: the company they were with when the alert was released.
        before: recipient and delivery after which the page begins; (0, 0) for the first page.
    """

    people: Select[Any]
    employer_id: int
    before: tuple[int, int] = (0, 0)
    alert_id: int | None = None
    registrant_id: int | None = None


def notices(connection: Connection, wanted: Wanted, limit: int) -> list[Row[Any]]:
    """Return one row per person and notice, the newest first; `delivery_id` 0 where there is no address to write to."""
    r, d, v = RECIPIENTS.c, DELIVERIES.c, VERSIONS.c
    delivery = func.coalesce(d.id, 0)
    query = (
        select(
            r.id.label("recipient_id"), delivery.label("delivery_id"), r.registrant_id, r.country, v.alert_id, v.kind,
            v.level, v.title_zh, v.title_en, d.channel, d.state, d.provider_status, d.reason, d.accepted_at, d.updated_at,
        )
        .join(VERSIONS, v.id == r.version_id)
        .outerjoin(LINKS, LINKS.c.recipient_id == r.id)
        .outerjoin(DELIVERIES, d.id == LINKS.c.delivery_id)
        .join(ALERTS, ALERTS.c.id == v.alert_id)
        .where(r.employer_id == wanted.employer_id, r.registrant_id.in_(wanted.people), no_drill(connection))
        .order_by(r.id.desc(), delivery.desc())
        .limit(limit)
    )  # fmt: skip
    recipient, last = wanted.before
    if recipient:
        query = query.where(or_(r.id < recipient, and_(r.id == recipient, delivery < last)))
    if wanted.alert_id is not None:
        query = query.where(v.alert_id == wanted.alert_id)
    if wanted.registrant_id is not None:
        query = query.where(r.registrant_id == wanted.registrant_id)
    return list(connection.execute(query).all())


def alerts_in_force(connection: Connection, people: Select[Any], employer_id: int, now: datetime) -> list[Row[Any]]:
    """Return the newest version of each alert in force that was for people of a company, with how many of them."""
    r, v, a = RECIPIENTS.c, VERSIONS.c, ALERTS.c
    theirs = (
        select(v.alert_id, func.count(func.distinct(r.registrant_id)).label("people"))
        .join(RECIPIENTS, r.version_id == v.id)
        .join(ALERTS, a.id == v.alert_id)
        .where(r.employer_id == employer_id, r.registrant_id.in_(people))
        .where(a.closed_at.is_(None), a.in_force_until > now, no_drill(connection))
        .group_by(v.alert_id)
        .subquery("theirs")
    )
    released = select(v.alert_id, func.max(v.no).label("no")).where(v.released_at.is_not(None)).group_by(v.alert_id)
    newest = released.subquery("newest")
    query = (
        select(VERSIONS, a.in_force_until, theirs.c.people)
        .join(newest, and_(newest.c.alert_id == v.alert_id, newest.c.no == v.no))
        .join(theirs, theirs.c.alert_id == v.alert_id)
        .join(ALERTS, a.id == v.alert_id)
        .order_by(v.alert_id.desc())
    )
    return list(connection.execute(query).all())


def countries_of(connection: Connection, version_id: int) -> list[str]:
    """Return the countries of a version, by code."""
    query = select(PLACES.c.country).where(PLACES.c.version_id == version_id).order_by(PLACES.c.country)
    return list(connection.execute(query).scalars())
