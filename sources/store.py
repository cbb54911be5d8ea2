"""All SQL of the sources: states, captures, advisories, entries and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.i18n import Message
from core.tables import table
from sources.change import Comparison, Entry
from sources.model import Advisory, AdvisoryChange, Capture, Card, ChangeKind, Quarantined, Reading
from sources.tables import (
    MOST_CONTENT_TYPE,
    MOST_ETAG,
    MOST_LAST_MODIFIED,
    AdvisoryRow,
    CaptureRow,
    ChangeRow,
    EntryRow,
    QuarantineRow,
    SourceState,
)
from sources.wire import load_advisory, load_message, message_json, store_advisory

ADVISORIES, CAPTURES, CHANGES = table(AdvisoryRow), table(CaptureRow), table(ChangeRow)
ENTRIES, QUARANTINE, STATES = table(EntryRow), table(QuarantineRow), table(SourceState)


@dataclass(frozen=True)
class StoredCapture:
    """A capture as the database knows it; the bytes lie in the archive under `sha256`."""

    id: int
    sha256: str
    etag: str
    last_modified: str
    content_type: str
    fetched_at: datetime


@dataclass(frozen=True)
class StoredChange:
    """A change with its number, and the versions it is between."""

    id: int
    change: AdvisoryChange
    as_of: datetime
    after_id: int | None
    before_id: int | None


def state(connection: Connection, source: str) -> SourceState:
    """Return the state of a source; a fresh one if it was never read."""
    return _state(connection, select(STATES).where(STATES.c.source_id == source), source)


def locked_state(connection: Connection, source: str) -> SourceState:
    """Return the state of a source; whoever else wants to write down a reading of it waits for this transaction.

    A source that was never read gets its row now: there is nothing to wait for otherwise, and two first readings would
    both be written.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = SourceState(source_id=source).model_dump()
    connection.execute(dialect.insert(STATES).values(fresh).on_conflict_do_nothing())
    return _state(connection, select(STATES).where(STATES.c.source_id == source).with_for_update(), source)


def _state(connection: Connection, query: Select[Any], source: str) -> SourceState:
    row = connection.execute(query).mappings().first()
    return SourceState(**row) if row else SourceState(source_id=source)


def states(connection: Connection) -> dict[str, SourceState]:
    """Return the states of all sources that were ever tried, by id."""
    return {row["source_id"]: SourceState(**row) for row in connection.execute(select(STATES)).mappings()}


def is_proven(connection: Connection, card: Card) -> bool:
    """Tell whether the reader of a source has ever read the real pages: before it was released, or live since then."""
    return not card.unproven or state(connection, card.id).proven_at is not None


def save_state(connection: Connection, new: SourceState) -> None:
    """Write the state of a source."""
    upsert(connection, STATES, [new.model_dump()], ["source_id"])


def upsert(connection: Connection, target: Any, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> None:
    """Insert rows, or update all other columns where `keys` already exist. Same on SQLite and PostgreSQL."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(target)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed), list(rows))


def last_capture(connection: Connection, source: str, url: str) -> StoredCapture | None:
    """Return the newest capture of an address."""
    query = (
        select(CAPTURES)
        .where(CAPTURES.c.source_id == source, CAPTURES.c.url == url)
        .order_by(CAPTURES.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return StoredCapture(row.id, row.sha256, row.etag, row.last_modified, row.content_type, row.fetched_at)


def save_capture(connection: Connection, capture: Capture, as_of: datetime) -> int:
    """Write down a capture; return its number."""
    values = {
        "source_id": capture.source, "url": capture.url, "fetched_at": capture.fetched_at, "as_of": as_of,
        "sha256": capture.sha256, "size": len(capture.body), "content_type": capture.content_type[:MOST_CONTENT_TYPE],
        # Half a validator would be another one: too long is none.
        "etag": capture.etag if len(capture.etag) <= MOST_ETAG else "",
        "last_modified": capture.last_modified if len(capture.last_modified) <= MOST_LAST_MODIFIED else "",
    }  # fmt: skip
    return int(connection.execute(insert(CAPTURES).values(values).returning(CAPTURES.c.id)).scalar_one())


@dataclass(frozen=True)
class Unchanged:
    """What a source has said since it was first read, and never said otherwise: `advisory_id` is its row, read on `as_of`."""

    advisory: Advisory
    advisory_id: int
    as_of: datetime


def unchanged(connection: Connection, source: str, since: datetime) -> list[Unchanged]:
    """Return the entries of a source that stand and were never a change, first read since a moment, by native id."""
    e, a = ENTRIES.c, ADVISORIES.c
    changed = exists().where(CHANGES.c.source_id == e.source_id, CHANGES.c.native_id == e.native_id)
    query = (
        select(a.id, a.body, a.as_of)
        .join(ENTRIES, e.advisory_id == a.id)
        .where(e.source_id == source, e.gone.is_(False), e.expired.is_(False), e.pending.is_(None), a.as_of >= since)
        .where(~changed)
        .order_by(e.native_id)
    )
    return [Unchanged(load_advisory(row.body), row.id, row.as_of) for row in connection.execute(query)]


def entries(connection: Connection, source: str) -> dict[str, Entry]:
    """Return what is known of a source, by native id."""
    return _entries(connection, ENTRIES.c.source_id == source)


def entry(connection: Connection, source: str, native_id: str) -> Entry | None:
    """Return where one entry stands; None if the source never had it."""
    return _entries(connection, and_(ENTRIES.c.source_id == source, ENTRIES.c.native_id == native_id)).get(native_id)


def _entries(connection: Connection, which: ColumnElement[bool]) -> dict[str, Entry]:
    query = select(ENTRIES, ADVISORIES.c.body).join(ADVISORIES, ADVISORIES.c.id == ENTRIES.c.advisory_id).where(which)
    found = {}
    for row in connection.execute(query):
        # A touch moves the date and the mark of a version without making a new one.
        advisory = replace(load_advisory(row.body), updated_at=row.updated_at, list_mark=row.list_mark)
        pending = ChangeKind(row.pending) if row.pending else None
        ranks = (row.pending_ranks[0], row.pending_ranks[1], row.pending_ranks[2]) if row.pending_ranks else None
        found[row.native_id] = Entry(advisory, row.last_seen, pending, row.pending_since, ranks, row.gone, row.expired)
    return found


def save_comparison(
    connection: Connection, known: Mapping[str, Entry], result: Comparison, capture_id: int | None, as_of: datetime
) -> None:
    """Write changed entries, new versions and changes: everything, in the caller's transaction, or nothing."""
    ids = _advisory_ids(connection, known, result, capture_id, as_of)
    rows = []
    for native_id, entry in result.entries.items():
        body = entry.advisory
        rows.append({
            "source_id": body.source, "native_id": native_id, "advisory_id": ids[native_id], "list_mark": body.list_mark,
            "updated_at": body.updated_at, "last_seen": entry.last_seen, "pending": entry.pending,
            "pending_since": entry.pending_since, "pending_ranks": entry.pending_ranks, "gone": entry.gone, "expired": entry.expired,
        })  # fmt: skip
    changes = [_change_row(connection, change, ids, as_of, capture_id) for change in result.changes]
    upsert(connection, ENTRIES, rows, ["source_id", "native_id"])
    if changes:
        connection.execute(insert(CHANGES), changes)


def _advisory_ids(
    connection: Connection, known: Mapping[str, Entry], result: Comparison, capture_id: int | None, as_of: datetime
) -> dict[str, int]:
    source = next((e.advisory.source for e in result.entries.values()), "")
    query = select(ENTRIES.c.native_id, ENTRIES.c.advisory_id).where(ENTRIES.c.source_id == source)
    current: dict[str, int] = {row.native_id: row.advisory_id for row in connection.execute(query)}
    ids: dict[str, int] = {}
    for native_id, entry in result.entries.items():
        before = known.get(native_id)
        if before is not None and before.advisory.fingerprint == entry.advisory.fingerprint:
            ids[native_id] = current[native_id]
        else:
            ids[native_id] = _save_advisory(connection, entry, capture_id, as_of)
    return ids | {k: v for k, v in current.items() if k not in ids}


def keep_advisory(connection: Connection, advisory: Advisory, capture_id: int, as_of: datetime) -> int:
    """Write down an advisory that stands in no list: nothing is compared with it, and no entry points to it."""
    return _save_advisory(connection, Entry(advisory, as_of), capture_id, as_of)


def advisory(connection: Connection, number: int) -> Advisory | None:
    """Return a version of an advisory by its number; None if there is none."""
    body = connection.execute(select(ADVISORIES.c.body).where(ADVISORIES.c.id == number)).scalar()
    return None if body is None else load_advisory(body)


def _save_advisory(connection: Connection, entry: Entry, capture_id: int | None, as_of: datetime) -> int:
    body = entry.advisory
    values = {
        "source_id": body.source, "native_id": body.native_id, "fingerprint": body.fingerprint,
        "body": store_advisory(body), "capture_id": capture_id, "as_of": as_of,
    }  # fmt: skip
    return int(connection.execute(insert(ADVISORIES).values(values).returning(ADVISORIES.c.id)).scalar_one())


def _change_row(
    connection: Connection, change: AdvisoryChange, ids: Mapping[str, int], as_of: datetime, capture_id: int | None
) -> dict[str, Any]:
    def version(advisory: Any) -> int | None:
        """Return the row of a version, written if it is not there."""
        if advisory is None:
            return None
        query = select(ADVISORIES.c.id).where(
            ADVISORIES.c.source_id == advisory.source,
            ADVISORIES.c.native_id == advisory.native_id,
            ADVISORIES.c.fingerprint == advisory.fingerprint,
        )
        found = connection.execute(query.order_by(ADVISORIES.c.id.desc()).limit(1)).scalar()
        # An unconfirmed fall is kept as a version of its own, although the entry does not point to it yet.
        return (
            int(found) if found is not None else _save_advisory(connection, Entry(advisory, as_of), capture_id, as_of)
        )

    return {
        "source_id": change.source, "native_id": change.native_id, "kind": change.kind, "confirmed": change.confirmed,
        "held": change.held, "before_id": version(change.before), "after_id": version(change.after),
        "reason": message_json(change.reason), "as_of": as_of, "outcome": "",
    }  # fmt: skip


def save_quarantine(connection: Connection, source: str, found: Sequence[Quarantined], as_of: datetime) -> None:
    """Keep unreadable entries; one seen before is only counted, once a night however often the night is worked."""
    for one in found:
        query = select(QUARANTINE).where(QUARANTINE.c.source_id == source, QUARANTINE.c.entry == one.entry)
        row = connection.execute(query).first()
        if row is None:
            values = {"source_id": source, "entry": one.entry, "reason": message_json(one.reason)}
            connection.execute(insert(QUARANTINE).values(**values, first_seen=as_of, last_seen=as_of, times=1))
        else:
            again = int(as_of > row.last_seen)
            new = {"last_seen": as_of, "times": row.times + again, "reason": message_json(one.reason)}
            connection.execute(update(QUARANTINE).where(QUARANTINE.c.id == row.id).values(new))


def known_levels(reading: Reading) -> int:
    """Count the entries of a reading that carry a numeric level."""
    return sum(isinstance(a.level, int) for a in reading.advisories)


def undecided(connection: Connection, *, held: bool = False) -> list[StoredChange]:
    """Return the changes nobody has acted on yet, oldest first; with `held`, those that wait for an officer."""
    query = select(CHANGES).where(CHANGES.c.decided_at.is_(None), CHANGES.c.held == held).order_by(CHANGES.c.id)
    return load_changes(connection, connection.execute(query).all())


def changes_of_night(connection: Connection, as_of: datetime) -> list[StoredChange]:
    """Return every change seen in one night, oldest first."""
    return load_changes(
        connection, connection.execute(select(CHANGES).where(CHANGES.c.as_of == as_of).order_by(CHANGES.c.id)).all()
    )


def changes(
    connection: Connection, *, sources: Sequence[str] = (), since: datetime | None = None, most: int = 50
) -> list[StoredChange]:
    """Return changes, the newest first.

    Args:
        sources: only of these; none: of all.
        since: only of nights from this one on.
        most: at most so many.
    """
    query = select(CHANGES).order_by(CHANGES.c.id.desc()).limit(most)
    if sources:
        query = query.where(CHANGES.c.source_id.in_(sources))
    if since is not None:
        query = query.where(CHANGES.c.as_of >= since)
    return load_changes(connection, connection.execute(query).all())


def change(connection: Connection, number: int) -> StoredChange | None:
    """Return one change by its number; None if there is none."""
    found = load_changes(connection, connection.execute(select(CHANGES).where(CHANGES.c.id == number)).all())
    return found[0] if found else None


def load_changes(connection: Connection, rows: Sequence[Row[Any]]) -> list[StoredChange]:
    """Put rows of the change table together with the versions they are between."""
    wanted = {i for row in rows for i in (row.before_id, row.after_id) if i is not None}
    bodies = {}
    if wanted:
        query = select(ADVISORIES.c.id, ADVISORIES.c.body).where(ADVISORIES.c.id.in_(wanted))
        bodies = {row.id: load_advisory(row.body) for row in connection.execute(query)}
    found = []
    for row in rows:
        before = bodies[row.before_id] if row.before_id is not None else None
        after = bodies[row.after_id] if row.after_id is not None else None
        reason: Message = load_message(row.reason)
        change = AdvisoryChange(
            ChangeKind(row.kind), row.confirmed, row.source_id, row.native_id, reason, before, after, row.held
        )
        found.append(StoredChange(row.id, change, row.as_of, row.after_id, row.before_id))
    return found


def mark_decided(connection: Connection, change_id: int, *, outcome: str, actor: str, now: datetime) -> bool:
    """Say what was decided of a change; False if somebody else decided it first."""
    query = update(CHANGES).where(CHANGES.c.id == change_id, CHANGES.c.decided_at.is_(None))
    done = connection.execute(query.values(decided_at=now, decided_by=actor, outcome=outcome))
    return done.rowcount == 1


def release_held(connection: Connection, source: str) -> int:
    """Let the held changes of a source go on to the policy; return how many."""
    query = update(CHANGES).where(CHANGES.c.source_id == source, CHANGES.c.held, CHANGES.c.decided_at.is_(None))
    return connection.execute(query.values(held=False)).rowcount


def dismiss_held(connection: Connection, source: str, *, actor: str, now: datetime) -> int:
    """Close the held changes of a source without telling anybody; return how many."""
    query = update(CHANGES).where(CHANGES.c.source_id == source, CHANGES.c.held, CHANGES.c.decided_at.is_(None))
    return connection.execute(query.values(decided_at=now, decided_by=actor, outcome="dismissed")).rowcount


def quarantined(connection: Connection, seen_at: datetime) -> list[tuple[str, Quarantined]]:
    """Return the unreadable entries seen in one night, with their source."""
    query = select(QUARANTINE).where(QUARANTINE.c.last_seen == seen_at).order_by(QUARANTINE.c.id)
    return [(row.source_id, Quarantined(row.entry, load_message(row.reason))) for row in connection.execute(query)]
