"""SQL of posts to groups: which groups heard of an alert, and one delivery for each that is to hear of a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from notify.groups import NO_ADDRESS, VARIANT, index_of, name_of
from notify.store.deliveries import DELIVERIES, VERSIONS
from notify.store.facts import TEXTS
from notify.tables import DeliveryState

TOLD = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED, DeliveryState.SENDING)


def texts(connection: Connection, version_id: int) -> dict[str, int]:
    """Return the numbers of a version's texts for groups, by channel; they are in Chinese."""
    query = select(TEXTS.c.channel, TEXTS.c.id).where(
        TEXTS.c.version_id == version_id, TEXTS.c.variant == VARIANT, TEXTS.c.language == "zh"
    )
    return {row.channel: row.id for row in connection.execute(query)}


def told(connection: Connection, alert_id: int, version_id: int) -> frozenset[str]:
    """Return the names of the groups that an earlier version of an alert was posted to, or may have been."""
    earlier = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.id < version_id)
    query = select(DELIVERIES.c.address_index).where(
        DELIVERIES.c.version_id.in_(earlier), DELIVERIES.c.address_id == NO_ADDRESS, DELIVERIES.c.state.in_(TOLD)
    )
    return frozenset(name_of(index) for index in connection.execute(query).scalars())


def insert(
    connection: Connection, version_id: int, posts: Sequence[tuple[str, str, int]], *, priority: int, now: datetime
) -> int:
    """Plan one post for each channel, group and text; returns how many are new. They are ready at once."""
    rows = [_row(version_id, post, priority, now) for post in posts]
    if not rows:
        return 0
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(DELIVERIES).values(rows).on_conflict_do_nothing()
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount


def _row(version_id: int, post: tuple[str, str, int], priority: int, now: datetime) -> Mapping[str, object]:
    channel, name, text_id = post
    return {
        "version_id": version_id, "text_id": text_id, "channel": channel, "address_id": NO_ADDRESS,
        "address_index": index_of(name), "people": 0, "priority": priority, "state": DeliveryState.READY,
        "created_at": now, "updated_at": now,
    }  # fmt: skip
