"""SQL of roll-ups: which alerts may need one, and what came of them company by company."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from core.tables import Instance
from notify.channels.base import FINAL
from notify.rollup.model import BAD, CompanyAccount, Left, Told
from notify.safety.model import Answer, Means, Word, standing
from notify.store.account import NOT_ARRIVED, people_at, people_by_employer
from notify.store.alerts import ALERTS, VERSIONS
from notify.store.deliveries import DELIVERIES, OPEN_STATES
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.safety import asked_again, roll, words_of
from notify.tables import AlertStatus, DeliveryState, VersionKind

SILENT = "silent"


def candidates(connection: Connection, here: Instance, since: datetime) -> list[Told]:
    """Return the alerts of this instance and mode that are in force, or were closed or ran out since then, by number.

    A drill in a live instance is none of them: no company is told of it as if it were real. Nor is what an officer took back:
    nobody needs to be called because of it.
    """
    v, a = VERSIONS.c, ALERTS.c
    released = select(v.alert_id, func.max(v.no).label("no")).where(v.released_at.is_not(None)).group_by(v.alert_id)
    newest = released.subquery("newest")
    query = (
        select(v.alert_id, v.id, v.no, v.released_at, v.kind, a.closed_at, a.in_force_until)
        .join(newest, and_(newest.c.alert_id == v.alert_id, newest.c.no == v.no))
        .join(ALERTS, a.id == v.alert_id)
        .where(a.mode == here.mode, a.instance_uid == here.uid, a.in_force_until > since)
        .where(or_(a.closed_at.is_(None), a.closed_at > since), v.status != AlertStatus.CANCELED)
        .order_by(v.alert_id)
    )
    return [
        Told(
            row.alert_id, row.id, row.no, row.released_at, row.kind == VersionKind.ALL_CLEAR, row.closed_at,
            row.in_force_until,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def is_settled(connection: Connection, version_id: int) -> bool:
    """Tell whether nothing more is to be heard of a version: every provider has said its last word, and nobody is asked to answer."""
    d = DELIVERIES.c
    heard = d.provider_status.in_(FINAL)
    waits = or_(d.state.in_(OPEN_STATES), and_(d.state == DeliveryState.ACCEPTED, ~heard))
    open_ = exists().where(d.version_id == version_id, d.address_id != 0, waits)
    asks = exists().where(VERSIONS.c.id == version_id, VERSIONS.c.ask_safe)
    return not connection.execute(select(or_(open_, asks))).scalar_one()


def accounts(connection: Connection, alert_id: int) -> list[CompanyAccount]:
    """Return what came of an alert for each company, by the newest released version that was for people of it; by company."""
    found: dict[int, CompanyAccount] = {}
    answers = _answers(connection, alert_id)
    for version_id in _versions(
        connection, alert_id
    ):  # newest first: an older one tells of companies the newer has not
        fresh = people_by_employer(connection, alert_id, version_id)
        ways, left = _ways(connection, version_id), _left(connection, alert_id, version_id)
        for employer, reached in fresh.items():
            if employer in found:
                continue
            said = answers[employer]
            found[employer] = CompanyAccount(
                employer, version_id, reached, ways[employer], tuple(left[employer]),
                dict(sorted(Counter(said.values()).items())), _who(said, SILENT), _who(said, Answer.HELP),
            )  # fmt: skip
    return [found[one] for one in sorted(found)]


def _versions(connection: Connection, alert_id: int) -> list[int]:
    query = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.released_at.is_not(None))
    return list(connection.execute(query.order_by(VERSIONS.c.no.desc())).scalars())


def _who(said: dict[int, str], what: str) -> tuple[int, ...]:
    return tuple(sorted(person for person, answer in said.items() if answer == what))


def _ways(connection: Connection, version_id: int) -> defaultdict[int, dict[str, int]]:
    """Count the people of each company whose notice over a channel was taken by its provider and not reported as lost."""
    r, d = RECIPIENTS.c, DELIVERIES.c
    query = (
        select(r.employer_id, d.channel, func.count(func.distinct(r.id)))
        .join(LINKS, LINKS.c.recipient_id == r.id)
        .join(DELIVERIES, d.id == LINKS.c.delivery_id)
        .where(r.version_id == version_id, r.employer_id.is_not(None))
        .where(d.state == DeliveryState.ACCEPTED, d.provider_status.not_in(NOT_ARRIVED))
        .group_by(r.employer_id, d.channel)
        .order_by(r.employer_id, d.channel)
    )
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for employer, channel, count in connection.execute(query):
        found[employer][channel] = count
    return found


def _left(connection: Connection, alert_id: int, version_id: int) -> defaultdict[int, list[Left]]:
    rows = people_at(connection, alert_id, version_id, BAD)
    reasons = _reasons(connection, version_id) if rows else {}
    found: defaultdict[int, list[Left]] = defaultdict(list)
    for employer, person, reached in rows:
        found[employer].append(Left(person, reached, reasons.get(person, "")))
    return found


def _reasons(connection: Connection, version_id: int) -> dict[int, str]:
    """Return why the newest notice to each person of companies did not arrive: our reason, or else the provider's code."""
    r, d = RECIPIENTS.c, DELIVERIES.c
    lost = or_(d.state != DeliveryState.ACCEPTED, d.provider_status.in_(NOT_ARRIVED))
    query = (
        select(r.registrant_id, d.reason, d.error_code)
        .join(LINKS, LINKS.c.recipient_id == r.id)
        .join(DELIVERIES, d.id == LINKS.c.delivery_id)
        .where(r.version_id == version_id, r.employer_id.is_not(None), lost)
        .order_by(d.id)
    )
    return {row.registrant_id: row.reason or row.error_code for row in connection.execute(query)}


def _answers(connection: Connection, alert_id: int) -> defaultdict[int, dict[int, str]]:
    """Return, by company, what stands of each of its people who were asked whether they are safe."""
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    asked = [row for row in connection.execute(roll(alert_id)) if row.employer_id is not None]
    said = answers_of(connection, alert_id) if asked else {}
    for row in asked:
        found[row.employer_id][row.registrant_id] = str(said.get(row.registrant_id, SILENT))
    return found


def answers_of(connection: Connection, alert_id: int) -> dict[int, Answer]:
    """Return what stands of everybody of whom something was said after an alert, by person."""
    said: defaultdict[int, list[Word]] = defaultdict(list)
    for row in words_of(connection, alert_id):
        word = Word(Answer(row.answer), Means(row.means), row.by, row.at, row.shared, row.late)
        said[row.registrant_id].append(word)
    again = asked_again(connection, alert_id)
    found = {one: standing(words, again.get(one)) for one, words in said.items()}
    return {one: stands.answer for one, stands in found.items() if stands is not None}
