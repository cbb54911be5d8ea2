"""Writes to the tables of people. It asks nothing: every question about people goes through `registry/scope.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update

from core.tables import table
from registry.tables import Address, Consent, PersonKey, Posting, Registrant

Rows = Sequence[Mapping[str, Any]]


def add_people(connection: Connection, people: Rows, keys: Rows) -> None:
    """Insert persons and their wrapped keys; ids are given."""
    _insert(connection, table(Registrant), people)
    _insert(connection, table(PersonKey), keys)


def add_postings(connection: Connection, rows: Rows) -> None:
    """Insert postings."""
    _insert(connection, table(Posting), rows)


def add_addresses(connection: Connection, rows: Rows) -> None:
    """Insert addresses; ids are given, because the sealed value names its row."""
    _insert(connection, table(Address), rows)


def add_consents(connection: Connection, rows: Rows) -> None:
    """Insert consents."""
    _insert(connection, table(Consent), rows)


def change_postings(connection: Connection, rows: Rows) -> None:
    """Write city, site, dates, status and `updated_*` of postings; `posting_id` names the row."""
    postings = table(Posting)
    names = ("city", "site", "date_from", "date_to", "status", "updated_at", "updated_by")
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    statement = update(postings).where(postings.c.id == bindparam("posting_id")).values(values)
    if rows:
        given = [{"posting_id": row["posting_id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        connection.execute(statement, given)


def confirm_postings(connection: Connection, posting_ids: Sequence[int], now: datetime) -> None:
    """Write that somebody has just said that these postings are still so."""
    postings = table(Posting)
    statement = update(postings).where(postings.c.id == bindparam("posting_id")).values(confirmed_at=now)
    if posting_ids:
        connection.execute(statement, [{"posting_id": one} for one in posting_ids])


def change_language(connection: Connection, languages: Mapping[int, str], *, now: datetime, actor: str) -> None:
    """Write the language of people, by person."""
    people = table(Registrant)
    values: dict[str, Any] = {"language": bindparam("new"), "updated_at": now, "updated_by": actor}
    statement = update(people).where(people.c.id == bindparam("person")).values(values)
    if languages:
        connection.execute(statement, [{"person": person, "new": language} for person, language in languages.items()])


def stop_addresses(connection: Connection, address_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Stop addresses: nothing is sent to them any more. One that is stopped already keeps its first reason."""
    rows = table(Address)
    statement = update(rows).where(rows.c.id == bindparam("address"), rows.c.stopped_at.is_(None))
    if address_ids:
        values = {"stopped_at": now, "stop_reason": reason}
        connection.execute(statement.values(values), [{"address": one} for one in address_ids])


def _insert(connection: Connection, rows: Table, values: Rows) -> None:
    if values:
        connection.execute(insert(rows), list(values))
