"""SQL of the account: what came of each person of a version, each in exactly one group."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, exists, func, or_, select

from notify.byhand.store import Number, company_told, person_told
from notify.store.deliveries import DELIVERIES, OPEN_STATES
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.rules import is_muted
from notify.tables import DeliveryState

NOT_ARRIVED = ("undelivered", "failed", "canceled")
ARRIVED = ("delivered", "read")


class Reached(StrEnum):
    """What came of one person, by the best of their notices; in the order of worth, the least first."""

    NO_WAY = "no-way"
    CANCELED = "canceled"
    MUTED = "muted"
    NOT_REACHED = "not-reached"
    IN_DOUBT = "in-doubt"
    WAITING = "waiting"
    BY_COMPANY = "by-company"
    BY_HAND = "by-hand"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"


WORTH = {reached: worth for worth, reached in enumerate(Reached)}
BY_WORTH = tuple(Reached)
CARED_FOR = frozenset({Reached.WAITING, Reached.BY_COMPANY, Reached.BY_HAND, Reached.DELIVERED})
"""Told for certain, or about to be told by another way: a notice of theirs that failed is no gap. Accepted is not enough: mail
that a relay took may lie unread while the telephone was never reached."""


def people(connection: Connection, alert_id: int, version_id: int) -> dict[Reached, int]:
    """Count the people of a version by what came of them. Together they are all its people."""
    best = _best(RECIPIENTS.c.version_id == version_id)
    worth = _worth(best, alert_id, version_id)
    found = connection.execute(select(worth, func.count()).select_from(best).group_by(worth))
    return {BY_WORTH[row[0]]: row[1] for row in found}


def somebody_left(alert_id: Number, version_id: Number) -> ColumnElement[bool]:
    """Return the condition that somebody behind a delivery is not cared for by any of their notices, nor by hand.

    A notice to which no record points counts as somebody's: it is never left out.
    """
    ours = LINKS.alias()
    behind = select(ours.c.recipient_id).where(ours.c.delivery_id == DELIVERIES.c.id).correlate(DELIVERIES)
    theirs, notices = LINKS.alias(), DELIVERIES.alias()
    best = select(func.max(_rank(notices.c))).where(
        theirs.c.recipient_id == RECIPIENTS.c.id, notices.c.id == theirs.c.delivery_id
    )
    cared = [WORTH[one] for one in CARED_FOR]
    told = or_(
        best.correlate(RECIPIENTS).scalar_subquery().in_(cared),
        person_told(RECIPIENTS.c.registrant_id, alert_id, version_id),
        company_told(RECIPIENTS.c.employer_id, alert_id, version_id),
    )
    # People of another version whose notice this one carries are looked at with that version.
    own = RECIPIENTS.c.version_id == DELIVERIES.c.version_id
    left = exists().where(RECIPIENTS.c.id.in_(behind), own, ~told).correlate(DELIVERIES)
    return or_(left, ~exists().where(ours.c.delivery_id == DELIVERIES.c.id).correlate(DELIVERIES))


def _best(which: ColumnElement[bool]) -> Subquery:
    """Return the worth of each person's best notice."""
    r = RECIPIENTS.c
    worth = func.coalesce(func.max(_rank(DELIVERIES.c)), 0).label("worth")
    return (
        select(r.id, r.registrant_id, r.employer_id, worth)
        .outerjoin(LINKS, LINKS.c.recipient_id == r.id)
        .outerjoin(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
        .where(which)
        .group_by(r.id, r.registrant_id, r.employer_id)
        .subquery("best")
    )


def _worth(best: Subquery, alert_id: int, version_id: int) -> ColumnElement[int]:
    """Return what counts of a person: the provider's word, then what was told by hand, then our own state."""
    return case(
        (best.c.worth >= WORTH[Reached.ACCEPTED], best.c.worth),
        (person_told(best.c.registrant_id, alert_id, version_id), WORTH[Reached.BY_HAND]),
        (company_told(best.c.employer_id, alert_id, version_id), WORTH[Reached.BY_COMPANY]),
        else_=best.c.worth,
    )


def _rank(d: Any) -> ColumnElement[int]:
    taken = d.state == DeliveryState.ACCEPTED
    return case(
        (d.state.is_(None), WORTH[Reached.NO_WAY]),
        (and_(taken, d.provider_status.in_(ARRIVED)), WORTH[Reached.DELIVERED]),
        (and_(taken, d.provider_status.not_in(NOT_ARRIVED)), WORTH[Reached.ACCEPTED]),
        (d.state.in_(OPEN_STATES), WORTH[Reached.WAITING]),
        (d.state == DeliveryState.UNRESOLVED, WORTH[Reached.IN_DOUBT]),
        (d.state == DeliveryState.CANCELED, WORTH[Reached.CANCELED]),
        (and_(d.state == DeliveryState.SUPPRESSED, is_muted(d.reason)), WORTH[Reached.MUTED]),
        else_=WORTH[Reached.NOT_REACHED],
    )


def people_by_employer(connection: Connection, alert_id: int, version_id: int) -> dict[int, dict[Reached, int]]:
    """Count the people of a version by company and by what came of them; those of no company are left out."""
    best = _best((RECIPIENTS.c.version_id == version_id) & RECIPIENTS.c.employer_id.is_not(None))
    worth = _worth(best, alert_id, version_id)
    query = select(best.c.employer_id, worth, func.count()).select_from(best).group_by(best.c.employer_id, worth)
    found: dict[int, dict[Reached, int]] = {}
    for employer, rank, count in connection.execute(query.order_by(best.c.employer_id)):
        found.setdefault(employer, {})[BY_WORTH[rank]] = count
    return found


def people_at(
    connection: Connection, alert_id: int, version_id: int, wanted: Collection[Reached]
) -> list[tuple[int, int, Reached]]:
    """Return the people of companies who stand at one of these: company, person, and which. By company and person."""
    best = _best((RECIPIENTS.c.version_id == version_id) & RECIPIENTS.c.employer_id.is_not(None))
    worth = _worth(best, alert_id, version_id)
    query = select(best.c.employer_id, best.c.registrant_id, worth).where(worth.in_([WORTH[one] for one in wanted]))
    rows = connection.execute(query.order_by(best.c.employer_id, best.c.registrant_id))
    return [(row[0], row[1], BY_WORTH[row[2]]) for row in rows]


def people_standing(
    connection: Connection, alert_id: int, version_id: int, wanted: Reached, *, after: int = 0, limit: int = 100
) -> list[int]:
    """Return the people of a version who stand at one of these, by number.

    Args:
        after: the last number of the page before.
    """
    best = _best((RECIPIENTS.c.version_id == version_id) & (RECIPIENTS.c.registrant_id > after))
    query = select(best.c.registrant_id).where(_worth(best, alert_id, version_id) == WORTH[wanted])
    return list(connection.execute(query.order_by(best.c.registrant_id).limit(limit)).scalars())
