"""SQL of letters: taken in hand by one process only, before the call; and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from notify.mailings.tables import Mailing, MailingKind

MAILINGS = table(Mailing)
LEFT = ("failed", "refused", "without")
"""Outcomes of letters that certainly told nobody."""
ROUND = "round"
"""The reader of a row that says that a round of letters is done."""


def add(connection: Connection, values: dict[str, Any]) -> int | None:
    """Write a letter that nobody has taken in hand yet; None if it is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    query = dialect.insert(MAILINGS).values(values).on_conflict_do_nothing().returning(MAILINGS.c.id)
    found = connection.execute(query).scalar()
    return None if found is None else int(found)


def get(connection: Connection, kind: MailingKind, edition: str, reader: str) -> Mailing | None:
    """Return one letter; None if it was never begun."""
    m = MAILINGS.c
    query = select(MAILINGS).where(m.kind == kind, m.edition == edition, m.reader == reader)
    row = connection.execute(query).mappings().first()
    return Mailing(**row) if row else None


def take_again(connection: Connection, number: int, tries: int, values: dict[str, Any]) -> bool:
    """Take a letter in hand once more; False if somebody else did since it was seen with so many `tries`."""
    mine = MAILINGS.c.id == number, MAILINGS.c.tries == tries, MAILINGS.c.outcome.in_(LEFT)
    return connection.execute(update(MAILINGS).where(*mine).values(tries=tries + 1, **values)).rowcount == 1


def end(connection: Connection, number: int, *, outcome: str, code: str, now: datetime) -> None:
    """Write what came of a call."""
    values = {"outcome": outcome, "code": code[:60], "ended_at": now}
    connection.execute(update(MAILINGS).where(MAILINGS.c.id == number).values(values))


def end_round(connection: Connection, kind: MailingKind, edition: str, *, by: str, now: datetime) -> None:
    """Write down that every letter of a round is at its end, so that nobody looks again."""
    add(connection, {"kind": kind, "edition": edition, "reader": ROUND, "outcome": "done", "tries": 0, "choice": 0,
                     "begun_at": now, "ended_at": now, "created_by": by})  # fmt: skip


def editions(connection: Connection, kind: MailingKind, prefix: str) -> dict[tuple[str, str], Mailing]:
    """Return the letters whose edition begins with `prefix`, by edition and reader."""
    m = MAILINGS.c
    query = select(MAILINGS).where(m.kind == kind, m.edition.startswith(prefix, autoescape=True)).order_by(m.id)
    return {(row["edition"], row["reader"]): Mailing(**row) for row in connection.execute(query).mappings()}


def troubled(connection: Connection, outcomes: Sequence[str], since: datetime) -> list[Mailing]:
    """Return the letters begun since then that stand at one of these outcomes, oldest first."""
    m = MAILINGS.c
    query = select(MAILINGS).where(m.outcome.in_(outcomes), m.begun_at >= since).order_by(m.id)
    return [Mailing(**row) for row in connection.execute(query).mappings()]
