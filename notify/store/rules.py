"""SQL of muting: who was told of the same situation by another alert, and which notices they therefore do not get.

Looked for only where another alert stands in the same situation: of most alerts none does, and nothing is read by person.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from core.database import in_bulk
from notify.channels.base import FINAL
from notify.store.alerts import ALERTS, PLACES, VERSIONS, told_versions
from notify.store.alerts import version as version_of
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS
from notify.tables import AlertStatus, AlertVersion, DeliveryState, VersionKind

INHIBITED, REPEATED, CAPPED = "inhibited", "repeat", "capped"
BY_RULE = "policy/"
_NOT_ARRIVED = sorted(FINAL - {"delivered", "read"})
_TELLING = (DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.SENDING, DeliveryState.ACCEPTED)


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
    waits = newest.kind == VersionKind.FIRST and (newest.approved_by or "").startswith(BY_RULE)
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
    connection: Connection, version_id: int, whom: Sequence[Muted], now: datetime, states: Sequence[DeliveryState]
) -> int:
    """Suppress the notices of a version behind which everybody is muted, in these states and never tried; returns how many.

    Where one of several behind a number is to be told, the notice goes: nobody is left out because of a neighbour.
    """
    whom = [one for one in whom if one.versions]
    if not whom:
        return 0
    d, link, who = DELIVERIES.c, LINKS.alias("link"), RECIPIENTS.alias("who")
    muted = _people(version_id, whom).subquery("muted")
    # As one set, not looked up notice by notice: a quarter of a million people may have been told before.
    whole = (
        select(link.c.delivery_id, func.min(muted.c.reason).label("reason"))
        .join(who, who.c.id == link.c.recipient_id)
        .outerjoin(muted, muted.c.recipient_id == who.c.id)
        .where(who.c.version_id == version_id)
        .group_by(link.c.delivery_id)
        .having(func.count(distinct(link.c.recipient_id)) == func.count(distinct(muted.c.recipient_id)))
        .subquery("whole")
    )
    query = update(DELIVERIES).where(
        d.id == whole.c.delivery_id, d.version_id == version_id, d.state.in_(states), d.attempts == 0,
        d.doubtful.is_(False),
    )  # fmt: skip
    values = {"state": DeliveryState.SUPPRESSED, "reason": whole.c.reason, "updated_at": now}
    with in_bulk(connection):
        return connection.execute(query.values(values)).rowcount


def _people(version_id: int, whom: Sequence[Muted]) -> Select[Any] | CompoundSelect[Any]:
    """Select the recipients of a version whom one of the causes mutes, with its reason; a person may come several times."""
    mine, theirs, link = RECIPIENTS.alias("mine"), RECIPIENTS.alias("theirs"), LINKS.alias("told")
    queries = []
    for one in whom:
        told = (
            select(theirs.c.registrant_id)
            .join(link, link.c.recipient_id == theirs.c.id)
            .join(DELIVERIES, DELIVERIES.c.id == link.c.delivery_id)
            .where(theirs.c.version_id.in_(one.versions), _tells())
            .group_by(theirs.c.registrant_id)
            .having(func.count(distinct(theirs.c.version_id)) >= one.times)
        )
        query = select(mine.c.id.label("recipient_id"), literal(one.reason).label("reason"))
        query = query.where(mine.c.version_id == version_id, mine.c.registrant_id.in_(told))
        queries.append(query.where(mine.c.country.in_(one.countries)) if one.countries else query)
    return queries[0] if len(queries) == 1 else union_all(*queries)


def _tells() -> ColumnElement[bool]:
    """Tell whether a notice told somebody, or is about to. One in doubt does not: what is muted must have been said."""
    d = DELIVERIES.c
    return and_(d.state.in_(_TELLING), d.provider_status.not_in(_NOT_ARRIVED))


def give_back(connection: Connection, alert_id: int, now: datetime) -> int:
    """Let go again what this alert muted, as far as it is still valid: the alert was cancelled. Returns how many notices."""
    d, v = DELIVERIES.c, VERSIONS.c
    still = select(v.id).where(v.status.in_([AlertStatus.SENDING, AlertStatus.DONE]), v.send_by > now)
    mine = d.reason.in_([f"{INHIBITED}:{alert_id}", f"{REPEATED}:{alert_id}"])
    which = and_(d.state == DeliveryState.SUPPRESSED, mine, d.version_id.in_(still))
    versions = list(connection.execute(select(d.version_id).where(which).distinct()).scalars())
    if not versions:
        return 0
    waits = d.not_before.is_not(None)
    values = {
        "state": case((waits, DeliveryState.PLANNED.value), else_=DeliveryState.READY.value),
        "reason": case((waits, "quiet"), else_=""), "updated_at": now,
    }  # fmt: skip
    back = connection.execute(update(DELIVERIES).where(which).values(values)).rowcount
    again = update(VERSIONS).where(v.id.in_(versions), v.status == AlertStatus.DONE)
    connection.execute(again.values(status=AlertStatus.SENDING))
    return back
