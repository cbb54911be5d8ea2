"""SQL of levels side by side: what stands for one country, and what has changed about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, cast, or_, select

from notify.levels import SideBySide, side_by_side
from notify.store import alerts as alert_store
from sources.change import Entry
from sources.model import Authority, Card
from sources.store import ADVISORIES, CHANGES, ENTRIES, StoredChange, load_changes, states
from sources.tables import SourceState
from sources.wire import load_advisory

MOST = 5
"""Countries that are shown beside a draft."""
VERSIONS_AFTER, VERSIONS_BEFORE = ADVISORIES.alias("after"), ADVISORIES.alias("before")


def look(connection: Connection, cards: Sequence[Card], country: str, now: datetime) -> SideBySide:
    """Return what each of these sources says of a country at `now`, and how that came about."""
    known = states(connection)
    sources = [(card, known.get(card.id, SourceState(source_id=card.id))) for card in cards]
    return side_by_side(country, standing(connection, country), changes_about(connection, country), sources, now)


def beside(connection: Connection, version_id: int, cards: Sequence[Card], now: datetime) -> list[SideBySide]:
    """Return what everybody says of the countries of a version that other governments brought and nobody has released yet.

    None for any other version. Of a joint notice the first countries only: an officer looks the others up.
    """
    version = alert_store.version(connection, version_id)
    alert = alert_store.alert(connection, version.alert_id)
    peers = {card.id for card in cards if card.authority is Authority.PEER}
    if version.released_at is not None or alert is None or alert.source_id not in peers:
        return []
    places = alert_store.places(connection, version_id)
    return [look(connection, cards, place.country, now) for place in places[:MOST]]


def standing(connection: Connection, country: str) -> list[Entry]:
    """Return the entries that stand for a country, of all sources: neither gone nor past their validity."""
    query = (
        select(ADVISORIES.c.body, ENTRIES.c.last_seen, ENTRIES.c.updated_at)
        .join(ENTRIES, ENTRIES.c.advisory_id == ADVISORIES.c.id)
        .where(ENTRIES.c.gone.is_(False), ENTRIES.c.expired.is_(False), _names(ADVISORIES.c.body, country))
        .order_by(ENTRIES.c.source_id, ENTRIES.c.native_id)
    )
    found = [
        Entry(replace(load_advisory(row.body), updated_at=row.updated_at), row.last_seen)
        for row in connection.execute(query)
    ]
    return [one for one in found if country in one.advisory.countries]


def changes_about(
    connection: Connection, country: str, *, since: datetime | None = None, until: datetime | None = None
) -> list[StoredChange]:
    """Return the changes of advisories about a country, the oldest first: of nights from `since` to before `until`."""
    query = (
        select(CHANGES)
        .outerjoin(VERSIONS_AFTER, VERSIONS_AFTER.c.id == CHANGES.c.after_id)
        .outerjoin(VERSIONS_BEFORE, VERSIONS_BEFORE.c.id == CHANGES.c.before_id)
        .where(or_(_names(VERSIONS_AFTER.c.body, country), _names(VERSIONS_BEFORE.c.body, country)))
        .order_by(CHANGES.c.id)
    )
    if since is not None:
        query = query.where(CHANGES.c.as_of >= since)
    if until is not None:
        query = query.where(CHANGES.c.as_of < until)
    found = load_changes(connection, connection.execute(query).all())
    return [
        one
        for one in found
        if any(country in side.countries for side in (one.change.before, one.change.after) if side is not None)
    ]


def _names(body: ColumnElement[object], country: str) -> ColumnElement[bool]:
    """Return a first sieve, which lets a few too many through: the code stands somewhere in the stored version."""
    return cast(body, Text).contains(f'"{country}"')
