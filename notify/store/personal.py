"""SQL of what the office looks up about one person: the notices to them, and the alerts in force where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from notify.store.alerts import ALERTS, PLACES, VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.outbox import LINKS, RECIPIENTS


@dataclass(frozen=True)
class PersonalNotice:
    """A notice to a person. `channel` and `state` are empty where there was no address to write to."""

    alert_id: int
    kind: str
    level: int | None
    title_zh: str
    title_en: str
    country: str
    channel: str
    state: str
    provider_status: str
    reason: str
    released_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """An alert in force, by its newest version that was released."""

    alert_id: int
    level: int | None
    title_zh: str
    title_en: str


def notices_of(connection: Connection, registrant_id: int, limit: int) -> list[PersonalNotice]:
    """Return the notices to a person, the newest first, at most `limit`. The caller may see the person."""
    r, d, v = RECIPIENTS.c, DELIVERIES.c, VERSIONS.c
    words = [func.coalesce(one, "") for one in (d.channel, d.state, d.provider_status, d.reason)]
    query = (
        select(v.alert_id, v.kind, v.level, v.title_zh, v.title_en, r.country, *words, v.released_at, d.updated_at)
        .join_from(RECIPIENTS, VERSIONS, v.id == r.version_id)
        .outerjoin(LINKS, LINKS.c.recipient_id == r.id)
        .outerjoin(DELIVERIES, d.id == LINKS.c.delivery_id)
        .where(r.registrant_id == registrant_id)
        .order_by(r.id.desc(), d.id.desc())
        .limit(limit)
    )
    return [PersonalNotice(*row) for row in connection.execute(query)]


def in_force_at(connection: Connection, countries: Sequence[str], now: datetime) -> list[Standing]:
    """Return the alerts in force for these countries, the newest first."""
    v, a = VERSIONS.c, ALERTS.c
    released = select(v.alert_id, func.max(v.no).label("no")).where(v.released_at.is_not(None)).group_by(v.alert_id)
    newest = released.subquery("newest")
    there = select(PLACES.c.version_id).where(PLACES.c.country.in_(countries))
    query = (
        select(v.alert_id, v.level, v.title_zh, v.title_en)
        .join_from(VERSIONS, ALERTS, a.id == v.alert_id)
        .join(newest, and_(newest.c.alert_id == v.alert_id, newest.c.no == v.no))
        .where(v.id.in_(there), a.closed_at.is_(None), a.in_force_until > now)
        .order_by(v.alert_id.desc())
    )
    return [Standing(*row) for row in connection.execute(query)]
