"""SQL of joins: which alerts stand, what they say, and which sources have joined them already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from notify.store.alerts import ALERTS, PLACES, VERSIONS
from notify.tables import AlertStatus
from sources.model import Advisory
from sources.store import ADVISORIES, CHANGES
from sources.wire import load_advisory


@dataclass(frozen=True)
class Standing:
    """An alert that waits or is in force.

    Attributes:
        said: what its versions quote, oldest first; versions that were cancelled are left out.
        countries: ISO codes of everywhere these versions are for.
        waiting: versions that nobody has released, while none was ever released; empty once people were told.
    """

    alert_id: int
    said: tuple[Advisory, ...]
    countries: frozenset[str]
    waiting: tuple[int, ...]


def standing(connection: Connection, sources: Sequence[str], since: datetime, as_of: datetime) -> list[Standing]:
    """Return the alerts that came from these sources since then and still stand at `as_of`, newest first."""
    query = (
        select(VERSIONS.c.alert_id, VERSIONS.c.id, VERSIONS.c.released_at, ADVISORIES.c.body)
        .select_from(VERSIONS)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .join(ADVISORIES, ADVISORIES.c.id == VERSIONS.c.advisory_id)
        .where(
            ALERTS.c.source_id.in_(sources), ALERTS.c.closed_at.is_(None), VERSIONS.c.status != AlertStatus.CANCELED,
            ALERTS.c.as_of.between(since, as_of), ALERTS.c.in_force_until > as_of,
        )
        .order_by(VERSIONS.c.alert_id.desc(), VERSIONS.c.no)
    )  # fmt: skip
    alerts: dict[int, list[tuple[int, datetime | None, Advisory]]] = {}
    for row in connection.execute(query):
        alerts.setdefault(row.alert_id, []).append((row.id, row.released_at, load_advisory(row.body)))
    return [_standing(connection, alert_id, versions) for alert_id, versions in alerts.items()]


def joined_sources(connection: Connection, outcome: str) -> set[str]:
    """Return the sources of the changes that were decided with this outcome."""
    return set(connection.execute(select(CHANGES.c.source_id).where(CHANGES.c.outcome == outcome)).scalars())


def _standing(
    connection: Connection, alert_id: int, versions: Sequence[tuple[int, datetime | None, Advisory]]
) -> Standing:
    ids = [number for number, _, _ in versions]
    countries = connection.execute(select(PLACES.c.country).where(PLACES.c.version_id.in_(ids))).scalars()
    told = any(released is not None for _, released, _ in versions)
    said = tuple(advisory for _, _, advisory in versions)
    return Standing(alert_id, said, frozenset(countries), () if told else tuple(ids))
