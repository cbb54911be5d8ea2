"""SQL of totals: how many people and notices a version has, by country and channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from notify.store.alerts import ALERTS, no_drill
from notify.store.deliveries import DELIVERIES, VERSIONS
from notify.store.facts import TEXTS
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.rules import CAPPED, is_muted
from notify.tables import DeliveryState

GOES = DELIVERIES.c.state != DeliveryState.SUPPRESSED


def people_by_country(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the people of a version by country."""
    query = select(RECIPIENTS.c.country, func.count()).where(RECIPIENTS.c.version_id == version_id)
    return {
        row[0]: row[1]
        for row in connection.execute(query.group_by(RECIPIENTS.c.country).order_by(RECIPIENTS.c.country))
    }


def people_by_language(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the people of a version by the language they are told in."""
    query = select(RECIPIENTS.c.language, func.count()).where(RECIPIENTS.c.version_id == version_id)
    found = connection.execute(query.group_by(RECIPIENTS.c.language).order_by(RECIPIENTS.c.language))
    return {row[0]: row[1] for row in found}


def notices_by_channel(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the notices of a version by channel, without those that may not go out."""
    query = select(DELIVERIES.c.channel, func.count()).where(DELIVERIES.c.version_id == version_id, GOES)
    return {
        row[0]: row[1]
        for row in connection.execute(query.group_by(DELIVERIES.c.channel).order_by(DELIVERIES.c.channel))
    }


def parts(connection: Connection, version_id: int) -> int:
    """Count the SMS parts of a version, without what may not go out."""
    query = select(func.coalesce(func.sum(TEXTS.c.parts), 0)).join(DELIVERIES, DELIVERIES.c.text_id == TEXTS.c.id)
    return int(
        connection.execute(
            query.where(DELIVERIES.c.version_id == version_id, DELIVERIES.c.channel == "sms", GOES)
        ).scalar_one()
    )


def waiting(connection: Connection, version_id: int) -> int:
    """Count the notices of a version that wait for the end of a local night."""
    query = select(func.count()).where(
        DELIVERIES.c.version_id == version_id, DELIVERIES.c.state == DeliveryState.PLANNED
    )
    return connection.execute(query).scalar_one()


@dataclass(frozen=True)
class Morning:
    """Notices that wait for the end of one local night: where, in which zone, until when."""

    country: str
    zone: str
    at: datetime
    notices: int


def mornings(connection: Connection, version_id: int) -> tuple[Morning, ...]:
    """Count the notices of a version that wait for the end of a local night, by country and zone, the first to leave first."""
    d, r = DELIVERIES.c, RECIPIENTS.c
    count = func.count(d.id.distinct())
    query = (
        select(r.country, r.zone, d.not_before, count)
        .join(LINKS, LINKS.c.recipient_id == r.id)
        .join(DELIVERIES, d.id == LINKS.c.delivery_id)
        .where(r.version_id == version_id, d.state == DeliveryState.PLANNED, d.not_before.is_not(None))
        .group_by(r.country, r.zone, d.not_before)
        .order_by(d.not_before, r.country, r.zone)
    )
    return tuple(Morning(*row) for row in connection.execute(query))


def muted(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the notices of a version that a rule leaves out, by reason."""
    d = DELIVERIES.c
    query = select(d.reason, func.count()).where(d.version_id == version_id, ~GOES, is_muted(d.reason))
    return {row[0]: row[1] for row in connection.execute(query.group_by(d.reason).order_by(d.reason))}


def muted_of_others(connection: Connection, reason: str, now: datetime) -> tuple[tuple[int, int], ...]:
    """Count the notices that were left out just now for this reason, by alert."""
    d, v = DELIVERIES.c, VERSIONS.c
    query = select(v.alert_id, func.count()).join(DELIVERIES, d.version_id == v.id)
    mine = query.where(~GOES, d.reason == reason, d.updated_at == now).group_by(v.alert_id).order_by(v.alert_id)
    return tuple((row[0], row[1]) for row in connection.execute(mine))


def capped(connection: Connection, since: datetime) -> tuple[tuple[int, int], ...]:
    """Count the notices that the day's cap has left out since then, by alert; drills apart."""
    d, v = DELIVERIES.c, VERSIONS.c
    query = (
        select(v.alert_id, func.count())
        .join(DELIVERIES, d.version_id == v.id)
        .join(ALERTS, ALERTS.c.id == v.alert_id)
        .where(~GOES, d.reason == CAPPED, d.updated_at >= since, no_drill(connection))
        .group_by(v.alert_id)
        .order_by(v.alert_id)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def texts_used(connection: Connection, version_id: int) -> frozenset[int]:
    """Return the texts that notices of a version carry, without what may not go out."""
    query = select(DELIVERIES.c.text_id).where(DELIVERIES.c.version_id == version_id, GOES).distinct()
    return frozenset(connection.execute(query).scalars())
