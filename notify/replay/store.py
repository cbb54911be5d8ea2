"""SQL of the replay: what is copied into its own database, and what is asked of the office's, which is only read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from core.tables import table
from notify.replay.model import Person, Was
from notify.routing import taken_from
from notify.rules.tables import Silence
from notify.store import alerts as alert_store
from notify.store import outbox
from notify.store.alerts import TEXTS, VERSIONS
from notify.store.rules import went_by_rule
from notify.texts.tables import HelplineRow, MessageTemplate
from registry import scope
from registry.actors import SYSTEM
from sources.model import AdvisoryChange, ChangeKind
from sources.store import ADVISORIES, CAPTURES, CHANGES, ENTRIES, STATES, StoredChange, load_changes, upsert

HOUSE = (table(HelplineRow), table(MessageTemplate), table(Silence))
"""What the rules and texts of an office rest on besides the policy. Nothing in these tables is about a person."""
ROWS = 500


def nights_of_changes(connection: Connection, since: datetime, until: datetime) -> list[datetime]:
    """Return the nights in which something changed, oldest first."""
    query = select(CHANGES.c.as_of).where(CHANGES.c.as_of >= since, CHANGES.c.as_of < until).distinct()
    return sorted(connection.execute(query).scalars())


def nights_of_captures(connection: Connection, until: datetime) -> dict[datetime, set[str]]:
    """Return the nights in which pages were received, with their sources."""
    query = select(CAPTURES.c.as_of, CAPTURES.c.source_id).where(CAPTURES.c.as_of < until).distinct()
    found: dict[datetime, set[str]] = {}
    for row in connection.execute(query.order_by(CAPTURES.c.as_of)):
        found.setdefault(row.as_of, set()).add(row.source_id)
    return found


def captured(connection: Connection, source: str, url: str, at: datetime) -> Any | None:
    """Return the newest capture of an address that is not newer than `at`."""
    query = select(CAPTURES).where(CAPTURES.c.source_id == source, CAPTURES.c.url == url, CAPTURES.c.as_of <= at)
    return connection.execute(query.order_by(CAPTURES.c.id.desc()).limit(1)).first()


def copy_house(office: Connection, own: Connection) -> None:
    """Copy numbers, wordings and silences of the office, and which readers are proven."""
    for one in HOUSE:
        _copy(own, one, [dict(row) for row in office.execute(select(one)).mappings()])


def copy_proven(office: Connection, own: Connection) -> None:
    """Write down which sources were ever read live: a source that was not may not be sent by rule."""
    proven = office.execute(select(STATES.c.source_id, STATES.c.proven_at).where(STATES.c.proven_at.is_not(None)))
    for row in proven.all():
        values = {
            "source_id": row.source_id,
            "proven_at": row.proven_at,
            "failures": 0,
            "entries": 0,
            "known_levels": 0,
        }
        _copy(own, STATES, [values])


def copy_versions(office: Connection, own: Connection, since: datetime, until: datetime) -> None:
    """Copy the versions of advisories that changes are between, under their own numbers."""
    span = CHANGES.c.as_of >= since, CHANGES.c.as_of < until
    sides = [select(column).where(*span, column.is_not(None)) for column in (CHANGES.c.before_id, CHANGES.c.after_id)]
    query = select(ADVISORIES).where(ADVISORIES.c.id.in_(sides[0].union(sides[1])))
    # The bytes stay where they are: a version here points to no capture.
    _copy(own, ADVISORIES, [dict(row) | {"capture_id": None} for row in office.execute(query).mappings()])


def copy_changes(office: Connection, own: Connection, night: datetime) -> None:
    """Copy the changes of one night as they were before anybody decided them, and say where their entries then stood."""
    rows = office.execute(select(CHANGES).where(CHANGES.c.as_of == night).order_by(CHANGES.c.id)).mappings().all()
    _copy(own, CHANGES, [dict(row) | {"decided_at": None, "decided_by": None, "outcome": ""} for row in rows])
    for one in rows:
        upsert(own, ENTRIES, [_entry(one)], ["source_id", "native_id"])


def _entry(row: Mapping[Any, Any]) -> dict[str, Any]:
    kind, sure = ChangeKind(row["kind"]), row["confirmed"]
    falls = kind in {ChangeKind.LOWERED, ChangeKind.WITHDRAWN} and not sure
    stands = row["before_id"] if falls or row["after_id"] is None else row["after_id"]
    return {
        "source_id": row["source_id"], "native_id": row["native_id"], "advisory_id": stands, "list_mark": "",
        "updated_at": None, "last_seen": row["as_of"], "pending": kind.value if falls else None,
        "pending_since": row["as_of"] if falls else None, "pending_ranks": None,
        "gone": kind is ChangeKind.WITHDRAWN and sure, "expired": kind is ChangeKind.EXPIRED,
    }  # fmt: skip


def _copy(own: Connection, target: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS):
        own.execute(insert(target), list(rows[start : start + ROWS]))


def waiting_sources(own: Connection) -> set[str]:
    """Return the sources with an entry whose fall waits for a second look."""
    return set(own.execute(select(ENTRIES.c.source_id).where(ENTRIES.c.pending.is_not(None)).distinct()).scalars())


def held(own: Connection, since: datetime) -> int:
    """Count the changes that wait because there were too many at once."""
    query = select(func.count()).select_from(CHANGES)
    return int(own.execute(query.where(CHANGES.c.held, CHANGES.c.as_of >= since)).scalar_one())


def outcome(own: Connection, change_id: int) -> str:
    """Return what was decided of a change, in one word."""
    return str(own.execute(select(CHANGES.c.outcome).where(CHANGES.c.id == change_id)).scalar_one())


def close_texts(own: Connection, version_id: int) -> str:
    """Return the hash over every text of a version, in order of language, channel and variant."""
    c = TEXTS.c
    query = select(c.language, c.channel, c.variant, c.subject, c.body, c.html).where(c.version_id == version_id)
    digest = hashlib.sha256()
    for row in own.execute(query.order_by(c.language, c.channel, c.variant)):
        digest.update("\x1f".join(row).encode() + b"\x1e")
    return digest.hexdigest()


def people_in(office: Connection, countries: Sequence[str], day: date, *, include_doubtful: bool) -> dict[int, Person]:
    """Return whom the register has in these countries on a day, by number."""
    if not countries:
        return {}
    people = scope.people_in(SYSTEM, countries, day, include_doubtful=include_doubtful).subquery()
    query = select(people.c.registrant_id, people.c.country, people.c.employer_id)
    places: dict[tuple[str, int | None], Person] = {}  # one for many: a country may hold a quarter of a million people
    return {
        row[0]: places.setdefault((row[1], row[2]), Person(row[1], row[2]))
        for row in office.execute(query.order_by(people.c.registrant_id))
    }


def reachable(office: Connection, channels: Sequence[str]) -> set[int]:
    """Return everybody with an address in use that a notice over these channels can take."""
    at = scope.usable_addresses(SYSTEM).subquery()
    taken = sorted({taken_from(one) for one in channels})
    return set(office.execute(select(at.c.registrant_id).where(at.c.channel.in_(taken)).distinct()).scalars())


def was(office: Connection, stored: StoredChange, *, same_numbers: bool) -> Was | None:
    """Return what was really done with a change; None if it was never found that way."""
    number = stored.id if same_numbers else _twin(office, stored.change)
    row = None if number is None else office.execute(select(CHANGES).where(CHANGES.c.id == number)).first()
    if row is None:
        return None
    version_id = alert_store.by_change(office, row.id)
    if version_id is None:
        return Was(row.id, row.outcome)
    version = office.execute(select(VERSIONS).where(VERSIONS.c.id == version_id)).one()
    told = outbox.told_before([version_id]).subquery()
    left = office.execute(select(func.count()).select_from(told)).scalar_one()
    whom = select(outbox.RECIPIENTS.c.registrant_id).where(outbox.RECIPIENTS.c.version_id == version_id)
    people = frozenset(office.execute(whom).scalars())
    by_rule = went_by_rule(version.approved_by)
    return Was(row.id, row.outcome, version.alert_id, version.released_at is not None, by_rule, people, int(left))


def _twin(office: Connection, change: AdvisoryChange) -> int | None:
    """Return the number of the same change in the office's database: same entry, same kind, same meaning after it."""
    c = CHANGES.c
    alike = c.source_id == change.source, c.native_id == change.native_id, c.kind == change.kind.value
    rows = office.execute(select(CHANGES).where(*alike).order_by(c.id.desc())).all()
    found = (one for one in load_changes(office, rows) if _meaning(one.change) == _meaning(change))
    return next((one.id for one in found), None)


def _meaning(change: AdvisoryChange) -> tuple[str | None, str | None]:
    sides = change.before, change.after
    before, after = (None if one is None else one.fingerprint for one in sides)
    return before, after
