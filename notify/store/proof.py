"""SQL of proof: who should have been told, who was, and what is not accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, exists, func, insert, literal, select, update

from core.tables import Audit, table
from notify.grounds import REFUSALS
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import ATTEMPTS, DELIVERIES, OUTCOMES, RECEIPTS
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import DeliveryState, Gap, Run
from sources.wire import message_json

GAPS, RUNS, AUDIT = table(Gap), table(Run), table(Audit)
CHAINED = (AUDIT, ATTEMPTS, OUTCOMES, RECEIPTS)
"""Append-only tables under the proof chain, in the order they are sealed."""
SETTLED = (DeliveryState.ACCEPTED, DeliveryState.CANCELED)
"""States that need no line of their own: a provider has it (and may still say that it did not arrive), or we took it back."""
NOT_ARRIVED = ("undelivered", "failed", "canceled")


@dataclass(frozen=True)
class Trouble:
    """Deliveries of one version that are not at a good end, counted by state and reason.

    Attributes:
        state: ours, or under `provider_` the provider's.
    """

    alert_id: int
    version_id: int
    state: str
    reason: str
    count: int


def troubles(connection: Connection, version_ids: Sequence[int]) -> list[Trouble]:
    """Count what is not at its end, was refused, is in doubt, or was reported as not delivered."""
    d = DELIVERIES.c
    shown = func.coalesce(func.nullif(d.error_code, ""), d.reason)
    bad = select(VERSIONS.c.alert_id, d.version_id, d.state, shown, func.count()).join(
        VERSIONS, VERSIONS.c.id == d.version_id
    )
    # Whom nothing may reach for lack of a ground is listed by name of the person: see `store.grounds`.
    bad = bad.where(d.version_id.in_(version_ids), d.state.not_in(SETTLED), d.reason.not_in(REFUSALS)).group_by(
        VERSIONS.c.alert_id, d.version_id, d.state, shown
    )
    lost = select(
        VERSIONS.c.alert_id, d.version_id, literal("provider_") + d.provider_status, shown, func.count()
    ).join(VERSIONS, VERSIONS.c.id == d.version_id)
    lost = lost.where(
        d.version_id.in_(version_ids), d.state == DeliveryState.ACCEPTED, d.provider_status.in_(NOT_ARRIVED)
    ).group_by(VERSIONS.c.alert_id, d.version_id, d.provider_status, shown)
    rows = [*connection.execute(bad).all(), *connection.execute(lost).all()]
    return sorted((Trouble(*row) for row in rows), key=lambda one: (one.version_id, one.state, one.reason))


def unreachable(connection: Connection, version_id: int) -> list[int]:
    """Return the people of a version for whom there is no notice at all: nobody has a number or an address for them."""
    told = exists().where(LINKS.c.recipient_id == RECIPIENTS.c.id)
    query = select(RECIPIENTS.c.registrant_id).where(RECIPIENTS.c.version_id == version_id, ~told)
    return list(connection.execute(query.order_by(RECIPIENTS.c.registrant_id)).scalars())


def missed(connection: Connection, alert_id: int, people: Select[Any]) -> list[int]:
    """Return those of `people` who are not among the recipients of any released version of an alert."""
    who = people.subquery()
    there = (
        exists()
        .where(RECIPIENTS.c.registrant_id == who.c.registrant_id, RECIPIENTS.c.version_id == VERSIONS.c.id)
        .where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.released_at.is_not(None))
    )
    return list(connection.execute(select(who.c.registrant_id).where(~there).order_by(who.c.registrant_id)).scalars())


def counts(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the people of a version, and its notices by state; `delivered` and `read` are the provider's words."""
    unsure = func.coalesce(func.sum(case((RECIPIENTS.c.doubtful, 1), else_=0)), 0)
    people, doubtful = connection.execute(
        select(func.count(), unsure).where(RECIPIENTS.c.version_id == version_id)
    ).one()
    d = DELIVERIES.c
    states = select(d.state, func.count()).where(d.version_id == version_id).group_by(d.state)
    words = select(d.provider_status, func.count()).where(
        d.version_id == version_id, d.state == DeliveryState.ACCEPTED, d.provider_status != ""
    )
    found = {row[0]: row[1] for row in connection.execute(states)}
    told = {f"provider_{row[0]}": row[1] for row in connection.execute(words.group_by(d.provider_status))}
    return {"people": people, "doubtful_people": int(doubtful)} | found | told


def released_versions(
    connection: Connection, as_of: datetime | None = None, alert_id: int | None = None
) -> list[Row[Any]]:
    """Return the versions that were released: of one night, of one alert, or all."""
    query = select(VERSIONS, ALERTS.c.id.label("alert_number")).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
    query = query.where(VERSIONS.c.released_at.is_not(None)).order_by(VERSIONS.c.id)
    if as_of is not None:
        query = query.where(VERSIONS.c.as_of == as_of)
    if alert_id is not None:
        query = query.where(VERSIONS.c.alert_id == alert_id)
    return list(connection.execute(query).all())


def save_gaps(connection: Connection, run_id: int | None, gaps: Sequence[Any], now: datetime) -> None:
    """Write down what is not accounted for."""
    rows = [
        {
            "run_id": run_id,
            "kind": gap.kind,
            "subject": gap.subject,
            "message": message_json(gap.message),
            "created_at": now,
        }
        for gap in gaps
    ]
    if rows:
        connection.execute(insert(GAPS), rows)


def begin_run(connection: Connection, *, kind: str, as_of: datetime, now: datetime, actor: str) -> int:
    """Write down that a run began; return its number."""
    values = {"kind": kind, "as_of": as_of, "started_at": now, "status": "running", "actor": actor}
    return int(connection.execute(insert(RUNS).values(values).returning(RUNS.c.id)).scalar_one())


def end_run(connection: Connection, run_id: int, *, status: str, summary: dict[str, Any], now: datetime) -> None:
    """Write down how a run ended."""
    connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(status=status, summary=summary, ended_at=now))


def last_run(connection: Connection, kind: str, before: datetime | None = None) -> Run | None:
    """Return the newest run of a kind that came to its end; with `before`, of an earlier night than that."""
    ended = select(RUNS).where(RUNS.c.kind == kind, RUNS.c.ended_at.is_not(None))
    if before is not None:
        ended = ended.where(RUNS.c.as_of < before)
    row = connection.execute(ended.order_by(RUNS.c.id.desc()).limit(1)).mappings().first()
    return Run(**row) if row else None


def runs_between(connection: Connection, after: datetime, until: datetime) -> list[Run]:
    """Return the runs of any kind that came to their end, for a moment later than `after` and not later than `until`."""
    ended = select(RUNS).where(RUNS.c.ended_at.is_not(None), RUNS.c.as_of > after, RUNS.c.as_of <= until)
    return [Run(**row) for row in connection.execute(ended.order_by(RUNS.c.id)).mappings()]


def trail(connection: Connection, *, alert_id: int | None = None, registrant_id: int | None = None) -> list[Row[Any]]:
    """Return one row per notice and person: why, when, over what, every state; for an alert or for a person."""
    d, r = DELIVERIES.c, RECIPIENTS.c
    query = (
        select(
            VERSIONS.c.alert_id, VERSIONS.c.no, VERSIONS.c.kind, VERSIONS.c.level, VERSIONS.c.title_zh, VERSIONS.c.rule,
            r.registrant_id, r.posting_id, r.country, d.id.label("delivery_id"), d.channel, d.state, d.reason,
            d.provider_status, d.error_code, d.provider_id, d.attempts, d.doubtful, d.accepted_at, d.updated_at,
        )
        .join(VERSIONS, VERSIONS.c.id == r.version_id)
        .outerjoin(LINKS, LINKS.c.recipient_id == r.id)
        .outerjoin(DELIVERIES, d.id == LINKS.c.delivery_id)
        .order_by(VERSIONS.c.id, r.registrant_id, d.id)
    )  # fmt: skip
    if alert_id is not None:
        query = query.where(VERSIONS.c.alert_id == alert_id)
    if registrant_id is not None:
        query = query.where(r.registrant_id == registrant_id)
    return list(connection.execute(query).all())
