"""SQL of the digest: who chose it, and which changes are still to be told to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from notify.digest.tables import DigestReader, DigestTold
from notify.mailings.store import MAILINGS
from notify.mailings.tables import MailingKind
from notify.policy import Action
from sources.store import CHANGES, StoredChange, load_changes

READERS, TOLD = table(DigestReader), table(DigestTold)


def standing(
    connection: Connection, *, employer_id: int | None = None, registrant_id: int | None = None
) -> list[DigestReader]:
    """Return who has chosen the digest and still wants it: all, or one company, or one person. By number."""
    r = READERS.c
    query = select(READERS).where(r.ended_at.is_(None)).order_by(r.id)
    if employer_id is not None:
        query = query.where(r.employer_id == employer_id)
    if registrant_id is not None:
        query = query.where(r.registrant_id == registrant_id)
    return [DigestReader(**row) for row in connection.execute(query).mappings()]


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Write a choice; return its number."""
    return int(connection.execute(insert(READERS).values(values).returning(READERS.c.id)).scalar_one())


def set_rhythm(connection: Connection, number: int, rhythm: str) -> None:
    """Change how often a digest goes to a reader."""
    connection.execute(update(READERS).where(READERS.c.id == number).values(rhythm=rhythm))


def end(connection: Connection, number: int, now: datetime) -> None:
    """End a choice."""
    connection.execute(update(READERS).where(READERS.c.id == number).values(ended_at=now))


def changes(connection: Connection, since: datetime) -> list[StoredChange]:
    """Return what the policy routed to the digest since then, oldest first."""
    c = CHANGES.c
    query = select(CHANGES).where(c.outcome == Action.DIGEST, c.decided_at >= since)
    return load_changes(connection, connection.execute(query.order_by(c.id)).all())


def decided_before(connection: Connection, numbers: Sequence[int], moment: datetime) -> frozenset[int]:
    """Return those of these changes that were decided before a moment."""
    c = CHANGES.c
    query = select(c.id).where(c.id.in_(numbers), c.decided_at < moment)
    return frozenset(connection.execute(query).scalars())


def told(connection: Connection, reader_id: int) -> frozenset[int]:
    """Return the changes that a reader was told."""
    return frozenset(connection.execute(select(TOLD.c.change_id).where(TOLD.c.reader_id == reader_id)).scalars())


def write_told(connection: Connection, reader_id: int, changes: Sequence[int], edition: str) -> None:
    """Write down which changes stand in a mail that is about to leave."""
    if changes:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        rows = [{"reader_id": reader_id, "change_id": one, "edition": edition} for one in changes]
        connection.execute(dialect.insert(TOLD).values(rows).on_conflict_do_nothing())


def take_back(connection: Connection, reader_id: int, reader: str) -> None:
    """Take back what was to stand in mails that certainly did not leave, so that the next one tells it."""
    m = MAILINGS.c
    left = exists().where(
        m.kind == MailingKind.DIGEST, m.edition == TOLD.c.edition, m.reader == reader,
        m.outcome.in_(("begun", "accepted", "doubt")),
    )  # fmt: skip
    connection.execute(delete(TOLD).where(TOLD.c.reader_id == reader_id, ~left))
