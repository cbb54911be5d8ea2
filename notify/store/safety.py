"""SQL of the roll call: who was asked after an alert, and what was said of whom. Words are only ever added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, or_, select, text

from core.tables import BigId, table
from notify.safety.model import Answer
from notify.safety.tables import SafeWord
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import DeliveryState, VersionKind
from registry import scope

SAFE_WORDS = table(SafeWord)


@dataclass(frozen=True)
class Part:
    """Which part of a board is wanted; None does not narrow.

    Attributes:
        people: the ids of the people whom the reader may know of, as a select. `only`: these, at most `scope.CHUNK`.
        employer_id: those who were with this company when they were told.
    """

    people: Select[Any] | None = None
    only: tuple[int, ...] = ()
    employer_id: int | None = None
    country: str | None = None


def add_words(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[int]:
    """Write one row a person and word; return of whom it was new. A word that is there already is left alone."""
    return {found for row in rows if (found := connection.execute(ADD, row).scalar()) is not None}


def ends(connection: Connection, alert_id: int) -> Row[Any] | None:
    """Return when an alert ended or will end (`closed_at`, `in_force_until`) and its `mode`; None if there is none of that number."""
    return connection.execute(ENDS, {"alert": alert_id}).first()


def roll(alert_id: int, part: Part | None = None) -> Select[Any]:
    """Select who is asked after an alert: one row a person, of the newest version that asks.

    Asked is who is a recipient of a released version that asks, unless every notice to them was suppressed: they may not be
    written to, and do not know that we ask. Nor is who only plans to go there: their text does not ask. Who has no address at
    all stays on the roll: somebody must look for them.
    """
    r = RECIPIENTS.c
    newest = func.row_number().over(partition_by=r.registrant_id, order_by=r.version_id.desc()).label("turn")
    rows = select(r.registrant_id, r.employer_id, r.country, newest).where(
        *_is_asked(alert_id), *_narrowed(part or Part())
    )
    found = rows.subquery("roll")
    return select(found.c.registrant_id, found.c.employer_id, found.c.country).where(found.c.turn == 1)


def asking(connection: Connection, alert_ids: Sequence[int]) -> frozenset[int]:
    """Return which of these alerts ask whether people are safe."""
    query = select(VERSIONS.c.alert_id).where(
        VERSIONS.c.alert_id.in_(alert_ids), VERSIONS.c.ask_safe, VERSIONS.c.released_at.is_not(None)
    )
    return frozenset(connection.execute(query).scalars())


def asked_among(connection: Connection, alert_id: int, registrant_ids: Sequence[int]) -> frozenset[int]:
    """Return which of these people are asked after an alert."""
    found: set[int] = set()
    for start in range(0, len(registrant_ids), scope.CHUNK):
        values = {"alert": alert_id, "people": list(registrant_ids[start : start + scope.CHUNK])}
        found.update(connection.execute(ASKED, values).scalars())
    return frozenset(found)


def unanswered(alert_id: int, part: Part | None = None) -> Select[Any]:
    """Select who is asked after an alert and of whom nobody has said anything, or not since they were asked again: registrant_id."""
    who = roll(alert_id, part).subquery("asked")
    return select(who.c.registrant_id).where(~_heard(alert_id, who.c.registrant_id))


def unsettled(alert_id: int, part: Part | None = None) -> Select[Any]:
    """Select who is asked after an alert and of whom nobody has said that they are safe, or need help: registrant_id alone.

    Those are the silent, and whoever answered so that nobody knows how they are: 收到, or "1" from a telephone of several people.
    Who said that they are safe before an update asked again is one of them, too.
    """
    who = roll(alert_id, part).subquery("asked")
    clear = _heard(alert_id, who.c.registrant_id, SAFE_WORDS.c.answer != Answer.UNCLEAR.value)
    return select(who.c.registrant_id).where(~clear)


def _heard(alert_id: int, registrant: ColumnElement[int], *narrowed: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tell whether a word counts of a person: a call for help, or one that came after they were last asked again."""
    w, r = SAFE_WORDS.c, RECIPIENTS.c
    outdated = exists().where(
        *_asks_again(alert_id), r.version_id == VERSIONS.c.id, r.registrant_id == w.registrant_id, r.planned.is_(False),
        VERSIONS.c.released_at > w.at,
    )  # fmt: skip
    counts = or_(w.answer == Answer.HELP.value, ~outdated)
    return exists().where(w.alert_id == alert_id, w.registrant_id == registrant, counts, *narrowed)


def asked_again(connection: Connection, alert_id: int) -> dict[int, datetime]:
    """Return whom an update asked once more after an alert, with the moment of its release; mostly nobody."""
    r = RECIPIENTS.c
    query = (
        select(r.registrant_id, func.max(VERSIONS.c.released_at))
        .join(VERSIONS, VERSIONS.c.id == r.version_id)
        .where(*_asks_again(alert_id), r.planned.is_(False))
        .group_by(r.registrant_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def newest_asking_again(connection: Connection, alert_id: int) -> int:
    """Return the newest version that asked people again; 0: none did."""
    query = select(func.max(VERSIONS.c.id)).where(*_asks_again(alert_id))
    return connection.execute(query).scalar() or 0


def _asks_again(alert_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of an update that asks after an earlier version did. A correction mends words: it asks nobody anew."""
    v, first = VERSIONS.c, VERSIONS.alias("asked_first")
    earlier = exists().where(
        first.c.alert_id == v.alert_id, first.c.ask_safe, first.c.released_at.is_not(None), first.c.id < v.id
    )
    return v.alert_id == alert_id, v.ask_safe, v.released_at.is_not(None), v.kind == VersionKind.UPDATE.value, earlier


def told_among(connection: Connection, alert_id: int, part: Part) -> dict[int, Row[Any]]:
    """Return the people of a part whom the alert was for, asked or not, by person: the row of their newest version."""
    r = RECIPIENTS.c
    released = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.released_at.is_not(None))
    query = select(r.registrant_id, r.employer_id, r.country).where(r.version_id.in_(released), *_narrowed(part))
    return {row.registrant_id: row for row in connection.execute(query.order_by(r.version_id))}


def words_of(connection: Connection, alert_id: int, part: Part | None = None) -> Iterable[Row[Any]]:
    """Return what was said after an alert, without the sealed words. Of a part only whose people it is counts."""
    columns = [column for column in SAFE_WORDS.c if column.name != "words_sealed"]
    return connection.execute(_of(select(*columns), alert_id, part or Part()))


def sealed_words(connection: Connection, alert_id: int, part: Part | None = None) -> Iterable[Row[Any]]:
    """Return the sealed words said after an alert, the newest last; those without words are left out."""
    w = SAFE_WORDS.c
    query = select(w.registrant_id, w.means, w.at, w.words_sealed).where(w.words_sealed.is_not(None))
    return connection.execute(_of(query, alert_id, part or Part()).order_by(w.at, w.id))


def all_of(connection: Connection, registrant_id: int) -> Iterable[Row[Any]]:
    """Return whatever was said of one person, sealed words and all, the oldest first."""
    w = SAFE_WORDS.c
    return connection.execute(select(SAFE_WORDS).where(w.registrant_id == registrant_id).order_by(w.at, w.id))


def _of(query: Select[Any], alert_id: int, part: Part) -> Select[Any]:
    w = SAFE_WORDS.c
    query = query.where(w.alert_id == alert_id)
    if part.people is not None:
        query = query.where(w.registrant_id.in_(part.people))
    return query.where(w.registrant_id.in_(part.only)) if part.only else query


def _is_asked(alert_id: int | ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    r = RECIPIENTS.c
    asking = select(VERSIONS.c.id).where(
        VERSIONS.c.alert_id == alert_id, VERSIONS.c.ask_safe, VERSIONS.c.released_at.is_not(None)
    )
    noticed = exists().where(LINKS.c.recipient_id == r.id)
    written = exists().where(
        LINKS.c.recipient_id == r.id, DELIVERIES.c.id == LINKS.c.delivery_id,
        DELIVERIES.c.state != DeliveryState.SUPPRESSED,
    )  # fmt: skip
    return r.version_id.in_(asking), r.planned.is_(False), or_(written, ~noticed)


def _narrowed(part: Part) -> list[ColumnElement[bool]]:
    r = RECIPIENTS.c
    found: list[ColumnElement[bool]] = []
    if part.people is not None:
        found.append(r.registrant_id.in_(part.people))
    if part.only:
        found.append(r.registrant_id.in_(part.only))
    if part.employer_id is not None:
        found.append(r.employer_id == part.employer_id)
    if part.country is not None:
        found.append(r.country == part.country)
    return found


# Made once: a thousand answers may come in a minute, and building a statement takes longer than carrying it out.
# ADD is text because SQLAlchemy compiles every INSERT with ON CONFLICT anew.
ADD = text(
    'INSERT INTO safe_word (alert_id, registrant_id, answer, means, "by", "key", shared, late, words_sealed, "at") VALUES'
    " (:alert_id, :registrant_id, :answer, :means, :by, :key, :shared, :late, :words_sealed, :at)"
    " ON CONFLICT DO NOTHING RETURNING registrant_id"
).bindparams(*(bindparam(one.name, type_=one.type) for one in SAFE_WORDS.c if one.name != "id"))
ENDS = select(ALERTS.c.closed_at, ALERTS.c.in_force_until, ALERTS.c.mode).where(ALERTS.c.id == bindparam("alert"))
ASKED = select(RECIPIENTS.c.registrant_id).where(
    *_is_asked(bindparam("alert", type_=BigId)), RECIPIENTS.c.registrant_id.in_(bindparam("people", expanding=True))
)
