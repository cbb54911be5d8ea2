"""SQL of what sending needs to know beside the deliveries themselves: their texts, and the versions that they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.tables import table
from notify.tables import Alert, AlertText, AlertVersion

TEXTS, VERSIONS, ALERTS = table(AlertText), table(AlertVersion), table(Alert)


@dataclass(frozen=True)
class VersionFacts:
    """What sending needs to know of a version."""

    alert_id: int
    level: int | None
    send_by: datetime | None
    mode: str
    instance_uid: str
    ask_safe: bool = False


def text_rows(connection: Connection, text_ids: Sequence[int]) -> dict[int, AlertText]:
    """Return texts by number."""
    query = select(TEXTS).where(TEXTS.c.id.in_(text_ids))
    return {row["id"]: AlertText(**row) for row in connection.execute(query).mappings()}


def version_facts(connection: Connection, version_ids: Sequence[int]) -> dict[int, VersionFacts]:
    """Return what sending needs to know of versions, by number."""
    query = (
        select(
            VERSIONS.c.id,
            ALERTS.c.id,
            VERSIONS.c.level,
            VERSIONS.c.send_by,
            ALERTS.c.mode,
            ALERTS.c.instance_uid,
            VERSIONS.c.ask_safe,
        )
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .where(VERSIONS.c.id.in_(version_ids))
    )
    return {row[0]: VersionFacts(*row[1:]) for row in connection.execute(query)}
