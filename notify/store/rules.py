"""SQL of muting: who was told of the same situation by another alert, and which notices they therefore do not get.

Looked for only where another alert stands in the same situation: of most alerts none does, and nothing is read by person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from core.database import in_bulk
from notify.channels.base import FINAL
from notify.model import LATER
from notify.store.alerts import ALERTS, PLACES, VERSIONS, told_versions
from notify.store.alerts import version as version_of
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS, told_before
from notify.tables import AlertStatus, AlertVersion, DeliveryState, VersionKind

INHIBITED, REPEATED, CAPPED = "inhibited", "repeat", "capped"
BY_RULE, ALONE = "policy/", "policy/one-person"
"""How a version was approved: by a route of the policy, or by an officer who needed no second person."""
_NOT_ARRIVED = sorted(FINAL - {"delivered", "read"})
_TELLING = (DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.SENDING, DeliveryState.ACCEPTED)
_WAITING = (DeliveryState.PLANNED, DeliveryState.READY)
_STILL_TELLING = (*_TELLING, DeliveryState.UNKNOWN)
"""What may still turn out to have told: what was muted by it waits until that is known."""


@dataclass(frozen=True)
class Standing:
    """Another alert in force that is about a situation of a version.

    Attributes:
        level, as_of: of its newest word.
        version_ids: its released versions.
        countries: where both are about the same situation.
        waits_by_rule: it is a first word that went out by rule: what still waits of it may be muted.
    """

    alert_id: int
    level: int | None
    as_of: datetime
    version_ids: tuple[int, ...]
    countries: tuple[str, ...]
    waits_by_rule: bool


@dataclass(frozen=True)
class Muted:
    """Who is muted and why: people told by any of `versions` in these countries (none: anywhere), by at least `times` of them."""

    reason: str
    versions: tuple[int, ...]
    countries: tuple[str, ...]
    times: int = 1


def is_muted(reason: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell whether a reason says that a rule left somebody out."""
    return or_(reason == CAPPED, reason.startswith(f"{INHIBITED}:"), reason.startswith(f"{REPEATED}:"))


def went_by_rule(approved_by: str | None) -> bool:
    """Tell from who approved a version whether it went out by rule, and not because an officer released it. Pure."""
    return (approved_by or "").startswith(BY_RULE) and approved_by != ALONE


def standing(connection: Connection, version: AlertVersion) -> list[Standing]:
    """Return the other alerts in force about a situation of this version, in the same mode, by number."""
    here, there, mine = PLACES.alias("here"), PLACES.alias("there"), ALERTS.alias("mine")
    query = (
        select(VERSIONS.c.alert_id)
        .join(there, there.c.version_id == VERSIONS.c.id)
        .join(here, here.c.situation_id == there.c.situation_id)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .join(mine, and_(mine.c.id == version.alert_id, mine.c.mode == ALERTS.c.mode,
                         mine.c.instance_uid == ALERTS.c.instance_uid))
        .where(here.c.version_id == version.id, VERSIONS.c.alert_id != version.alert_id, *_in_force(version.as_of))
        .distinct()
    )  # fmt: skip
    found = [_standing(connection, version, one) for one in sorted(connection.execute(query).scalars())]
    return [one for one in found if one.countries]


def _in_force(as_of: datetime) -> tuple[ColumnElement[bool], ...]:
    sent = VERSIONS.c.status.in_([AlertStatus.SENDING, AlertStatus.DONE])
    return sent, VERSIONS.c.released_at.is_not(None), ALERTS.c.closed_at.is_(None), ALERTS.c.in_force_until > as_of


def _standing(connection: Connection, version: AlertVersion, alert_id: int) -> Standing:
    released = [version_of(connection, one) for one in told_versions(connection, alert_id)]
    live = [one for one in released if one.status != AlertStatus.CANCELED]
    newest = live[-1]
    here, there = PLACES.alias("here"), PLACES.alias("there")
    shared = select(here.c.country).join(there, there.c.situation_id == here.c.situation_id)
    countries = connection.execute(
        shared.where(here.c.version_id == version.id, there.c.version_id == newest.id).order_by(here.c.country)
    ).scalars()
    waits = newest.kind == VersionKind.FIRST and went_by_rule(newest.approved_by)
    return Standing(
        alert_id, newest.level, newest.as_of, tuple(int(one.id or 0) for one in live), tuple(countries), waits
    )  # fmt: skip


def same_day(connection: Connection, version: AlertVersion) -> list[int]:
    """Return the other versions that were released for the same day of the office, in the same mode."""
    mine = ALERTS.alias("mine")
    query = (
        select(VERSIONS.c.id)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .join(mine, and_(mine.c.id == version.alert_id, mine.c.mode == ALERTS.c.mode,
                         mine.c.instance_uid == ALERTS.c.instance_uid))
        .where(VERSIONS.c.day == version.day, VERSIONS.c.id != version.id, VERSIONS.c.released_at.is_not(None))
    )  # fmt: skip
    return list(connection.execute(query.order_by(VERSIONS.c.id)).scalars())


def mute(
    connection: Connection,
    version_id: int,
    whom: Sequence[Muted],
    now: datetime,
    states: Sequence[DeliveryState],
    among: Select[Any] | None = None,
) -> int:
    """Suppress the notices of a version behind which everybody is muted, in these states and never tried; returns how many.

    Where one of several behind a number is to be told, the notice goes: nobody is left out because of a neighbour.

    Args:
        among: people (registrant_id) who may be muted at all; None: anybody.
    """
    whom = [one for one in whom if one.versions]
    if not whom:
        return 0
    d, whole = DELIVERIES.c, _whole(version_id, _people(version_id, whom, _TELLING, among)).subquery("whole")
    query = update(DELIVERIES).where(
        d.id == whole.c.delivery_id, d.version_id == version_id, d.state.in_(states), d.attempts == 0,
        d.doubtful.is_(False),
    )  # fmt: skip
    values = {"state": DeliveryState.SUPPRESSED, "reason": whole.c.reason, "updated_at": now}
    with in_bulk(connection):
        return connection.execute(query.values(values)).rowcount


def _whole(version_id: int, people: Select[Any] | CompoundSelect[Any]) -> Select[Any]:
    """Select the notices of a version behind which there is nobody but these people, with the reason.

    As one set, not looked up notice by notice: a quarter of a million people may have been told before.
    """
    link, who, muted = LINKS.alias("link"), RECIPIENTS.alias("who"), people.subquery("muted")
    return (
        select(link.c.delivery_id, func.min(muted.c.reason).label("reason"))
        .join(who, who.c.id == link.c.recipient_id)
        .outerjoin(muted, muted.c.recipient_id == who.c.id)
        .where(who.c.version_id == version_id)
        .group_by(link.c.delivery_id)
        .having(func.count(distinct(link.c.recipient_id)) == func.count(distinct(muted.c.recipient_id)))
    )


def _people(
    version_id: int, whom: Sequence[Muted], states: Sequence[DeliveryState], among: Select[Any] | None = None
) -> Select[Any] | CompoundSelect[Any]:
    """Select the recipients of a version whom one of the causes mutes, with its reason; a person may come several times."""
    mine, theirs, link = RECIPIENTS.alias("mine"), RECIPIENTS.alias("theirs"), LINKS.alias("told")
    queries = []
    for one in whom:
        told = (
            select(theirs.c.registrant_id)
            .join(link, link.c.recipient_id == theirs.c.id)
            .join(DELIVERIES, DELIVERIES.c.id == link.c.delivery_id)
            .where(theirs.c.version_id.in_(one.versions), _tells(states))
            .group_by(theirs.c.registrant_id)
            .having(func.count(distinct(theirs.c.version_id)) >= one.times)
        )
        query = select(mine.c.id.label("recipient_id"), literal(one.reason).label("reason"))
        query = query.where(mine.c.version_id == version_id, mine.c.registrant_id.in_(told))
        query = query if among is None else query.where(mine.c.registrant_id.in_(among))
        queries.append(query.where(mine.c.country.in_(one.countries)) if one.countries else query)
    return queries[0] if len(queries) == 1 else union_all(*queries)


def _tells(states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    """Tell whether a notice told somebody, or is about to. One in doubt mutes nothing: what is muted must have been said.

    Nor does one that waits of an alert that an officer paused: nobody knows whether it ever leaves.
    """
    d, v = DELIVERIES.c, VERSIONS.alias("telling")
    paused = exists().where(v.c.id == d.version_id, v.c.paused_at.is_not(None))
    return and_(d.state.in_(states), d.provider_status.not_in(_NOT_ARRIVED), or_(d.state.not_in(_WAITING), ~paused))


def never_told(version_id: int, earlier: Sequence[int], *, muted: bool) -> Select[Any]:
    """Select the people (registrant_id) of a version to whom no earlier one left; `muted`: only those whom a rule left out."""
    r = RECIPIENTS.c
    told = told_before(earlier).subquery("told_earlier")
    query = select(r.registrant_id).where(
        r.version_id == version_id, r.registrant_id.not_in(select(told.c.registrant_id))
    )
    if not muted:
        return query
    old, link, left_out = RECIPIENTS.alias("old"), LINKS.alias("old_link"), DELIVERIES.alias("left_out")
    were = (
        select(old.c.registrant_id)
        .join(link, link.c.recipient_id == old.c.id)
        .join(left_out, left_out.c.id == link.c.delivery_id)
        .where(old.c.version_id.in_(earlier), left_out.c.state == DeliveryState.SUPPRESSED, is_muted(left_out.c.reason))
    )
    return query.where(r.registrant_id.in_(were))


def newcomers(version_id: int) -> Select[Any]:
    """Select the people (registrant_id) of a version who came when it was in force already."""
    r = RECIPIENTS.c
    return select(r.registrant_id).where(r.version_id == version_id, r.rule == LATER)


def muted_versions(connection: Connection, now: datetime) -> list[AlertVersion]:
    """Return the versions of which something may still go out and something was muted by another alert, by number.

    Notices are looked at only where another alert was ever released about the same situation.
    """
    d, v, other = DELIVERIES.c, VERSIONS.c, VERSIONS.alias("other")
    here, there = PLACES.alias("here"), PLACES.alias("there")
    beside = (
        select(here.c.version_id)
        .join(there, there.c.situation_id == here.c.situation_id)
        .join(other, other.c.id == there.c.version_id)
        .where(here.c.version_id == v.id, other.c.alert_id != v.alert_id, other.c.released_at.is_not(None))
    )
    going = select(VERSIONS).where(
        v.status.in_([AlertStatus.SENDING, AlertStatus.DONE]), v.send_by > now, v.paused_at.is_(None),
        beside.correlate(VERSIONS).exists(), exists().where(d.version_id == v.id, _by_another()),
    )  # fmt: skip
    return [AlertVersion(**row) for row in connection.execute(going.order_by(v.id)).mappings()]


def give_back(
    connection: Connection, version: AlertVersion, whom: Sequence[Muted], until: Mapping[str, datetime], now: datetime
) -> int:
    """Let go again what was muted of a version for people whom none of `whom` told, or is about to tell. Returns how many.

    Args:
        until: by zone, when the night ends; who sleeps there is told then. Empty: nobody is waited for.
    """
    d, link, who = DELIVERIES.c, LINKS.alias("back_link"), RECIPIENTS.alias("back_who")
    which = and_(d.version_id == version.id, _by_another())
    whom = [one for one in whom if one.versions]
    if whom:
        whole = _whole(version.id or 0, _people(version.id or 0, whom, _STILL_TELLING)).subquery("whole")
        which = and_(which, d.id.not_in(select(whole.c.delivery_id)))
    back = 0
    for zone, end in until.items():
        there = select(link.c.delivery_id).join(who, who.c.id == link.c.recipient_id)
        asleep = d.id.in_(there.where(who.c.version_id == version.id, who.c.zone == zone))
        values = {"state": DeliveryState.PLANNED, "reason": "quiet", "not_before": end, "updated_at": now}
        back += connection.execute(update(DELIVERIES).where(which, asleep).values(values)).rowcount
    waits = d.not_before.is_not(None)  # for an hour of its own, which may be over by now
    values = {
        "state": case((waits, DeliveryState.PLANNED.value), else_=DeliveryState.READY.value),
        "reason": case((waits, "quiet"), else_=""), "updated_at": now,
    }  # fmt: skip
    back += connection.execute(update(DELIVERIES).where(which).values(values)).rowcount
    if back:
        again = update(VERSIONS).where(VERSIONS.c.id == version.id, VERSIONS.c.status == AlertStatus.DONE)
        connection.execute(again.values(status=AlertStatus.SENDING))
    return back


def _by_another() -> ColumnElement[bool]:
    """Tell whether a notice is muted by what another alert says."""
    d = DELIVERIES.c
    by_another = or_(d.reason.startswith(f"{INHIBITED}:"), d.reason.startswith(f"{REPEATED}:"))
    return and_(d.state == DeliveryState.SUPPRESSED, by_another)
