"""SQL: what becomes of notices when a roster is undone: nobody erased gets one, nobody who stays loses one unseen.

A notice that waits and is only for people who were erased is called off. Whoever stays, and was to be told at a number that
was taken back, is told at another one of theirs, also if the notice has left already and is still valid: it reached somebody
else. Who has no other address on that channel has no notice any more, and the proof names them as not reached.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from notify.routing import HOME_PREFIX, SMS, SMS_CN, may_take
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.erasure import INDEX, STILL_OPEN, blur_addresses
from notify.store.merging import everything, take_apart
from notify.store.outbox import LINKS, RECIPIENTS, TEXTS
from notify.store.ways import register_channel
from notify.tables import AlertStatus, DeliveryState
from registry import scope
from registry.actors import SYSTEM
from registry.roster.notices import Settled, TakenBack

UNSENT = (DeliveryState.PLANNED, DeliveryState.READY)
TELLING = (*STILL_OPEN, DeliveryState.ACCEPTED)
REASON = "undone"
FRESH = ("id", "reason", "due", "accepted_at", "provider_id", "lease_owner", "lease_until", "holds")
"""Columns that a notice to another number does not take over."""


@dataclass(frozen=True)
class _Ways:
    """Who stays in the register, and the addresses they keep, the preferred first."""

    living: Collection[int]
    by_person: Mapping[int, Sequence[Row[Any]]]

    def on(self, person: int, channel: str) -> list[Row[Any]]:
        """Return a person's addresses that a channel of notices takes."""
        return [way for way in self.by_person.get(person, ()) if may_take(channel, way.channel, way.prefix)]


@dataclass
class _Work:
    """One undo: where, with what, when, and what came of it so far."""

    connection: Connection
    ways: _Ways
    now: datetime
    called_off: int = 0
    redirected: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)


def settle(connection: Connection, taken: TakenBack, now: datetime) -> Settled:
    """Call off, redirect or leave alone each notice to these people and addresses. The people are erased already."""
    take_apart(connection, everything(), now)  # what is merged is settled part by part
    notices = _notices(connection, taken, now)
    people: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in chunks(sorted(notices)):
        for one in connection.execute(_recipients().where(LINKS.c.delivery_id.in_(chunk))):
            people[one.delivery_id].append(one)
    everybody = sorted({one.registrant_id for them in people.values() for one in them})
    work = _Work(connection, _ways(connection, everybody, frozenset(taken.addresses)), now)
    for number in sorted(notices):
        _settle(work, notices[number], people[number])
    blur_addresses(connection, taken.people)
    return Settled(work.called_off, len(work.redirected), tuple(sorted(work.lost - work.redirected)))


def to_addresses(address_ids: Sequence[int]) -> Select[tuple[int]]:
    """Select the notices (delivery id) that reach somebody at one of these addresses of theirs."""
    at = scope.addresses_of(SYSTEM, address_ids).subquery()
    return (
        select(DELIVERIES.c.id)
        .join(LINKS, LINKS.c.delivery_id == DELIVERIES.c.id)
        .join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
        .join(at, (at.c.registrant_id == RECIPIENTS.c.registrant_id) & (at.c.value_index == DELIVERIES.c.address_index)
              & (at.c.channel == register_channel(DELIVERIES.c.channel)))
    )  # fmt: skip


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ids into lists that fit one IN."""
    return (ids[start : start + scope.CHUNK] for start in range(0, len(ids), scope.CHUNK))


def _notices(connection: Connection, taken: TakenBack, now: datetime) -> dict[int, Row[Any]]:
    """Return by number the notices that may have to change, each with whether its version still `holds`: it is the newest of
    its alert, and may be sent.
    """
    newest = select(func.max(VERSIONS.c.id)).where(VERSIONS.c.released_at.is_not(None)).group_by(VERSIONS.c.alert_id)
    holds = (
        VERSIONS.c.id.in_(newest) & (VERSIONS.c.send_by > now) & (VERSIONS.c.status != AlertStatus.CANCELED)
        & ALERTS.c.closed_at.is_(None)
    )  # fmt: skip
    query = (
        select(DELIVERIES, holds.label("holds"))
        .join(VERSIONS, VERSIONS.c.id == DELIVERIES.c.version_id)
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
    )
    found: dict[int, Row[Any]] = {}
    for chunk in chunks(taken.addresses):
        found |= {row.id: row for row in connection.execute(query.where(DELIVERIES.c.id.in_(to_addresses(chunk))))}
    linked = select(LINKS.c.delivery_id).join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
    for chunk in chunks(taken.people):
        theirs = DELIVERIES.c.id.in_(linked.where(RECIPIENTS.c.registrant_id.in_(chunk)))
        found |= {
            row.id: row for row in connection.execute(query.where(theirs, DELIVERIES.c.state.in_(STILL_OPEN)))
        }  # fmt: skip
    return found


def _recipients() -> Select[Any]:
    r = RECIPIENTS.c
    columns = (LINKS.c.delivery_id, r.id.label("recipient_id"), r.registrant_id, r.language, r.planned, r.country)
    return (
        select(*columns)
        .join(RECIPIENTS, r.id == LINKS.c.recipient_id)
        .join(DELIVERIES, (DELIVERIES.c.id == LINKS.c.delivery_id) & (DELIVERIES.c.version_id == r.version_id))
        .order_by(r.id)
    )


def _ways(connection: Connection, people: Sequence[int], taken: Collection[int]) -> _Ways:
    usable = scope.usable_addresses(SYSTEM).subquery().c
    by_person: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in chunks(people):
        query = select(*usable).where(usable.registrant_id.in_(chunk))
        for way in connection.execute(query.order_by(usable.preference, usable.address_id.desc())):
            if way.address_id not in taken:
                by_person[way.registrant_id].append(way)
    return _Ways(frozenset(scope.person_keys(connection, people)), by_person)


def _settle(work: _Work, notice: Row[Any], people: Sequence[Row[Any]]) -> None:
    """Settle one notice: it goes on to those who keep its number, and to the others who stay at another number of theirs."""
    stay = [one for one in people if one.registrant_id in work.ways.living]
    same = {
        one.recipient_id: way.address_id
        for one in stay
        for way in work.ways.on(one.registrant_id, notice.channel)
        if way.value_index == notice.address_index
    }
    mine = DELIVERIES.c.id == notice.id
    unsent = notice.state in UNSENT
    if same and notice.state in STILL_OPEN:
        work.connection.execute(update(DELIVERIES).where(mine).values(address_id=min(same.values())))
    elif unsent:
        # Another blind index, so that it stands in nobody's way who comes back with this number.
        values = {"state": DeliveryState.CANCELED, "reason": REASON, "address_index": secrets.token_bytes(INDEX)}
        query = update(DELIVERIES).where(mine, DELIVERIES.c.state.in_(UNSENT))
        work.called_off += work.connection.execute(query.values(updated_at=work.now, **values)).rowcount
    for one in stay:
        if one.recipient_id not in same:
            _move(work, notice, one)


def _move(work: _Work, notice: Row[Any], one: Row[Any]) -> None:
    """Tell somebody who stays at another address than the one that was taken back, if nothing else of this version does."""
    if notice.state in UNSENT:
        gone = (LINKS.c.recipient_id == one.recipient_id, LINKS.c.delivery_id == notice.id)
        work.connection.execute(delete(LINKS).where(*gone))
    others = (
        select(DELIVERIES.c.id)
        .join(LINKS, LINKS.c.delivery_id == DELIVERIES.c.id)
        .where(LINKS.c.recipient_id == one.recipient_id, DELIVERIES.c.id != notice.id, DELIVERIES.c.state.in_(TELLING))
        .where(DELIVERIES.c.version_id == notice.version_id)
    )
    if not notice.holds or work.connection.execute(others.limit(1)).first() is not None:
        return
    ways = work.ways.on(one.registrant_id, notice.channel)
    number = _at(work, notice, one, ways[0]) if ways else None
    if number is None:
        work.lost.add(one.registrant_id)
    else:
        work.connection.execute(insert(LINKS).values(recipient_id=one.recipient_id, delivery_id=number))
        work.redirected.add(one.registrant_id)


def _at(work: _Work, notice: Row[Any], one: Row[Any], way: Row[Any]) -> int | None:
    """Return the number of the notice of this version at an address: of one that is there, or of a new one. None: the one there
    has ended for a reason of its own, or no text of this version may go to this address.
    """
    d = DELIVERIES.c
    channel, text = _text(work, notice, one, way)
    if text is None:
        return None
    there = (d.version_id == notice.version_id, d.channel == channel, d.address_index == way.value_index)
    row = work.connection.execute(select(d.id, d.state).where(*there)).first()
    if row is not None:
        return row.id if row.state in TELLING else None
    planned = notice.state == DeliveryState.PLANNED
    values = {name: value for name, value in notice._mapping.items() if name not in FRESH}
    values |= {
        "text_id": text, "channel": channel, "address_id": way.address_id, "address_index": way.value_index, "people": 1,
        "country": one.country, "state": DeliveryState.PLANNED if planned else DeliveryState.READY,
        "transfer_ground": notice.transfer_ground if channel == notice.channel else "",
        "reason": notice.reason if planned else "", "lease_token": 0, "attempts": 0, "doubtful": False, "provider": "",
        "provider_status": "", "provider_rank": 0, "error_code": "", "created_at": work.now, "updated_at": work.now,
    }  # fmt: skip
    return int(work.connection.execute(insert(DELIVERIES).values(values).returning(d.id)).scalar_one())


def _text(work: _Work, notice: Row[Any], one: Row[Any], way: Row[Any]) -> tuple[str, int | None]:
    """Return the channel for an address and the text for one person alone, in their language: that of their country, if it has
    one. A Chinese number goes to the provider at home where there is one; a notice that was for it goes to no provider abroad,
    because nobody has looked for a ground.
    """
    at_home = way.prefix == HOME_PREFIX and notice.channel == SMS
    kind = "planned" if one.planned else "abroad"
    for channel in (SMS_CN, notice.channel) if at_home else (notice.channel,):
        query = (
            select(TEXTS.c.id)
            .where(
                TEXTS.c.version_id == notice.version_id, TEXTS.c.channel == channel, TEXTS.c.language == one.language
            )
            .where(TEXTS.c.variant.in_((kind, f"{kind}.{one.country}")))
            .order_by(func.length(TEXTS.c.variant).desc())
        )
        found: int | None = work.connection.execute(query.limit(1)).scalar()
        if found is not None and may_take(channel, way.channel, way.prefix):
            return channel, found
    return notice.channel, None
