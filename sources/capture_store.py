"""SQL of the captures of a source, of what in it could not be read, what moved and is held, and of which bodies stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, or_, select

from core.i18n import Message
from sources.store import ADVISORIES, CAPTURES, CHANGES, ENTRIES, QUARANTINE
from sources.wire import load_message


@dataclass(frozen=True)
class Kept:
    """A capture that is kept; its bytes lie in the archive under `sha256`.

    Attributes:
        size: bytes as received. `as_of`: the night it was taken for.
    """

    id: int
    url: str
    fetched_at: datetime
    as_of: datetime
    sha256: str
    size: int
    content_type: str


@dataclass(frozen=True)
class Unread:
    """An entry that could not be read: since when, until when, and in how many nights."""

    entry: str
    reason: Message
    first_seen: datetime
    last_seen: datetime
    times: int


@dataclass(frozen=True)
class Held:
    """Changes of a source that came too many at once. `newest`: the number of the last of them; `since`: the night of the first."""

    source: str
    count: int
    newest: int
    since: datetime


def captures(connection: Connection, source: str, most: int) -> list[Kept]:
    """Return the captures of a source, the newest first."""
    return _kept(connection, _of(source).limit(most))


def capture(connection: Connection, source: str, number: int) -> Kept | None:
    """Return one capture of a source by its number; None if the source has none of that number."""
    found = _kept(connection, _of(source).where(CAPTURES.c.id == number))
    return found[0] if found else None


def needed(connection: Connection, hashes: Sequence[str], since: datetime, behind: Select[Any]) -> set[str]:
    """Return those of these bodies that stay: received since then, the newest of their address, what an entry says now, or one of
    the captures that `behind` selects (by number).
    """
    c, later = CAPTURES.c, CAPTURES.alias("later").c
    newest = ~exists().where(later.source_id == c.source_id, later.url == c.url, later.id > c.id)
    said = select(ADVISORIES.c.capture_id).join(ENTRIES, ENTRIES.c.advisory_id == ADVISORIES.c.id)
    said = said.where(ADVISORIES.c.capture_id.is_not(None))
    stays = or_(c.fetched_at >= since, newest, c.id.in_(said), c.id.in_(behind))
    return set(connection.execute(select(c.sha256).where(c.sha256.in_(hashes), stays).distinct()).scalars())


def one_before(connection: Connection, source: str, later: Kept) -> Kept | None:
    """Return the newest capture of the same address before one, with other bytes; None if there is none."""
    c = CAPTURES.c
    query = _of(source).where(c.url == later.url, c.id < later.id, c.sha256 != later.sha256)
    found = _kept(connection, query.limit(1))
    return found[0] if found else None


def unread(connection: Connection, source: str, since: datetime) -> list[Unread]:
    """Return the entries of a source that could not be read in any night since then, the latest first."""
    q = QUARANTINE.c
    query = select(QUARANTINE).where(q.source_id == source, q.last_seen >= since).order_by(q.last_seen.desc(), q.id)
    return [
        Unread(row.entry, load_message(row.reason), row.first_seen, row.last_seen, row.times)
        for row in connection.execute(query)
    ]


def moves(connection: Connection, since: datetime) -> dict[tuple[str, datetime], int]:
    """Count the changes by source and night, of nights since then."""
    c = CHANGES.c
    query = select(c.source_id, c.as_of, func.count()).where(c.as_of >= since).group_by(c.source_id, c.as_of)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def last_moves(connection: Connection) -> dict[str, datetime]:
    """Return the night of the last change of each source that ever had one."""
    c = CHANGES.c
    query = select(c.source_id, func.max(c.as_of)).group_by(c.source_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def held(connection: Connection, source: str = "") -> list[Held]:
    """Return what is held for an officer, by source; of one source only where it is named."""
    c = CHANGES.c
    query = select(c.source_id, func.count(), func.max(c.id), func.min(c.as_of)).where(c.held, c.decided_at.is_(None))
    if source:
        query = query.where(c.source_id == source)
    return [Held(*row) for row in connection.execute(query.group_by(c.source_id).order_by(c.source_id))]


def _of(source: str) -> Select[tuple[int, str, datetime, datetime, str, int, str]]:
    c = CAPTURES.c
    columns = select(c.id, c.url, c.fetched_at, c.as_of, c.sha256, c.size, c.content_type)
    return columns.where(c.source_id == source).order_by(c.id.desc())


def _kept(connection: Connection, query: Select[tuple[int, str, datetime, datetime, str, int, str]]) -> list[Kept]:
    return [Kept(*row) for row in connection.execute(query)]
