"""Who did what: one append-only line per act, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.sql.elements import ColumnElement

from core.tables import Audit, table

CHUNK = 900  # values in one IN list; older SQLite allows 999
NEAR = 20_000
"""Newest lines that are looked at first, whatever is sought."""


@dataclass(frozen=True)
class Line:
    """One line of the audit: who did what to what, when."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True)
class Sought:
    """Which lines are looked for; what is empty narrows nothing.

    Attributes:
        action: one action, as `people.view`, or a family of them, as `people`.
        subject: one thing, as `alert/7`, or a kind of things, as `alert`.
        since, until: moments, `until` not included; both or neither.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def record(connection: Connection, *, actor: str, action: str, subject: str, now: datetime, detail: str = "") -> None:
    """Write that `actor` did `action` to `subject` (a kind and an id such as `alert/7`). Never put names or numbers in."""
    row = {"at": now, "actor": actor, "action": action, "object": subject, "detail": detail}
    connection.execute(insert(table(Audit)).values(row))


def last_details(connection: Connection, action: str, subjects: Sequence[str]) -> dict[str, str]:
    """Return the detail of the last line of an action on each subject; one without a line is absent."""
    rows = table(Audit)
    found: dict[str, str] = {}
    for start in range(0, len(subjects), CHUNK):
        wanted = rows.c.object.in_(subjects[start : start + CHUNK])
        query = select(rows.c.object, rows.c.detail).where(rows.c.action == action, wanted).order_by(rows.c.id)
        found.update((row.object, row.detail) for row in connection.execute(query))
    return found


def lines(connection: Connection, sought: Sought, *, before: int = 0, most: int = 100) -> tuple[Line, ...]:
    """Return lines, newest first: at most so many, and with `before` only those written before that line."""
    rows = table(Audit)
    end = before or (connection.execute(select(func.max(rows.c.id))).scalar() or 0) + 1
    wanted = [*_narrowed(sought), rows.c.id < end]
    query = select(rows).order_by(rows.c.id.desc()).limit(most)
    # What is common fills a page from the newest lines; to sort all lines of a common kind by number would take seconds.
    found = connection.execute(query.where(*wanted, rows.c.id >= end - NEAR)).all()
    if len(found) < most:
        found = connection.execute(query.where(*wanted)).all()
    return tuple(Line(row.id, row.at, row.actor, row.action, row.object, row.detail) for row in found)


def _narrowed(sought: Sought) -> list[ColumnElement[bool]]:
    rows = table(Audit).c
    found: list[ColumnElement[bool]] = []
    if sought.actor:
        found.append(rows.actor == sought.actor)
    for column, word, mark in ((rows.action, sought.action, "."), (rows.object, sought.subject, "/")):
        if word and mark in word:
            found.append(column == word)
        elif word:
            # A range and not LIKE: it uses the index on both databases, and no sign in the word means anything else.
            found.append((column == word) | ((column >= word + mark) & (column < word + chr(ord(mark) + 1))))
    if sought.since is not None and sought.until is not None:
        found += [rows.at >= sought.since, rows.at < sought.until]
    return found
