"""SQL of grounds: what an alert has said so far, and whom it did not reach for lack of a ground."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Select, and_, exists, or_, select

from notify.grounds import REFUSALS
from notify.store.alerts import VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.ways import register_channel
from notify.tables import AlertVersion
from registry import scope
from registry.actors import SYSTEM
from sources.model import Advisory
from sources.store import ADVISORIES
from sources.wire import load_advisory


def said(connection: Connection, version: AlertVersion) -> Iterator[tuple[int | None, Advisory | None]]:
    """Yield the level and the source's words of a version, and of every released version of its alert before it."""
    query = (
        select(VERSIONS.c.level, ADVISORIES.c.body)
        .select_from(VERSIONS)
        .outerjoin(ADVISORIES, ADVISORIES.c.id == VERSIONS.c.advisory_id)
        .where(VERSIONS.c.alert_id == version.alert_id, VERSIONS.c.no <= version.no)
        .where(or_(VERSIONS.c.id == version.id, VERSIONS.c.released_at.is_not(None)))
    )
    for level, body in connection.execute(query):
        yield level, None if body is None else load_advisory(body)


def without_ground(connection: Connection, version_id: int) -> dict[int, str]:
    """Return the people of a version whom nothing may reach for lack of a ground, each with the reason.

    Either every notice to them is suppressed for it; or they share a number with somebody who has a ground: that notice
    goes out, and is not theirs, so that they have none at all.
    """
    links = LINKS.join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
    mine, refused = LINKS.c.recipient_id == RECIPIENTS.c.id, DELIVERIES.c.reason.in_(REFUSALS)
    on_its_way = exists(select(LINKS.c.delivery_id).select_from(links).where(mine, ~refused))
    reason = (
        select(DELIVERIES.c.reason)
        .select_from(links)
        .where(mine, refused)
        .limit(1)
        .correlate(RECIPIENTS)
        .scalar_subquery()
    )
    query = select(RECIPIENTS.c.registrant_id, reason).where(
        RECIPIENTS.c.version_id == version_id, ~on_its_way, or_(reason.is_not(None), exists(_shared(version_id)))
    )
    rows = connection.execute(query.order_by(RECIPIENTS.c.registrant_id))
    return {row[0]: row[1] or REFUSALS[0] for row in rows}


def _shared(version_id: int) -> Select[tuple[int]]:
    """Select the notices of a version that go to an address of the recipient and are not theirs."""
    at = scope.usable_addresses(SYSTEM).subquery()
    same = and_(
        DELIVERIES.c.version_id == version_id, register_channel(DELIVERIES.c.channel) == at.c.channel,
        DELIVERIES.c.address_index == at.c.value_index,
    )  # fmt: skip
    theirs = at.join(DELIVERIES, same)
    return (
        select(DELIVERIES.c.id)
        .select_from(theirs)
        .where(at.c.registrant_id == RECIPIENTS.c.registrant_id)
        .correlate(RECIPIENTS)
    )
