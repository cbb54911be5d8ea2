"""SQL of progress: how the notices of a version stand, counted for a page that looks every two seconds, and listed by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, select, update

from core.tables import Audit, table
from notify.progress import Pile, Stands
from notify.store.account import ARRIVED, NOT_ARRIVED
from notify.store.alerts import VERSIONS, subject
from notify.store.deliveries import DELIVERIES
from notify.store.merging import MERGED, is_merged
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import AlertStatus, AlertVersion, DeliveryState
from sources.model import Advisory
from sources.store import ADVISORIES
from sources.wire import load_advisory

D = DELIVERIES.c
AUDIT = table(Audit)
CHUNK = 900
STATES = {
    DeliveryState.PLANNED: Stands.WAITING, DeliveryState.READY: Stands.WAITING, DeliveryState.SENDING: Stands.SENDING,
    DeliveryState.UNKNOWN: Stands.DOUBT, DeliveryState.UNRESOLVED: Stands.UNRESOLVED, DeliveryState.FAILED: Stands.FAILED,
    DeliveryState.SUPPRESSED: Stands.HELD, DeliveryState.EXPIRED: Stands.EXPIRED, DeliveryState.ACCEPTED: Stands.ACCEPTED,
}  # fmt: skip
NOTICES = D.address_id != 0
"""A post to a group tells nobody by name, and is no notice."""


def stands() -> ColumnElement[str]:
    """Return the column that says where a notice stands."""
    taken = D.state == DeliveryState.ACCEPTED
    delivered, read = ARRIVED
    return case(
        (and_(taken, D.provider_status == read), Stands.READ.value),
        (and_(taken, D.provider_status == delivered), Stands.DELIVERED.value),
        (and_(taken, D.provider_status.in_(NOT_ARRIVED)), Stands.FAILED.value),
        (and_(D.state == DeliveryState.CANCELED, is_merged(D.reason)), Stands.CARRIED.value),
        *((D.state == state, where.value) for state, where in STATES.items()),
        else_=Stands.CANCELED.value,
    )


def why() -> ColumnElement[str]:
    """Return the column that says why: the provider's code, else our reason; of what another notice carries only that."""
    told = func.coalesce(func.nullif(D.error_code, ""), D.reason)
    return case((is_merged(D.reason), MERGED), else_=told)


def piles(connection: Connection, version_id: int) -> list[Pile]:
    """Count the notices of a version by channel, country, where they stand, and why."""
    whole = select(D.channel, D.country, stands().label("stands"), why().label("why"))
    # Worked out first and grouped then: PostgreSQL takes two expressions with bound values for two different ones.
    each = whole.where(D.version_id == version_id, NOTICES).subquery("each").c
    columns = (each.channel, each.country, each.stands, each.why)
    rows = connection.execute(select(*columns, func.count()).group_by(*columns)).all()
    return sorted(
        (Pile(row[0], row[1], Stands(row[2]), row[3], row[4]) for row in rows),
        key=lambda one: (one.channel, one.country, one.stands, one.why),
    )


def people_of(connection: Connection, version_id: int) -> int:
    """Count the people of a version."""
    return connection.execute(select(func.count()).where(RECIPIENTS.c.version_id == version_id)).scalar_one()


@dataclass(frozen=True)
class Which:
    """Which notices are wanted.

    Attributes:
        reason: only for this one; None: for any. `channel`, `country`: only over this one, or there; empty: any.
    """

    stands: tuple[Stands, ...]
    reason: str | None = None
    channel: str = ""
    country: str = ""


def unresolved_beside(connection: Connection, alert_id: int, version_id: int) -> int:
    """Count the notices of an alert, of other versions than this, of which a person must decide; posts to groups too."""
    others = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.id != version_id)
    query = select(func.count()).where(D.version_id.in_(others), D.state == DeliveryState.UNRESOLVED)
    return connection.execute(query).scalar_one()


def notices_of_alert(
    connection: Connection, alert_id: int, wanted: Which, *, after: int = 0, limit: int = 100
) -> list[Row[Any]]:
    """Return the notices of every version of an alert that stand so, and its posts to groups, as `notices` does."""
    versions = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id)
    return _notices(connection, [D.version_id.in_(versions)], wanted, after, limit)


def notices(
    connection: Connection, version_id: int, wanted: Which, *, after: int = 0, limit: int = 100
) -> list[Row[Any]]:
    """Return the notices of a version that stand so, by number: their row, `stands` and `why`.

    Args:
        after: the last number of the page before.
    """
    return _notices(connection, [D.version_id == version_id, NOTICES], wanted, after, limit)


def _notices(
    connection: Connection, of: Sequence[ColumnElement[bool]], wanted: Which, after: int, limit: int
) -> list[Row[Any]]:
    query = select(DELIVERIES, stands().label("stands"), why().label("why")).where(
        *of, stands().in_(list(wanted.stands)), D.id > after
    )
    if wanted.reason is not None:
        query = query.where(why() == wanted.reason)
    if wanted.channel:
        query = query.where(D.channel == wanted.channel)
    if wanted.country:
        query = query.where(D.country == wanted.country)
    return list(connection.execute(query.order_by(D.id).limit(limit)).all())


def people_behind(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return whom each notice is for: registrant_id, country, by person."""
    r = RECIPIENTS.c
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(delivery_ids), CHUNK):
        query = (
            select(LINKS.c.delivery_id, r.registrant_id, r.country)
            .join(RECIPIENTS, r.id == LINKS.c.recipient_id)
            .where(LINKS.c.delivery_id.in_(delivery_ids[start : start + CHUNK]))
        )
        for row in connection.execute(query.order_by(LINKS.c.delivery_id, r.registrant_id)):
            found[row.delivery_id].append(row)
    return found


def people_numbers(connection: Connection, version_id: int, *, after: int = 0, limit: int = 100) -> list[int]:
    """Return the people of a version, by number.

    Args:
        after: the last number of the page before.
    """
    r = RECIPIENTS.c
    query = select(r.registrant_id).where(r.version_id == version_id, r.registrant_id > after)
    return list(connection.execute(query.order_by(r.registrant_id).limit(limit)).scalars())


def ways_of(connection: Connection, version_id: int, people: Sequence[int]) -> list[Row[Any]]:
    """Return one row a person and notice, by person and step: registrant_id, country, employer_id, and of the notice channel,
    `stands` and `why`; channel null where there is none.
    """
    r, found = RECIPIENTS.c, list[Row[Any]]()
    for start in range(0, len(people), CHUNK):
        query = (
            select(r.registrant_id, r.country, r.employer_id, D.channel, stands().label("stands"), why().label("why"))
            .select_from(RECIPIENTS)
            .outerjoin(LINKS, LINKS.c.recipient_id == r.id)
            .outerjoin(DELIVERIES, D.id == LINKS.c.delivery_id)
            .where(r.version_id == version_id, r.registrant_id.in_(people[start : start + CHUNK]))
        )
        found += connection.execute(query.order_by(r.registrant_id, D.step, D.id)).all()
    return found


def decide(
    connection: Connection, alert_id: int, delivery_ids: Sequence[int], now: datetime, **values: Any
) -> list[int]:
    """Give unresolved notices of an alert new values; return the numbers of those that were still unresolved."""
    ours = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id)
    query = (
        update(DELIVERIES)
        .where(D.id.in_(delivery_ids), D.state == DeliveryState.UNRESOLVED, D.version_id.in_(ours))
        .values(updated_at=now, due=None, **values)
        .returning(D.id)
    )
    return sorted(connection.execute(query).scalars())


def over(connection: Connection, delivery_ids: Sequence[int], now: datetime) -> bool:
    """Tell whether the version of one of these notices is cancelled, or past the time within which it is worth sending."""
    v = VERSIONS.c
    ended = (v.send_by <= now) | (v.status == AlertStatus.CANCELED)
    query = select(D.id).join(VERSIONS, v.id == D.version_id).where(D.id.in_(delivery_ids), ended).limit(1)
    return connection.execute(query).first() is not None


def sends_again(connection: Connection, delivery_ids: Sequence[int]) -> None:
    """Let the versions of these notices count as being sent once more."""
    theirs = select(D.version_id).where(D.id.in_(delivery_ids))
    done = VERSIONS.c.id.in_(theirs), VERSIONS.c.status == AlertStatus.DONE
    connection.execute(update(VERSIONS).where(*done).values(status=AlertStatus.SENDING))


def chain(connection: Connection, alert_id: int) -> list[AlertVersion]:
    """Return the versions of an alert, the newest first."""
    query = select(VERSIONS).where(VERSIONS.c.alert_id == alert_id).order_by(VERSIONS.c.no.desc())
    return [AlertVersion(**row) for row in connection.execute(query).mappings()]


def advisory_of(connection: Connection, version: AlertVersion) -> Advisory | None:
    """Return the publisher's own words that a version was made from; None for an officer's own."""
    body = connection.execute(select(ADVISORIES.c.body).where(ADVISORIES.c.id == version.advisory_id)).scalar()
    return None if body is None else load_advisory(body)


def history(connection: Connection, version_ids: Sequence[int]) -> list[Row[Any]]:
    """Return what was done with versions, from the audit, in order: at, actor, action, object, detail."""
    named = [subject(one) for one in version_ids]
    query = select(AUDIT.c.at, AUDIT.c.actor, AUDIT.c.action, AUDIT.c.object, AUDIT.c.detail)
    return list(connection.execute(query.where(AUDIT.c.object.in_(named)).order_by(AUDIT.c.id)).all())
