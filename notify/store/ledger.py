"""SQL of the ledger: pages of people and notices, and what hangs on them. Who may see whom is decided before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, and_, func, or_, select

from core.chain import SEALS
from notify.groups import NO_ADDRESS
from notify.routing import GROUP_BOTS
from notify.store.alerts import ALERTS, PLACES, VERSIONS
from notify.store.deliveries import ATTEMPTS, DELIVERIES, OUTCOMES, RECEIPTS
from notify.store.facts import TEXTS
from notify.store.merging import MERGED
from notify.store.outbox import LINKS, RECIPIENTS
from registry.scope import CHUNK
from sources.store import ADVISORIES, CAPTURES

PAGE = 500


@dataclass(frozen=True)
class Wanted:
    """What the ledger is asked for; what is None does not narrow.

    Attributes:
        people: a select of the only people (registrant_id) who may be shown, with the company they were with.
    """

    alert_id: int | None = None
    registrant_id: int | None = None
    employer_id: int | None = None
    people: Select[Any] | None = None


def pages(connection: Connection, wanted: Wanted) -> Iterator[list[Row[Any]]]:
    """Give the recipients of what is wanted, by version and person, a page at a time."""
    r = RECIPIENTS.c
    query = select(RECIPIENTS).join(VERSIONS, VERSIONS.c.id == r.version_id).order_by(r.version_id, r.registrant_id)
    if wanted.alert_id is not None:
        query = query.where(VERSIONS.c.alert_id == wanted.alert_id)
    if wanted.registrant_id is not None:
        query = query.where(r.registrant_id == wanted.registrant_id)
    if wanted.employer_id is not None:
        query = query.where(r.employer_id == wanted.employer_id)
    if wanted.people is not None:
        query = query.where(r.registrant_id.in_(wanted.people))
    last: tuple[int, int] = (0, 0)
    while True:
        version, person = last
        after = or_(r.version_id > version, and_(r.version_id == version, r.registrant_id > person))
        page = list(connection.execute(query.where(after).limit(PAGE)).all())
        if not page:
            return
        yield page
        last = (page[-1].version_id, page[-1].registrant_id)


def deliveries_of(connection: Connection, recipient_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return the notices of each recipient, by number."""
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in _chunks(recipient_ids):
        query = select(LINKS.c.recipient_id, DELIVERIES).join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
        for row in connection.execute(query.where(LINKS.c.recipient_id.in_(chunk)).order_by(DELIVERIES.c.id)):
            found[row.recipient_id].append(row)
    return found


def post_pages(connection: Connection, alert_id: int | None) -> Iterator[list[Row[Any]]]:
    """Give the posts to groups of an alert, or of all, by version and number, some versions at a time.

    The versions and channels are named, so that the index is used: posts are few among many notices.
    """
    query = select(VERSIONS.c.id).order_by(VERSIONS.c.id)
    if alert_id is not None:
        query = query.where(VERSIONS.c.alert_id == alert_id)
    for chunk in _chunks(list(connection.execute(query).scalars())):
        d = DELIVERIES.c
        posts = select(DELIVERIES).where(d.version_id.in_(chunk), d.channel.in_(GROUP_BOTS), d.address_id == NO_ADDRESS)
        if page := list(connection.execute(posts.order_by(d.version_id, d.id)).all()):
            yield page


def attempts_of(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return the attempts of each notice, in order."""
    return _by_delivery(connection, ATTEMPTS, delivery_ids)


def outcomes_of(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return what came of the attempts of each notice, in order."""
    return _by_delivery(connection, OUTCOMES, delivery_ids)


def receipts_of(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return what providers said of each notice, in order."""
    return _by_delivery(connection, RECEIPTS, delivery_ids)


def version_rows(connection: Connection, version_ids: Sequence[int]) -> list[Row[Any]]:
    """Return versions with their alert, and the capture that the source's words were read from (null: none)."""
    query = (
        select(
            VERSIONS, ALERTS.c.mode, ALERTS.c.instance_uid, ALERTS.c.source_id, ALERTS.c.native_id, ALERTS.c.hazard,
            ADVISORIES.c.source_id.label("advisory_source"), ADVISORIES.c.fingerprint, CAPTURES.c.id.label("capture_id"),
            CAPTURES.c.url.label("capture_url"), CAPTURES.c.sha256.label("capture_sha256"), CAPTURES.c.fetched_at,
        )
        .join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .outerjoin(ADVISORIES, ADVISORIES.c.id == VERSIONS.c.advisory_id)
        .outerjoin(CAPTURES, CAPTURES.c.id == ADVISORIES.c.capture_id)
        .where(VERSIONS.c.id.in_(version_ids))
        .order_by(VERSIONS.c.id)
    )  # fmt: skip
    return list(connection.execute(query).all())


def countries_of(connection: Connection, version_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the countries of each version."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = select(PLACES.c.version_id, PLACES.c.country).where(PLACES.c.version_id.in_(version_ids))
    for row in connection.execute(query.order_by(PLACES.c.country)):
        found[row.version_id].append(row.country)
    return {version: tuple(countries) for version, countries in found.items()}


def seal_ranges(connection: Connection) -> dict[str, list[tuple[int, int, int]]]:
    """Return which seal covers which rows, by table: first and last number of the rows, and the number of the seal."""
    found: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    query = select(SEALS.c.table_name, SEALS.c.first_id, SEALS.c.last_id, SEALS.c.id).order_by(SEALS.c.first_id)
    for row in connection.execute(query):
        found[row.table_name].append((row.first_id, row.last_id, row.id))
    return found


def last_seal(connection: Connection) -> Row[Any] | None:
    """Return the newest seal; None before the first."""
    return connection.execute(select(SEALS).order_by(SEALS.c.id.desc()).limit(1)).first()


def sealed_rows(connection: Connection, tables: Sequence[Table]) -> tuple[dict[str, int], int]:
    """Return how many rows of each table are sealed, and how many rows of all of them no seal covers yet."""
    query = select(SEALS.c.table_name, func.sum(SEALS.c.rows), func.max(SEALS.c.last_id)).group_by(SEALS.c.table_name)
    known = {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}
    left = 0
    for one in tables:
        after = known.get(one.name, (0, 0))[1]
        left += connection.execute(select(func.count()).select_from(one).where(one.c.id > after)).scalar_one()
    return {name: rows for name, (rows, _) in sorted(known.items())}, left


def sent_texts(connection: Connection, after: int) -> list[Row[Any]]:
    """Return the next attempts by number, each with its notice and the alert's instance: what a hash is checked with."""
    query = (
        select(
            ATTEMPTS.c.id, ATTEMPTS.c.delivery_id, ATTEMPTS.c.body_sha256, DELIVERIES.c.text_id, DELIVERIES.c.version_id,
            VERSIONS.c.alert_id, ALERTS.c.instance_uid,
        )
        .outerjoin(DELIVERIES, DELIVERIES.c.id == ATTEMPTS.c.delivery_id)
        .outerjoin(VERSIONS, VERSIONS.c.id == DELIVERIES.c.version_id)
        .outerjoin(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id)
        .where(ATTEMPTS.c.id > after)
        .order_by(ATTEMPTS.c.id)
        .limit(PAGE)
    )  # fmt: skip
    return list(connection.execute(query).all())


def texts(connection: Connection, text_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Return texts by number."""
    found: dict[int, Row[Any]] = {}
    for chunk in _chunks(text_ids):
        found.update((row.id, row) for row in connection.execute(select(TEXTS).where(TEXTS.c.id.in_(chunk))))
    return found


def merged_texts(connection: Connection, version_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the texts with which notices of versions carried others: one taken apart since may have been tried with such a text."""
    query = select(TEXTS).where(TEXTS.c.version_id.in_(version_ids), TEXTS.c.variant.startswith(f"{MERGED}-"))
    return list(connection.execute(query).all())


def captures(connection: Connection, *, behind_alerts: bool) -> list[Row[Any]]:
    """Return the captures by number: those that released alerts rest on, or all."""
    query = select(CAPTURES.c.id, CAPTURES.c.source_id, CAPTURES.c.sha256, CAPTURES.c.fetched_at).order_by(
        CAPTURES.c.id
    )
    if behind_alerts:
        used = select(ADVISORIES.c.capture_id).join(VERSIONS, VERSIONS.c.advisory_id == ADVISORIES.c.id)
        query = query.where(CAPTURES.c.id.in_(used.where(VERSIONS.c.released_at.is_not(None))))
    return list(connection.execute(query).all())


def _by_delivery(connection: Connection, rows: Any, delivery_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in _chunks(delivery_ids):
        for row in connection.execute(select(rows).where(rows.c.delivery_id.in_(chunk)).order_by(rows.c.id)):
            found[row.delivery_id].append(row)
    return found


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))
