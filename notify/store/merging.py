"""SQL of merged notices: what waits for one address and becomes one notice, and what takes it apart again.

One delivery, the carrier, gets a text that says everything. The others end `canceled` with the reason `merged:<carrier>`; they
keep their own texts, and their people point to the carrier too. Until it leaves it can be taken apart, and nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from core.tables import table
from notify.model import NoticeText
from notify.store.deliveries import ALERTS, DELIVERIES, IS_READY, VERSIONS
from notify.store.facts import TEXTS
from notify.store.modes import not_held
from notify.tables import AlertStatus, DeliveryState, Recipient, RecipientDelivery

LINKS, RECIPIENTS = table(RecipientDelivery), table(Recipient)
T = TypeVar("T")
MERGED = "merged"
FREE = ("sms", "email", "wecom", "wechat")
"""Channels whose words are ours: no approved templates, no calls, no groups."""

PAGE = 1000
"""Addresses looked at in one query."""

LOCK = 0x6D65726765
"""Key of the lock under which one sender after the other sweeps, on PostgreSQL."""

_CHUNK = 500
_BEGINS = f"{MERGED}:"


@dataclass(frozen=True)
class Going:
    """A version of which something may wait for the morning. Notices of different `world` are never merged."""

    version_id: int
    alert_id: int
    world: tuple[str, str]


@dataclass(frozen=True)
class Carried:
    """One notice for several: the delivery that carries it, those that it carries, and its text."""

    carrier: int
    others: tuple[int, ...]
    text_id: int


def going(connection: Connection, now: datetime) -> dict[int, Going]:
    """Return the versions that keep quiet hours and may still be sent, by number."""
    v = VERSIONS.c
    query = (
        select(v.id, v.alert_id, ALERTS.c.mode, ALERTS.c.instance_uid)
        .join(ALERTS, ALERTS.c.id == v.alert_id)
        .where(v.status == AlertStatus.SENDING, v.quiet, v.send_by > now, v.paused_at.is_(None), not_held(connection))
    )
    return {row[0]: Going(row[0], row[1], (row[2], row[3])) for row in connection.execute(query)}


def take_turns(connection: Connection) -> None:
    """Wait until no other sender sweeps; the turn ends with the transaction. On SQLite there is one writer in any case.

    To be called before any row is touched, so that two sweeps never wait for each other's rows.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def pages(connection: Connection, versions: Sequence[int], moment: datetime) -> Iterator[dict[bytes, list[Row[Any]]]]:
    """Give what waited for the end of the night and may leave at `moment`: by address, where two or more wait for one; the most
    urgent first. A page is of one channel.
    """
    d = DELIVERIES.c
    for channel in FREE:
        after = b""
        while True:
            which = and_(
                d.version_id.in_(versions), d.channel == channel, d.address_index > after,
                d.state == DeliveryState.PLANNED, d.reason == "quiet", d.not_before <= moment, d.attempts == 0,
            )  # fmt: skip
            keys = select(d.address_index).where(which).group_by(d.address_index).having(func.count() > 1)
            page = list(connection.execute(keys.order_by(d.address_index).limit(PAGE)).scalars())
            if not page:
                break
            after = page[-1]
            found: defaultdict[bytes, list[Row[Any]]] = defaultdict(list)
            # What an officer is about to cancel is in their hands: it is left out.
            query = select(DELIVERIES).where(which, d.address_index.in_(page)).order_by(d.priority, d.id)
            for row in connection.execute(query.with_for_update(skip_locked=True)):
                found[row.address_index].append(row)
            yield dict(found)


def people_of(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return the people (registrant_id) behind each delivery."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for chunk in _chunks(delivery_ids):
        query = select(LINKS.c.delivery_id, RECIPIENTS.c.registrant_id).join(
            RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id
        )
        for row in connection.execute(query.where(LINKS.c.delivery_id.in_(chunk))):
            found[row[0]].add(row[1])
    return {one: frozenset(people) for one, people in found.items()}


def keep_text(connection: Connection, version_id: int, made: NoticeText, now: datetime) -> int:
    """Store the text of a merged notice, once for each set of texts; return its number."""
    t = TEXTS.c
    same = select(t.id).where(
        t.version_id == version_id, t.language == made.language, t.channel == made.channel, t.variant == made.variant
    )
    there: int | None = connection.execute(same).scalar()
    if there is not None:
        return there
    values: dict[str, Any] = {
        "version_id": version_id, "language": made.language, "channel": made.channel, "variant": made.variant,
        "subject": made.subject, "body": made.body, "html": made.html, "template": "", "variables": {},
        "parts": made.parts, "wording": made.wording, "created_at": now,
    }  # fmt: skip
    return int(connection.execute(insert(TEXTS).values(values).returning(t.id)).scalar_one())


def carry(connection: Connection, merged: Sequence[Carried], now: datetime) -> None:
    """Let one notice carry several: it gets their text, they end, and their people point to it too."""
    if not merged:
        return
    d = DELIVERIES.c
    others = [{"b_id": one, "b_reason": f"{_BEGINS}{group.carrier}"} for group in merged for one in group.others]
    waits = and_(d.id == bindparam("b_id"), d.state == DeliveryState.PLANNED)
    connection.execute(
        update(DELIVERIES).where(waits).values(text_id=bindparam("b_text"), updated_at=now),
        [{"b_id": one.carrier, "b_text": one.text_id} for one in merged],
    )
    ended = {"state": DeliveryState.CANCELED, "reason": bindparam("b_reason"), "updated_at": now}
    connection.execute(update(DELIVERIES).where(waits).values(ended), others)
    carriers = [one.carrier for one in merged]
    known = {tuple(row) for row in _links(connection, carriers)}
    by_other = {one: group.carrier for group in merged for one in group.others}
    wanted = {(row[0], by_other[row[1]]) for row in _links(connection, list(by_other))}
    rows = [{"recipient_id": one, "delivery_id": to} for one, to in sorted(wanted - known)]
    if rows:
        connection.execute(insert(LINKS), rows)


def take_apart(connection: Connection, versions: Select[Any] | Sequence[int], now: datetime) -> int:
    """Take merged notices that have not left apart, where any part is of one of these versions: each is ready by itself again.

    To be called before anything else is done to these versions. Returns how many were taken apart.
    """
    d, count = DELIVERIES.c, 0
    waits = select(d.id, d.version_id).join(TEXTS, TEXTS.c.id == d.text_id)
    found = connection.execute(waits.where(IS_READY, TEXTS.c.variant.startswith(f"{MERGED}-"))).all()
    for chunk in _chunks(found):
        parts = {row.id: {row.version_id} for row in chunk}
        for row in _carried(connection, list(parts)):
            parts[int(row.reason.removeprefix(_BEGINS))].add(row.version_id)
        seen = set[int]().union(*parts.values())
        concerned = select(VERSIONS.c.id).where(VERSIONS.c.id.in_(seen), VERSIONS.c.id.in_(versions))
        ended = set(connection.execute(concerned).scalars())
        count += _part(connection, [one for one, its in parts.items() if its & ended], now) if ended else 0
    return count


def over(now: datetime) -> Select[Any]:
    """Select the versions of which nothing may leave now: their time is over, they are cancelled, or they are paused."""
    v = VERSIONS.c
    return select(v.id).where(or_(v.send_by <= now, v.status == AlertStatus.CANCELED, v.paused_at.is_not(None)))


def everything() -> Select[Any]:
    """Select every version."""
    return select(VERSIONS.c.id)


def wording_of(text_id: int) -> str:
    """Return what a merged text remembers: the text that the carrier had by itself."""
    return f"{MERGED}/{text_id}"


def own_text(wording: str) -> int:
    """Return the text that the carrier had by itself."""
    return int(wording.removeprefix(f"{MERGED}/"))


def is_merged(reason: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell whether a reason says that another notice carries this one."""
    return reason.startswith(_BEGINS)


def carrier_of(reason: ColumnElement[str]) -> ColumnElement[int]:
    """Return the number of the carrier that a reason names; null for any other reason."""
    return case((is_merged(reason), cast(func.substr(reason, len(_BEGINS) + 1), BigInteger)))


def _carried(connection: Connection, carriers: Sequence[int]) -> Sequence[Row[Any]]:
    """Return what these carry, through its people: by the indexes, however many notices there are."""
    d, to, back = DELIVERIES.c, LINKS.alias("to_carrier"), LINKS.alias("to_other")
    theirs = select(back.c.delivery_id).join(to, to.c.recipient_id == back.c.recipient_id)
    mine = d.id.in_(theirs.where(to.c.delivery_id.in_(carriers))), d.reason.in_([f"{_BEGINS}{one}" for one in carriers])
    query = select(d.id, d.version_id, d.reason).where(*mine, d.state == DeliveryState.CANCELED)
    return connection.execute(query).all()


def _part(connection: Connection, carriers: Sequence[int], now: datetime) -> int:
    """Give these their own texts again, if no worker has taken them meanwhile, and free what they carry. Returns how many."""
    d = DELIVERIES.c
    query = select(d.id, TEXTS.c.wording).join(TEXTS, TEXTS.c.id == d.text_id).where(d.id.in_(carriers), IS_READY)
    still = connection.execute(query.with_for_update(of=DELIVERIES)).all()
    if still:
        mine = update(DELIVERIES).where(d.id == bindparam("b_id"))
        own = [{"b_id": row.id, "b_text": own_text(row.wording)} for row in still]
        connection.execute(mine.values(text_id=bindparam("b_text"), updated_at=now), own)
        _give_back(connection, [row.id for row in still], now)
    return len(still)


def _give_back(connection: Connection, carriers: Sequence[int], now: datetime) -> None:
    """Make ready again what these carried, and let its people no longer point to them."""
    d, freed = DELIVERIES.c, _carried(connection, carriers)
    for chunk in _chunks([row.id for row in freed]):
        connection.execute(
            update(DELIVERIES).where(d.id.in_(chunk)).values(state=DeliveryState.READY, reason="", updated_at=now)
        )
    strange = exists().where(
        RECIPIENTS.c.id == LINKS.c.recipient_id, d.id == LINKS.c.delivery_id, RECIPIENTS.c.version_id != d.version_id
    )
    connection.execute(delete(LINKS).where(LINKS.c.delivery_id.in_(carriers), strange))
    done = (VERSIONS.c.id.in_({row.version_id for row in freed}), VERSIONS.c.status == AlertStatus.DONE)
    connection.execute(update(VERSIONS).where(*done).values(status=AlertStatus.SENDING))


def _links(connection: Connection, delivery_ids: Sequence[int]) -> Iterator[Row[Any]]:
    for chunk in _chunks(delivery_ids):
        query = select(LINKS.c.recipient_id, LINKS.c.delivery_id).where(LINKS.c.delivery_id.in_(chunk))
        yield from connection.execute(query).all()


def _chunks(them: Sequence[T]) -> Iterator[Sequence[T]]:
    return (them[start : start + _CHUNK] for start in range(0, len(them), _CHUNK))
