"""SQL of proof: who should have been told, who was, and what is not accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, exists, func, insert, literal, or_, select, update

from core.tables import Audit, table
from notify.bulletin.tables import Bulletin
from notify.byhand.store import BY_HAND, company_told, person_told
from notify.grounds import REFUSALS
from notify.store.account import NOT_ARRIVED, somebody_left
from notify.store.alerts import ALERTS, VERSIONS, no_drill
from notify.store.deliveries import ATTEMPTS, DELIVERIES, OUTCOMES, RECEIPTS
from notify.store.merging import carrier_of, is_merged
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.policies import POLICY_VERSIONS
from notify.store.rules import is_muted
from notify.store.safety import SAFE_WORDS
from notify.tables import AlertVersion, DeliveryState, Gap, Run
from registry import scope
from sources.store import CAPTURES
from sources.wire import message_json

GAPS, RUNS, AUDIT = table(Gap), table(Run), table(Audit)
CHAINED = (AUDIT, ATTEMPTS, OUTCOMES, RECEIPTS, BY_HAND, CAPTURES, POLICY_VERSIONS, SAFE_WORDS, table(Bulletin))
"""Append-only tables under the proof chain, in the order they are sealed."""
SETTLED = (DeliveryState.ACCEPTED, DeliveryState.CANCELED)
"""States that need no line of their own: a provider has it (and may still say that it did not arrive), or we took it back."""
NO_STEP_OF_ITS_OWN = (DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED)
"""Ends at which another notice, or somebody's telephone call, may have done what this one did not."""


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


def troubles(connection: Connection, alert_id: int, version_id: int) -> list[Trouble]:
    """Count what is not at its end, was refused, is in doubt, or was reported as not delivered.

    What did not arrive is left out where everybody behind it is told by another notice, is about to be, or was told by hand.
    """
    d = DELIVERIES.c
    left = somebody_left(alert_id, version_id)
    shown = func.coalesce(func.nullif(d.error_code, ""), d.reason)
    bad = select(d.state, shown, func.count()).group_by(d.state, shown)
    # Whom nothing may reach for lack of a ground is listed by name of the person: see `store.grounds`.
    bad = bad.where(d.version_id == version_id, d.state.not_in(SETTLED), d.reason.not_in(REFUSALS), ~is_muted(d.reason))
    bad = bad.where(or_(d.state.not_in(NO_STEP_OF_ITS_OWN), left))
    lost = select(literal("provider_") + d.provider_status, shown, func.count()).group_by(d.provider_status, shown)
    lost = lost.where(d.version_id == version_id, d.state == DeliveryState.ACCEPTED, d.provider_status.in_(NOT_ARRIVED))
    rows = [*connection.execute(bad).all(), *connection.execute(lost.where(left)).all(),
            *connection.execute(_carried_badly(version_id).where(left)).all()]  # fmt: skip
    return sorted((Trouble(alert_id, version_id, *row) for row in rows), key=lambda one: (one.state, one.reason))


def _carried_badly(version_id: int) -> Select[Any]:
    """Count the notices that another one carries which did not arrive, by what became of that one."""
    d, carrier = DELIVERIES.c, DELIVERIES.alias("carrier")
    lost = and_(carrier.c.state == DeliveryState.ACCEPTED, carrier.c.provider_status.in_(NOT_ARRIVED))
    state = case((lost, literal("provider_") + carrier.c.provider_status), else_=carrier.c.state).label("state")
    shown = func.coalesce(func.nullif(carrier.c.error_code, ""), carrier.c.reason).label("shown")
    return (
        select(state, shown, func.count())
        .select_from(DELIVERIES)
        .join(carrier, carrier.c.id == carrier_of(d.reason))
        .where(d.version_id == version_id, d.state == DeliveryState.CANCELED, is_merged(d.reason))
        .where(or_(lost, carrier.c.state != DeliveryState.ACCEPTED))
        .group_by(state, shown)
    )


def unreachable(connection: Connection, version_id: int) -> list[int]:
    """Return the people of a version for whom there is no notice at all: nobody has a number or an address for them.

    Whoever was erased since is no longer looked for.
    """
    told = exists().where(LINKS.c.recipient_id == RECIPIENTS.c.id)
    query = select(RECIPIENTS.c.registrant_id).where(RECIPIENTS.c.version_id == version_id, ~told)
    found = list(connection.execute(query.order_by(RECIPIENTS.c.registrant_id)).scalars())
    there = scope.person_keys(connection, found)
    return [one for one in found if one in there]


def told_by_hand(connection: Connection, alert_id: int, version_id: int) -> frozenset[int]:
    """Return the people of a version who were told by hand, or by their company as it says."""
    r = RECIPIENTS.c
    told = or_(person_told(r.registrant_id, alert_id, version_id), company_told(r.employer_id, alert_id, version_id))
    query = select(r.registrant_id).where(r.version_id == version_id, told)
    return frozenset(connection.execute(query).scalars())


def missed(connection: Connection, version: AlertVersion, people: Select[Any]) -> list[int]:
    """Return those of `people` who are not among the recipients of a version or of a later released one, nor told by hand."""
    who, alert_id, since = people.subquery(), version.alert_id, version.id or 0
    there = (
        exists()
        .where(RECIPIENTS.c.registrant_id == who.c.registrant_id, RECIPIENTS.c.version_id == VERSIONS.c.id)
        .where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.id >= since, VERSIONS.c.released_at.is_not(None))
    )
    told = or_(there, person_told(who.c.registrant_id, alert_id, since))
    return list(connection.execute(select(who.c.registrant_id).where(~told).order_by(who.c.registrant_id)).scalars())


def still_there(connection: Connection, version_id: int, people: Select[Any]) -> int:
    """Count the people of a version who are among `people`: those in the place by what the register says now."""
    there = RECIPIENTS.c.registrant_id.in_(select(people.subquery().c.registrant_id))
    query = select(func.count()).where(RECIPIENTS.c.version_id == version_id, there)
    return connection.execute(query).scalar_one()


def counts(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the people of a version, and its notices by state; `delivered` and `read` are the provider's words."""
    unsure = func.coalesce(func.sum(case((RECIPIENTS.c.doubtful, 1), else_=0)), 0)
    people, doubtful = connection.execute(
        select(func.count(), unsure).where(RECIPIENTS.c.version_id == version_id)
    ).one()
    d = DELIVERIES.c
    mine = d.version_id == version_id, d.address_id != 0  # a post to a group tells nobody by name, and is no notice
    states = select(d.state, func.count()).where(*mine).group_by(d.state)
    words = select(d.provider_status, func.count()).where(
        *mine, d.state == DeliveryState.ACCEPTED, d.provider_status != ""
    )
    found = {row[0]: row[1] for row in connection.execute(states)}
    told = {f"provider_{row[0]}": row[1] for row in connection.execute(words.group_by(d.provider_status))}
    return {"people": people, "doubtful_people": int(doubtful)} | found | told


def released_versions(
    connection: Connection, as_of: datetime | None = None, alert_id: int | None = None
) -> list[Row[Any]]:
    """Return the versions that were released: of one night, of one alert, or all; drills in a live office only by their number."""
    query = select(VERSIONS, ALERTS.c.id.label("alert_number")).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
    query = query.where(VERSIONS.c.released_at.is_not(None)).order_by(VERSIONS.c.id)
    if as_of is not None:
        query = query.where(VERSIONS.c.as_of == as_of)
    if alert_id is not None:
        query = query.where(VERSIONS.c.alert_id == alert_id)
    else:
        query = query.where(no_drill(connection))
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
