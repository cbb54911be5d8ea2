"""SQL of joins: which alerts stand, what they say, and which changes and sources have joined them already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from core.tables import table
from notify.model import BASELINE
from notify.store.alerts import ALERTS, PLACES, VERSIONS
from notify.tables import AlertStatus, Recipient, Run
from sources.model import Advisory
from sources.store import ADVISORIES, CHANGES, ENTRIES
from sources.wire import load_advisory

RUNS, RECIPIENTS = table(Run), table(Recipient)


@dataclass(frozen=True)
class Standing:
    """An alert that waits or is in force.

    Attributes:
        said: what its versions quote, oldest first; versions that were cancelled are left out.
        countries: ISO codes of everywhere these versions are for.
        waiting: versions of which nobody was told, because they were not released or stood at first sight; empty once any was.
    """

    alert_id: int
    said: tuple[Advisory, ...]
    countries: frozenset[str]
    waiting: tuple[int, ...]


@dataclass(frozen=True)
class Joined:
    """A change that opened no alert because it belongs to one: `outcome` says how, as `situation/12`."""

    change_id: int
    outcome: str
    advisory: Advisory

    @property
    def alert_id(self) -> int:
        """Return the number of the alert."""
        return int(self.outcome.partition("/")[2])


def standing(connection: Connection, sources: Sequence[str], since: datetime, as_of: datetime) -> list[Standing]:
    """Return the alerts that came from these sources since then and still stand at `as_of`, newest first."""
    query = (
        select(VERSIONS.c.alert_id, VERSIONS.c.id, _told(), ADVISORIES.c.body)
        .select_from(VERSIONS)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .join(ADVISORIES, ADVISORIES.c.id == VERSIONS.c.advisory_id)
        .where(
            ALERTS.c.source_id.in_(sources), ALERTS.c.closed_at.is_(None), VERSIONS.c.status != AlertStatus.CANCELED,
            ALERTS.c.as_of.between(since, as_of), ALERTS.c.in_force_until > as_of,
        )
        .order_by(VERSIONS.c.alert_id.desc(), VERSIONS.c.no)
    )  # fmt: skip
    alerts: dict[int, list[tuple[int, bool, Advisory]]] = {}
    for row in connection.execute(query):
        alerts.setdefault(row.alert_id, []).append((row.id, row.told, load_advisory(row.body)))
    return [_standing(connection, alert_id, versions) for alert_id, versions in alerts.items()]


def _told() -> Any:
    """Tell whether anybody was, or is about to be, told of a version. What stood at first sight was told to newcomers alone."""
    newcomers = exists().where(RECIPIENTS.c.version_id == VERSIONS.c.id)
    return and_(VERSIONS.c.released_at.is_not(None), or_(VERSIONS.c.rule != BASELINE, newcomers)).label("told")


def joined_sources(connection: Connection, outcome: str) -> set[str]:
    """Return the sources of the changes that were decided with this outcome."""
    return set(connection.execute(select(CHANGES.c.source_id).where(CHANGES.c.outcome == outcome)).scalars())


def still_said(connection: Connection, said: Sequence[Advisory]) -> tuple[Advisory, ...]:
    """Return what the sources still say of it, with the lower of the tier then and now.

    What was withdrawn, has expired, or may be about to fall (a second look is awaited) is left out: behind it nothing may hide.
    """
    found = []
    for one in said:
        query = (
            select(ENTRIES.c.gone, ENTRIES.c.expired, ENTRIES.c.pending, ADVISORIES.c.body)
            .join(ADVISORIES, ADVISORIES.c.id == ENTRIES.c.advisory_id)
            .where(ENTRIES.c.source_id == one.source, ENTRIES.c.native_id == one.native_id)
        )
        row = connection.execute(query).first()
        if row is not None and not (row.gone or row.expired or row.pending):
            found.append(replace(one, tier=min(one.tier or 0, load_advisory(row.body).tier or 0)))
    return tuple(found)


def others_stand(connection: Connection, alert_id: int, falling: Advisory, tier: int) -> bool:
    """Tell whether another record that joined this alert, and so was told to nobody, still stands at `tier` or above."""
    query = (
        select(ADVISORIES.c.body)
        .join(ENTRIES, ENTRIES.c.advisory_id == ADVISORIES.c.id)
        .join(CHANGES, (CHANGES.c.source_id == ENTRIES.c.source_id) & (CHANGES.c.native_id == ENTRIES.c.native_id))
        .where(CHANGES.c.outcome.like(f"%/{alert_id}"), ENTRIES.c.gone.is_(False), ENTRIES.c.expired.is_(False))
        .where(ENTRIES.c.native_id != falling.native_id)
    )
    return any((load_advisory(body).tier or 0) >= tier for body in connection.execute(query).scalars())


def joined(connection: Connection, run_id: int) -> list[Joined]:
    """Return the changes that were decided since a run began and joined an alert, oldest first."""
    began = select(RUNS.c.started_at).where(RUNS.c.id == run_id).scalar_subquery()
    query = (
        select(CHANGES.c.id, CHANGES.c.outcome, ADVISORIES.c.body)
        .join(ADVISORIES, ADVISORIES.c.id == CHANGES.c.after_id)
        .where(CHANGES.c.decided_at >= began, CHANGES.c.outcome.like("%/%"))
    )
    return [
        Joined(row.id, row.outcome, load_advisory(row.body)) for row in connection.execute(query.order_by(CHANGES.c.id))
    ]


def _standing(connection: Connection, alert_id: int, versions: Sequence[tuple[int, bool, Advisory]]) -> Standing:
    ids = [number for number, _, _ in versions]
    countries = connection.execute(select(PLACES.c.country).where(PLACES.c.version_id.in_(ids))).scalars()
    told = any(one for _, one, _ in versions)
    said = tuple(advisory for _, _, advisory in versions)
    return Standing(alert_id, said, frozenset(countries), () if told else tuple(ids))
