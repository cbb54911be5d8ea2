"""SQL of later joiners: which alerts stand, who came since, and what they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import Mode, table
from notify.byhand.store import person_told
from notify.later.tables import LaterLook
from notify.model import BASELINE, LATER
from notify.store.alerts import ALERTS, VERSIONS, instance, told_versions
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS, TEXTS, told_before
from notify.tables import AlertStatus, AlertVersion, DeliveryState, VersionKind
from notify.texts.rules import LATER as LATER_TEXT

LOOKS = table(LaterLook)
LEVEL_OF_FALL = 3
"""What became less is news to newcomers only while its level is still this or higher."""


@dataclass(frozen=True)
class Standing:
    """An alert in force with the version that stands, and how far the register was looked at for it.

    Attributes:
        whole: everybody in its places was to be told; False: it stood at first sight, so that only who came since is.
        base_day: the day of the office on which it was first looked at, for what stood at first sight.
        look: None if it was never looked at for newcomers.
    """

    version: AlertVersion
    whole: bool
    base_day: date
    look: LaterLook | None


def standing(connection: Connection, now: datetime) -> list[Standing]:
    """Return the alerts in force whose newest released version may be told to newcomers, by number.

    A version that was cancelled or is paused is told to nobody; nor is an earlier one in its place. Drills and alerts of
    another mode or instance stay among themselves.
    """
    here, v, a = instance(connection), VERSIONS.c, ALERTS.c
    later = VERSIONS.alias("later")
    newer = exists().where(later.c.alert_id == v.alert_id, later.c.no > v.no, later.c.released_at.is_not(None))
    news = or_(v.told_only.is_(False), v.level >= LEVEL_OF_FALL)
    query = (
        select(VERSIONS, LOOKS.c.alert_id.label("looked"), LOOKS.c.day.label("look_day"), LOOKS.c.settled, LOOKS.c.seen,
               LOOKS.c.seen_at)
        .join(ALERTS, a.id == v.alert_id)
        .outerjoin(LOOKS, LOOKS.c.alert_id == a.id)
        .where(a.closed_at.is_(None), a.in_force_until > now, a.mode == here.mode, a.mode != Mode.DRILL)
        .where(a.instance_uid == here.uid, v.released_at.is_not(None), ~newer, v.paused_at.is_(None))
        .where(v.status.in_([AlertStatus.SENDING, AlertStatus.DONE]), v.kind != VersionKind.ALL_CLEAR, news)
        .order_by(v.alert_id)
    )  # fmt: skip
    rows = connection.execute(query).mappings().all()
    spoken = _spoken(connection, [row["alert_id"] for row in rows if row["rule"] == BASELINE or row["told_only"]])
    found = []
    for row in rows:
        version = AlertVersion(**{column.name: row[column.name] for column in VERSIONS.c})
        look = None
        if row["looked"] is not None:
            look = LaterLook(alert_id=row["alert_id"], day=row["look_day"], settled=row["settled"], seen=row["seen"],
                             seen_at=row["seen_at"])  # fmt: skip
        whole, base_day = spoken.get(version.alert_id, (True, version.day))
        found.append(Standing(version, whole, base_day, look))
    return found


def _spoken(connection: Connection, alert_ids: Sequence[int]) -> dict[int, tuple[bool, date]]:
    """Return of alerts whether any version was for everybody there, and the day of the first version."""
    v = VERSIONS.c
    query = select(v.alert_id, v.rule, v.told_only, v.day).where(v.alert_id.in_(alert_ids), v.released_at.is_not(None))
    found: dict[int, tuple[bool, date]] = {}
    for row in connection.execute(query.order_by(v.no)):
        whole, day = found.get(row.alert_id, (False, row.day))
        found[row.alert_id] = whole or not (row.told_only or row.rule == BASELINE), day
    return found


def still_stands(connection: Connection, version: AlertVersion) -> bool:
    """Tell whether a version stands still, and let nobody release a later one until the transaction ends."""
    v = VERSIONS.c
    mine = select(v.id).where(v.id == version.id, v.paused_at.is_(None))
    mine = mine.where(v.status.in_([AlertStatus.SENDING, AlertStatus.DONE])).with_for_update()
    if connection.execute(mine).first() is None:
        return False
    open_ones = select(ALERTS.c.id).where(ALERTS.c.id == version.alert_id, ALERTS.c.closed_at.is_(None))
    return (
        connection.execute(open_ones).first() is not None
        and told_versions(connection, version.alert_id)[-1] == version.id
    )


def untold(connection: Connection, version: AlertVersion, people: Select[Any]) -> Select[Any]:
    """Select those of `people` (columns of `people_in`) who are no recipients of a version and were told of no earlier one."""
    who = people.subquery("who")
    mine = exists().where(RECIPIENTS.c.version_id == version.id, RECIPIENTS.c.registrant_id == who.c.registrant_id)
    query = select(who).where(~mine, ~person_told(who.c.registrant_id, version.alert_id, version.id or 0))
    earlier = [one for one in told_versions(connection, version.alert_id) if one != version.id]
    if not earlier:
        return query
    told = told_before(earlier).subquery("told")
    return query.where(who.c.registrant_id.not_in(select(told.c.registrant_id)))


def without_notice(version: AlertVersion, among: Select[Any] | None) -> Select[Any]:
    """Select the recipients of a version (`registrant_id`) to whom no notice points: newcomers, and whoever had no address.

    Args:
        among: people who were changed; None: anybody.
    """
    r = RECIPIENTS.c
    query = select(r.registrant_id).where(r.version_id == version.id, ~exists().where(LINKS.c.recipient_id == r.id))
    return query if among is None else query.where(r.registrant_id.in_(among))


def going_again(connection: Connection, version: AlertVersion, now: datetime) -> None:
    """Let notices of a version leave, for its validity from now on."""
    v = VERSIONS.c
    until = now + timedelta(minutes=version.validity_minutes)
    connection.execute(update(VERSIONS).where(v.id == version.id).values(status=AlertStatus.SENDING))
    mine = and_(v.id == version.id, or_(v.send_by.is_(None), v.send_by < until))
    connection.execute(update(VERSIONS).where(mine).values(send_by=until))


def say_since(connection: Connection, version_id: int) -> int:
    """Give the notices that are for newcomers alone, and have not left, the text that says since when it stands. Returns how many."""
    d, own, other = DELIVERIES.c, TEXTS.alias("own"), TEXTS.alias("other")
    if not connection.execute(_texts(version_id).limit(1)).first():
        return 0
    since = (
        select(other.c.id)
        .join_from(own, other, and_(
            other.c.version_id == own.c.version_id, other.c.language == own.c.language, other.c.channel == own.c.channel,
            other.c.variant == literal(LATER_TEXT) + own.c.variant,
        ))
        .where(own.c.id == d.text_id, own.c.version_id == version_id)
    )  # fmt: skip
    newcomers = select(LINKS.c.delivery_id).join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
    theirs = newcomers.where(RECIPIENTS.c.version_id == version_id, RECIPIENTS.c.rule == LATER)
    behind = LINKS.join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
    others = exists(
        select(LINKS.c.delivery_id).select_from(behind).where(LINKS.c.delivery_id == d.id, RECIPIENTS.c.rule != LATER)
    )
    waiting = d.state.in_([DeliveryState.PLANNED, DeliveryState.READY])
    query = update(DELIVERIES).where(
        d.version_id == version_id, d.id.in_(theirs), waiting, d.attempts == 0, ~others,
        exists(since.correlate(DELIVERIES)),
    )  # fmt: skip
    return connection.execute(query.values(text_id=since.correlate(DELIVERIES).scalar_subquery())).rowcount


def has_texts(connection: Connection, version_id: int) -> bool:
    """Tell whether the texts for newcomers of a version are written."""
    return connection.execute(_texts(version_id).limit(1)).first() is not None


def _texts(version_id: int) -> Select[Any]:
    return select(TEXTS.c.id).where(TEXTS.c.version_id == version_id, TEXTS.c.variant.startswith(LATER_TEXT))


def save_look(connection: Connection, look: LaterLook) -> None:
    """Write down how far was looked for an alert."""
    values = look.model_dump()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(LOOKS).values(values)
    changed = {name: statement.excluded[name] for name in values if name != "alert_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["alert_id"], set_=changed))


def told_anybody(connection: Connection, alert_id: int) -> bool:
    """Tell whether any person was written down for any version of an alert."""
    query = select(RECIPIENTS.c.id).join(VERSIONS, VERSIONS.c.id == RECIPIENTS.c.version_id)
    return connection.execute(query.where(VERSIONS.c.alert_id == alert_id).limit(1)).first() is not None
