"""SQL of the list of alerts: each by its newest version, what waits for a person first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from notify.model import BASELINE
from notify.store.alerts import ALERTS, PLACES, VERSIONS, no_drill
from notify.store.deliveries import DELIVERIES, IS_READY
from notify.store.due import is_held
from notify.store.outbox import RECIPIENTS
from notify.tables import AlertStatus

PAGE = 50
OPEN = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


class Group(IntEnum):
    """Where an alert stands in the list, the first first.

    WAITING: for a person: a draft, submitted, approved, paused or held. SENDING: on its way. FORCE: sent, and still holds.
    NEWCOMERS: stood already when its source was first read; whoever comes later is told. OVER: ended, or cancelled before it left.
    """

    WAITING = 0
    SENDING = 1
    FORCE = 2
    NEWCOMERS = 3
    OVER = 4


@dataclass(frozen=True)
class Wish:
    """Which alerts are wanted. `drills`: those that are drills in an office that is not one as a whole, and no other.

    Attributes:
        level: 1 to 4; 0: those whose source states none; None: any.
        page: from 0, of `PAGE` lines.
    """

    country: str = ""
    level: int | None = None
    group: Group | None = None
    drills: bool = False
    page: int = 0


@dataclass(frozen=True)
class Row:
    """One alert, as its newest version has it.

    Attributes:
        people: recipients; None: it was not planned yet.
        held: notices of it wait for a budget or a country.
    """

    alert_id: int
    version_id: int
    no: int
    kind: str
    status: str
    group: Group
    level: int | None
    level_words: str
    title_zh: str
    title_en: str
    rule: str
    paused: bool
    held: bool
    since: datetime
    created_by: str
    submitted_by: str | None
    countries: tuple[str, ...]
    people: int | None


def rows(connection: Connection, wish: Wish, now: datetime) -> list[Row]:
    """Return the alerts of a page, and one more if there is a further page."""
    v, rank = VERSIONS.c, _rank(now)
    since = func.coalesce(v.released_at, v.approved_at, v.submitted_at, v.created_at)
    urgent = case((rank == Group.WAITING, func.coalesce(v.level, 0)), else_=0)
    query = _wanted(connection, wish, now).add_columns(rank.label("rank"), since.label("since"), _held().label("held"))
    query = query.order_by(rank, urgent.desc(), v.id.desc()).offset(wish.page * PAGE).limit(PAGE + 1)
    found = connection.execute(query).all()
    places = _places(connection, [one.id for one in found])
    people = _people(connection, [one.id for one in found])
    return [_row(one, places.get(one.id, ()), people.get(one.id)) for one in found]


def counts(connection: Connection, wish: Wish, now: datetime) -> dict[Group, int]:
    """Count the alerts of each group, whatever group and page the wish names."""
    whole = Wish(wish.country, wish.level, drills=wish.drills)
    listed = _wanted(connection, whole, now).add_columns(_rank(now).label("rank")).subquery()
    query = select(listed.c.rank, func.count()).group_by(listed.c.rank)
    found = {Group(row[0]): int(row[1]) for row in connection.execute(query)}
    return {group: found.get(group, 0) for group in Group}


def _wanted(connection: Connection, wish: Wish, now: datetime) -> Select[Any]:
    v, later = VERSIONS.c, VERSIONS.alias("later")
    newest = ~exists().where(later.c.alert_id == v.alert_id, later.c.no > v.no)
    real = no_drill(connection)
    query = select(VERSIONS).join(ALERTS, ALERTS.c.id == v.alert_id).where(newest, ~real if wish.drills else real)
    if wish.country:
        query = query.where(exists().where(PLACES.c.version_id == v.id, PLACES.c.country == wish.country))
    if wish.level is not None:
        query = query.where(v.level == wish.level if wish.level else v.level.is_(None))
    return query if wish.group is None else query.where(_rank(now) == wish.group)


def _rank(now: datetime) -> ColumnElement[int]:
    v = VERSIONS.c
    told = VERSIONS.alias("told")
    out = exists().where(
        told.c.alert_id == v.alert_id, told.c.released_at.is_not(None), told.c.status != AlertStatus.CANCELED
    )
    force = and_(ALERTS.c.closed_at.is_(None), ALERTS.c.in_force_until > now, out)
    stuck = and_(v.status == AlertStatus.SENDING, or_(v.paused_at.is_not(None), _held()))
    return case(
        (or_(v.status.in_(OPEN), stuck), int(Group.WAITING)),
        (v.status == AlertStatus.SENDING, int(Group.SENDING)),
        (and_(force, v.rule == BASELINE), int(Group.NEWCOMERS)),
        (force, int(Group.FORCE)),
        else_=int(Group.OVER),
    )


def _held() -> ColumnElement[bool]:
    return exists().where(DELIVERIES.c.version_id == VERSIONS.c.id, IS_READY, is_held())


def _places(connection: Connection, versions: Collection[int]) -> dict[int, tuple[str, ...]]:
    query = select(PLACES.c.version_id, PLACES.c.country).where(PLACES.c.version_id.in_(versions))
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(PLACES.c.country)):
        found[row.version_id] = (*found.get(row.version_id, ()), row.country)
    return found


def _people(connection: Connection, versions: Collection[int]) -> dict[int, int]:
    r = RECIPIENTS.c
    query = select(r.version_id, func.count()).where(r.version_id.in_(versions)).group_by(r.version_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def _row(one: Any, countries: tuple[str, ...], people: int | None) -> Row:
    planned = people if people is not None or one.released_at is None else 0
    return Row(
        one.alert_id, one.id, one.no, one.kind, one.status, Group(one.rank), one.level, one.level_words, one.title_zh,
        one.title_en, one.rule, one.paused_at is not None, bool(one.held), one.since, one.created_by, one.submitted_by,
        countries, planned,
    )  # fmt: skip
