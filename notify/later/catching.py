"""Catching up: who was registered into, or moved into, the place of an alert in force gets its newest standing text, once.

Everybody who came since is found by the history of the register, every minute; whom time alone brings in (leaving within 14
days) by a look at everybody there, once a day. The keys of recipients and notices make it safe to run at any time, twice, and
from two processes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select

from core.database import reading, writing
from notify import alerts
from notify.alerts import Acting
from notify.budgets import day_of
from notify.later import store
from notify.later.store import Standing
from notify.later.tables import LaterLook
from notify.later.texts import write_texts
from notify.model import LATER
from notify.office import Office
from notify.own.audience import people_of
from notify.rules import muting
from notify.store import merging, outbox
from notify.store.following import insert_for_newcomers
from registry import scope
from registry.actors import SYSTEM
from registry.scope import changed

log = structlog.get_logger(__name__)
SETTLES = timedelta(minutes=15)
"""Longest that a change of the register may wait to be committed after a later one was: such is PostgreSQL's numbering."""


@dataclass(frozen=True)
class _Here:
    """The moment on the time line of the night, and the day of the office that it is then."""

    moment: datetime
    day: date


def catch_up(office: Office, now: datetime) -> int:
    """Plan the standing text of every alert in force for whoever came since; return how many notices are new. Repeatable.

    Args:
        now: on the time line of the night, for quiet hours and the day that counts.
    """
    here = _Here(now, day_of(now, office.settings.zone).date)
    with reading(office.engine) as connection:
        found, newest = store.standing(connection, now), changed.newest_change(connection)
    acting = office.acting(SYSTEM)
    made = 0
    # The highest first: who is told it need not hear the lower ones of the same situation.
    for one in sorted(found, key=lambda one: -(one.version.level or 0)):
        if _is_due(one, newest, here.day, acting.now):
            with writing(office.engine) as connection:
                made += _catch_up(connection, one, acting, here)
    return made


def _is_due(one: Standing, newest: int, day: date, now: datetime) -> bool:
    """Tell whether there may be newcomers, or the point from which they are looked for should move on."""
    look = one.look
    if look is None or look.day != day or look.settled > newest:
        return True
    return look.settled < newest or (look.seen > look.settled and now - look.seen_at >= SETTLES)


def _catch_up(connection: Connection, one: Standing, acting: Acting, here: _Here) -> int:
    merging.take_turns(connection)
    if not store.still_stands(connection, one.version):
        return 0
    newest = changed.newest_change(connection)
    made = _plan(connection, one, acting, here, _came(connection, one, here.day))
    store.save_look(connection, _next_look(one, newest, here.day, acting.now, _settling(connection)))
    return made


def _came(connection: Connection, one: Standing, day: date) -> Any:
    """Select among whom newcomers are looked for; None: among everybody there."""
    look = one.look
    if one.whole:
        return None if look is None or look.day != day else changed.changed_since(SYSTEM, look.settled)
    came = changed.came_since(SYSTEM, 0 if look is None else look.settled)
    if look is not None and look.day == day:
        return came
    # Who was there when it was first seen was not told then, and is not now; whom time has brought since is.
    there = people_of(connection, one.version, day=one.base_day).subquery("there")
    today = people_of(connection, one.version, day=day).subquery("today")
    by_time = select(today.c.registrant_id).where(today.c.registrant_id.not_in(select(there.c.registrant_id)))
    return by_time if look is None else came.union(by_time)


def _plan(connection: Connection, one: Standing, acting: Acting, here: _Here, among: Any) -> int:
    """Write the newcomers down and plan their notices; nothing is touched if there are none."""
    version = one.version
    assert version.id is not None
    people = people_of(connection, version, day=here.day)
    if among is not None:
        who = people.subquery("there_now")
        people = select(who).where(who.c.registrant_id.in_(among))
    whole = alerts.plan_of(connection, version, acting.now, acting.transfer)
    untold, new = store.untold(connection, version, people), 0
    if connection.execute(untold.limit(1)).first():
        write_texts(
            connection, version, acting
        )  # first: in which languages there are texts decides who is told in which
        new = outbox.insert_recipients(connection, replace(whole, rule=LATER), untold)
    at = scope.usable_addresses(SYSTEM).subquery("usable")
    addresses = select(at).where(at.c.registrant_id.in_(store.without_notice(version, among)))
    if not connection.execute(addresses.limit(1)).first():
        return 0
    write_texts(connection, version, acting)
    whole = alerts.plan_of(connection, version, acting.now, acting.transfer)
    whole = alerts.awake(connection, version, whole, here.moment, acting.rules.quiet.night)
    made = insert_for_newcomers(connection, replace(whole, rule=LATER), addresses)
    if made:
        store.going_again(connection, version, acting.now)
        store.say_since(connection, version.id)
        made -= muting.spare_newcomers(connection, version, acting.rules, acting.now)
        alerts.note(connection, acting, "alert.later", version.id, f"{new} people, {made} notices")
        log.info("told to newcomers", alert=version.alert_id, people=new, notices=made)
    return made


def _settling(connection: Connection) -> timedelta:
    """Return how long a change may stay uncommitted behind a later one: on SQLite there is one writer, and none does."""
    return timedelta(0) if connection.dialect.name == "sqlite" else SETTLES


def _next_look(one: Standing, newest: int, day: date, now: datetime, settling: timedelta) -> LaterLook:
    """Return how far was looked now. What was new a while ago is settled; what is newer is looked at again."""
    look, number = one.look, one.version.alert_id
    if look is None or look.settled > newest or not settling:
        return LaterLook(alert_id=number, day=day, settled=newest, seen=newest, seen_at=now)
    if now - look.seen_at >= settling:
        return LaterLook(alert_id=number, day=day, settled=look.seen, seen=newest, seen_at=now)
    return look.model_copy(update={"day": day})
