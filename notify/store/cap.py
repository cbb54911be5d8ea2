"""SQL of CAP: the released versions of alerts as messages need them. Nothing of people is read here."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, Row, func, select

from notify.cap.chain import Version
from notify.model import BASELINE
from notify.store.alerts import ALERTS, AUDIT, PLACES, VERSIONS, instance, subject
from notify.tables import AlertStatus
from sources.store import ADVISORIES
from sources.wire import load_advisory

BY_RULE = "policy/"
CANCELED = "alert.cancel"


def chains(
    connection: Connection, home: frozenset[str], *, alert_id: int | None = None, since: datetime | None = None
) -> list[tuple[Version, ...]]:
    """Return the released versions of alerts of this instance and its mode, by alert.

    Args:
        home: sources whose authority is home: what a rule released of theirs may be public.
        since: only alerts with a version released since then.
    """
    here = instance(connection)
    v, a = VERSIONS.c, ALERTS.c
    query = (
        select(VERSIONS, a.mode, a.instance_uid, a.hazard, ADVISORIES.c.source_id, ADVISORIES.c.body)
        .join(ALERTS, a.id == v.alert_id)
        .outerjoin(ADVISORIES, ADVISORIES.c.id == v.advisory_id)
        .where(v.released_at.is_not(None), v.rule != BASELINE, a.mode == here.mode, a.instance_uid == here.uid)
        .order_by(v.alert_id, v.no)
    )
    if alert_id is not None:
        query = query.where(v.alert_id == alert_id)
    if since is not None:
        query = query.where(v.alert_id.in_(select(v.alert_id).where(v.released_at >= since)))
    rows = connection.execute(query).all()
    return [
        tuple(_version(connection, row, home) for row in group) for _, group in groupby(rows, lambda row: row.alert_id)
    ]


def _version(connection: Connection, row: Row[tuple[object, ...]], home: frozenset[str]) -> Version:
    by_rule = (row.approved_by or "").startswith(BY_RULE) and row.change_id is not None and row.source_id in home
    countries, regions = _places(connection, row.id)
    return Version(
        alert_id=row.alert_id, no=row.no, kind=row.kind, mode=row.mode, instance_uid=row.instance_uid, hazard=row.hazard,
        level=row.level, level_words=row.level_words, title_zh=row.title_zh, title_en=row.title_en, body_zh=row.body_zh,
        body_en=row.body_en, source_id=row.source_id or "", origin=row.origin_name, url=row.url, countries=countries,
        regions=regions, contacts=tuple((label, number) for label, number in row.contacts), released_at=row.released_at,
        by_rule=by_rule, ends=None if row.body is None else load_advisory(row.body).expires_at,
        canceled_at=_canceled_at(connection, row.id) if row.status == AlertStatus.CANCELED else None,
    )  # fmt: skip


def _places(connection: Connection, version_id: int) -> tuple[tuple[str, ...], str]:
    query = (
        select(PLACES.c.country, PLACES.c.region).where(PLACES.c.version_id == version_id).order_by(PLACES.c.country)
    )
    rows = connection.execute(query).all()
    return tuple(row.country for row in rows), next((row.region for row in rows if row.region), "")


def _canceled_at(connection: Connection, version_id: int) -> datetime | None:
    query = select(func.max(AUDIT.c.at)).where(AUDIT.c.object == subject(version_id), AUDIT.c.action == CANCELED)
    found: datetime | None = connection.execute(query).scalar()
    return found
