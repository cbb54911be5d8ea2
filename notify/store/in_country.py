"""SQL of what our office said of one country: alerts in force and over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from notify.model import BASELINE
from notify.store.alerts import ALERTS, PLACES, VERSIONS, no_drill


@dataclass(frozen=True)
class Said:
    """One alert about a country, as its newest released version has it.

    Attributes:
        first_at: when its first version went out; `released_at`: its newest.
        region: the words for the parts it is about; empty: the whole country.
        told: somebody was told of it. What stood at first sight of a source was told to newcomers only.
    """

    alert_id: int
    level: int | None
    level_words: str
    title_zh: str
    title_en: str
    region: str
    first_at: datetime
    released_at: datetime
    in_force: bool
    told: bool


def said_about(connection: Connection, country: str, now: datetime, *, most: int = 100) -> list[Said]:
    """Return our alerts about a country, those in force first, then the newest; at most `most`. Drills are left out."""
    v, a, p = VERSIONS.c, ALERTS.c, PLACES.c
    mine = select(v.alert_id).join(PLACES, p.version_id == v.id).where(p.country == country)
    span = (
        select(v.alert_id, func.max(v.no).label("no"), func.min(v.released_at).label("first_at"))
        .where(v.released_at.is_not(None), v.alert_id.in_(mine))
        .group_by(v.alert_id)
        .subquery("span")
    )
    in_force = and_(a.closed_at.is_(None), a.in_force_until > now).label("in_force")
    query = (
        select(v.alert_id, v.level, v.level_words, v.title_zh, v.title_en, func.coalesce(p.region, "").label("region"),
               span.c.first_at, v.released_at, in_force, v.rule)
        .join_from(VERSIONS, span, and_(span.c.alert_id == v.alert_id, span.c.no == v.no))
        .join(ALERTS, a.id == v.alert_id)
        # An all-clear or a correction may have left the country out: the alert was about it all the same.
        .outerjoin(PLACES, and_(p.version_id == v.id, p.country == country))
        .where(no_drill(connection))
        .order_by(in_force.desc(), v.released_at.desc(), v.alert_id.desc())
        .limit(most)
    )  # fmt: skip
    return [
        Said(row.alert_id, row.level, row.level_words, row.title_zh, row.title_en, row.region, row.first_at,
             row.released_at, bool(row.in_force), row.rule != BASELINE)
        for row in connection.execute(query)
    ]  # fmt: skip
