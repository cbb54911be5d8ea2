"""SQL of the rounds: which roll calls are open, of whom it is not known since when, which steps were taken, which messages they made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import Mode, table
from notify.safety.rounds.tables import SafeCall, SafeStep
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS, insert_grouped, link
from notify.store.safe_ways import behind, silent_since
from notify.store.safety import newest_asking_again, unanswered, unsettled
from notify.store.ways import Plan, refused, ways
from notify.tables import AlertStatus
from registry import scope
from registry.actors import SYSTEM

CALLS, STEPS = table(SafeCall), table(SafeStep)
ROUNDS_FOR = timedelta(days=3)
"""How long after its release an alert has rounds: whoever is silent then is on the officers' list already."""


ROUND = "/"
"""Stands between a step and the update whose rounds it belongs to."""


@dataclass(frozen=True)
class RollCall:
    """An alert whose rounds go on: the newest version of it that asks.

    Attributes:
        again: the newest update that asked everybody once more: its rounds begin anew; 0: none did.
    """

    alert_id: int
    version_id: int
    mode: str
    released_at: datetime
    again: int = 0

    def step(self, step: str) -> str:
        """Return the name under which a step is written down."""
        return f"{step}{ROUND}{self.again}" if self.again and step else step


@dataclass(frozen=True)
class Silent:
    """Somebody who was asked at `since`, and of whom nobody knows yet whether they are safe."""

    registrant_id: int
    employer_id: int | None
    country: str
    since: datetime


def roll_calls(connection: Connection, mode: Mode, now: datetime, alert_id: int | None = None) -> list[RollCall]:
    """Return the alerts whose rounds go on: in force, neither closed, cancelled nor paused, and of the mode of this instance."""
    v, a = VERSIONS.c, ALERTS.c
    modes = [mode.value, Mode.DRILL.value] if mode is Mode.LIVE else [mode.value]
    newest = select(func.max(v.id)).where(v.ask_safe, v.released_at.is_not(None)).group_by(v.alert_id)
    query = select(v.alert_id, v.id, a.mode, v.released_at).join(ALERTS, a.id == v.alert_id).where(
        v.id.in_(newest), v.status.in_([AlertStatus.SENDING, AlertStatus.DONE]), v.paused_at.is_(None),
        v.released_at > now - ROUNDS_FOR, a.in_force_until > now, or_(a.closed_at.is_(None), a.closed_at > now),
        a.mode.in_(modes),
    )  # fmt: skip
    if alert_id is not None:
        query = query.where(v.alert_id == alert_id)
    rows = connection.execute(query.order_by(v.alert_id)).all()
    return [RollCall(row[0], row[1], row[2], row[3], newest_asking_again(connection, row[0])) for row in rows]


def goes_on(connection: Connection, version_id: int, now: datetime) -> bool:
    """Tell whether rounds of a version still go on: an officer may have stopped it meanwhile."""
    v, a = VERSIONS.c, ALERTS.c
    query = select(v.id).join(ALERTS, a.id == v.alert_id).where(
        v.id == version_id, v.status.in_([AlertStatus.SENDING, AlertStatus.DONE]), v.paused_at.is_(None),
        or_(a.closed_at.is_(None), a.closed_at > now),
    )  # fmt: skip
    return connection.execute(query).first() is not None


def due(connection: Connection, call: RollCall, steps: tuple[str, str], before: datetime) -> list[Silent]:
    """Return those for whom a step is due: the silent, and whose answers are not clear; of those asked again, since then.

    Args:
        steps: the step before (empty: there is none), and the step itself.
        before: the step before was taken, or they were asked, by then.
    """
    alert_id, (after, step) = call.alert_id, (call.step(one) for one in steps)
    s, one = silent_since(alert_id, call.again).subquery("asked"), STEPS.c
    taken = exists().where(one.alert_id == alert_id, one.registrant_id == s.c.registrant_id, one.step == step)
    query = select(s.c.registrant_id, s.c.employer_id, s.c.country, s.c.since).where(
        s.c.registrant_id.in_(unsettled(alert_id)), ~taken
    )
    if after:
        earlier = STEPS.alias("earlier")
        query = query.where(exists().where(
            earlier.c.alert_id == alert_id, earlier.c.registrant_id == s.c.registrant_id, earlier.c.step == after,
            earlier.c.at <= before,
        ))  # fmt: skip
    else:
        query = query.where(s.c.since <= before)
    return [Silent(*row) for row in connection.execute(query.order_by(s.c.registrant_id))]


def still_unknown(connection: Connection, alert_id: int, people: Sequence[int]) -> set[int]:
    """Return of whom among these nobody knows yet whether they are safe."""
    return _among(connection, unsettled(alert_id), people)


def anybody_unknown(connection: Connection, alert_id: int) -> bool:
    """Tell whether there is anybody on the roll of whom it is not known whether they are safe."""
    return connection.execute(unsettled(alert_id).limit(1)).first() is not None


def wholly_silent(connection: Connection, alert_id: int, people: Sequence[int]) -> set[int]:
    """Return of whom among these nothing was heard at all."""
    return _among(connection, unanswered(alert_id), people)


def _among(connection: Connection, chosen: Select[Any], people: Sequence[int]) -> set[int]:
    found: set[int] = set()
    silent = chosen.subquery()
    for start in range(0, len(people), scope.CHUNK):
        chunk = people[start : start + scope.CHUNK]
        query = select(silent.c.registrant_id).where(silent.c.registrant_id.in_(chunk))
        found.update(connection.execute(query).scalars())
    return found


def take_steps(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Write that a step was taken; return for whom it was not before."""
    found: set[int] = set()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for start in range(0, len(rows), 100):
        statement = dialect.insert(STEPS).on_conflict_do_nothing().returning(STEPS.c.registrant_id)
        chunk = [dict(row) for row in rows[start : start + 100]]
        found.update(connection.execute(statement.values(chunk)).scalars())
    return found


def new_call(connection: Connection, row: Mapping[str, Any]) -> int:
    """Write a message that is to be sent; return its number."""
    return int(connection.execute(insert(CALLS).values(dict(row)).returning(CALLS.c.id)).scalar_one())


def name_call(connection: Connection, alert_id: int, registrant_id: int, step: str, call_id: int) -> None:
    """Write which message a step made that was written down before."""
    s = STEPS.c
    ours = s.alert_id == alert_id, s.registrant_id == registrant_id, s.step == step
    connection.execute(update(STEPS).where(*ours).values(call_id=call_id))


def open_calls(connection: Connection, alert_id: int, tries: int) -> list[Row[Any]]:
    """Return the messages of an alert that have not come to an end, and were tried less often than `tries`."""
    c = CALLS.c
    query = select(CALLS).where(c.alert_id == alert_id, c.ended_at.is_(None), c.tries < tries).order_by(c.id)
    return list(connection.execute(query))


def set_call(connection: Connection, call_id: int, **values: object) -> None:
    """Write down how a message stands."""
    connection.execute(update(CALLS).where(CALLS.c.id == call_id).values(values))


def people_of_call(connection: Connection, call_id: int) -> list[int]:
    """Return about whom a message is."""
    query = select(STEPS.c.registrant_id).where(STEPS.c.call_id == call_id).order_by(STEPS.c.registrant_id)
    return list(connection.execute(query).scalars())


def steps_of(connection: Connection, alert_id: int) -> list[Row[Any]]:
    """Return every step of an alert with what came of its message: registrant_id, step (of all rounds), at, outcome, code."""
    s = STEPS.c
    query = select(s.registrant_id, s.step, s.at, CALLS.c.outcome, CALLS.c.code)
    joined = query.select_from(STEPS.outerjoin(CALLS, CALLS.c.id == s.call_id))
    return list(connection.execute(joined.where(s.alert_id == alert_id).order_by(s.id)))


def more_notices(connection: Connection, plan: Plan, people: Sequence[int], step: int) -> set[int]:
    """Make a notice over every way to these people that nothing of this version has used yet; return who got one.

    The key of a notice (version, channel, address) makes it safe to run twice.
    """
    if not plan.routes:
        return set()
    addresses = scope.usable_addresses(SYSTEM)
    way, r = ways(plan, addresses).subquery(), RECIPIENTS.c
    used = exists().where(
        DELIVERIES.c.version_id == plan.version_id, DELIVERIES.c.channel == way.c.channel,
        DELIVERIES.c.address_index == way.c.value_index,
    )  # fmt: skip
    found: set[int] = set()
    for start in range(0, len(people), scope.CHUNK):
        chunk = people[start : start + scope.CHUNK]
        theirs = select(r.id).where(r.version_id == plan.version_id, r.registrant_id.in_(chunk))
        chosen = select(way).where(way.c.recipient_id.in_(theirs), ~used)
        if plan.may_refuse:
            chosen = chosen.where(refused(way.c.ground) == 0)
        if not insert_grouped(connection, plan, chosen.subquery(), literal(step)):
            continue
        link(connection, plan, ways(plan, addresses).subquery(), since=plan.now)
        query = (
            select(r.registrant_id).join(LINKS, LINKS.c.recipient_id == r.id)
            .join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
            .where(and_(r.version_id == plan.version_id, r.registrant_id.in_(chunk), DELIVERIES.c.created_at >= plan.now))
        )  # fmt: skip
        found.update(connection.execute(query).scalars())
    if found:
        again = update(VERSIONS).where(VERSIONS.c.id == plan.version_id, VERSIONS.c.status == AlertStatus.DONE)
        connection.execute(again.values(status=AlertStatus.SENDING))
    return found


def ways_to(connection: Connection, registrant_id: int) -> list[tuple[str, int]]:
    """Return the addresses in use of a person, the preferred one first: channel of the register, and number."""
    at = scope.usable_addresses(SYSTEM).subquery().c
    query = select(at.channel, at.address_id).where(at.registrant_id == registrant_id)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(at.preference, at.address_id.desc()))]


def notice_of(connection: Connection, version_id: int, registrant_id: int) -> int | None:
    """Return the newest notice of a version that was handed over for a person; None: there was none."""
    r, d = RECIPIENTS.c, DELIVERIES.c
    query = (
        select(func.max(d.id)).join(LINKS, LINKS.c.delivery_id == d.id).join(RECIPIENTS, r.id == LINKS.c.recipient_id)
    )
    found = connection.execute(
        query.where(r.version_id == version_id, r.registrant_id == registrant_id, d.attempts > 0)
    )
    return found.scalar()


def countries_of(connection: Connection, version_id: int, people: Sequence[int]) -> tuple[str, ...]:
    """Return where these people are, as far as the alert knows."""
    r = RECIPIENTS.c
    found: set[str] = set()
    for start in range(0, len(people), scope.CHUNK):
        chunk = people[start : start + scope.CHUNK]
        query = select(r.country).where(r.version_id == version_id, r.registrant_id.in_(chunk)).distinct()
        found.update(connection.execute(query).scalars())
    return tuple(sorted(found))


def shares(connection: Connection, alert_id: int, address_id: int) -> bool:
    """Tell whether several people were asked by an alert at the address of which this is one."""
    address = connection.execute(scope.addresses_of(SYSTEM, [address_id])).first()
    return address is not None and len(behind(connection, alert_id, address.value_index)) > 1


def first_ways(connection: Connection, people: Sequence[int]) -> dict[int, tuple[str, bytes]]:
    """Return the address at which each of these people is asked once more: channel and blind index. Several may share one."""
    at = scope.usable_addresses(SYSTEM).subquery().c
    found: dict[int, tuple[str, bytes]] = {}
    for start in range(0, len(people), scope.CHUNK):
        query = select(at.registrant_id, at.channel, at.value_index).where(
            at.registrant_id.in_(people[start : start + scope.CHUNK]), at.channel.in_(["sms", "email"])
        )
        for row in connection.execute(query.order_by(at.preference, at.address_id.desc())):
            found.setdefault(row[0], (row[1], row[2]))
    return found


def numbers_of(connection: Connection, people: Sequence[int]) -> list[tuple[int, int]]:
    """Return the telephone numbers in use of people, by person, the preferred one first: person, and number of the address."""
    at, found = scope.usable_addresses(SYSTEM).subquery().c, []
    for start in range(0, len(people), scope.CHUNK):
        query = select(at.registrant_id, at.address_id).where(
            at.registrant_id.in_(people[start : start + scope.CHUNK]), at.channel.in_(["sms", "whatsapp"])
        )
        ordered = query.order_by(at.registrant_id, at.preference, at.address_id.desc())
        found += [(row[0], row[1]) for row in connection.execute(ordered)]
    return found
