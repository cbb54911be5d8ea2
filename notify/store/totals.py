"""SQL of totals: how many people and notices a version has, by country and channel."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from notify.store.deliveries import DELIVERIES, TEXTS
from notify.store.outbox import RECIPIENTS
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


def texts_used(connection: Connection, version_id: int) -> frozenset[int]:
    """Return the texts that notices of a version carry, without what may not go out."""
    query = select(DELIVERIES.c.text_id).where(DELIVERIES.c.version_id == version_id, GOES).distinct()
    return frozenset(connection.execute(query).scalars())
