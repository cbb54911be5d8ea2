"""SQL of the board: what stands of all countries, without the texts; and the levels of our own alerts in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from notify.levels_board import top
from notify.store.alerts import ALERTS, PLACES, VERSIONS, no_drill
from sources.model import Advisory, Grade, Level
from sources.store import ADVISORIES, ENTRIES
from sources.wire import read_level, read_time


def said_everywhere(connection: Connection) -> Iterator[Advisory]:
    """Give what stands, of all sources, with places, levels and dates only: texts of thousands of pages are not loaded."""
    body = ADVISORIES.c.body
    names = ("countries", "level_national", "level_regional_max", "published_at")
    query = (
        select(
            ENTRIES.c.source_id, ENTRIES.c.native_id, ENTRIES.c.updated_at, *(body[name].label(name) for name in names)
        )
        .join(ENTRIES, ENTRIES.c.advisory_id == ADVISORIES.c.id)
        .where(ENTRIES.c.gone.is_(False), ENTRIES.c.expired.is_(False))
        .order_by(ENTRIES.c.source_id, ENTRIES.c.native_id)
    )
    for row in connection.execute(query):
        yield Advisory(
            row.source_id, row.native_id, "", "", "", countries=tuple(row.countries),
            level_national=read_level(row.level_national), level_regional_max=read_level(row.level_regional_max),
            published_at=read_time(row.published_at), updated_at=row.updated_at,
        )  # fmt: skip


def levels_in_force(connection: Connection, now: datetime) -> dict[str, Level]:
    """Return the highest level of our alerts in force, by country; of each alert its newest released version counts."""
    v, a, p = VERSIONS.c, ALERTS.c, PLACES.c
    released = select(v.alert_id, func.max(v.no).label("no")).where(v.released_at.is_not(None)).group_by(v.alert_id)
    newest = released.subquery("newest")
    query = (
        select(p.country, v.level)
        .join_from(VERSIONS, newest, and_(newest.c.alert_id == v.alert_id, newest.c.no == v.no))
        .join(ALERTS, a.id == v.alert_id)
        .join(PLACES, p.version_id == v.id)
        .where(a.closed_at.is_(None), a.in_force_until > now, no_drill(connection))
    )
    found: dict[str, list[Level]] = {}
    for country, level in connection.execute(query):
        found.setdefault(country, []).append(Grade.UNSTATED if level is None else level)
    return {country: highest for country, levels in found.items() if (highest := top(levels)) is not None}
