"""Writes to the tables of people. It asks nothing: every question about people goes through `registry/scope.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from core.tables import table
from registry.history import Change, to_json
from registry.tables import (
    Address,
    Consent,
    EmployerContact,
    HomeContact,
    PersonKey,
    Posting,
    RegisterChange,
    Registrant,
)

Rows = Sequence[Mapping[str, Any]]
TABLES = {
    "registrant": table(Registrant),
    "posting": table(Posting),
    "address": table(Address),
    "consent": table(Consent),
    "home_contact": table(HomeContact),
}
"""The tables whose rows the history of the register names."""


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


def add_contacts(connection: Connection, rows: Rows) -> None:
    """Insert contacts at home; ids are given, because the sealed values name their row."""
    _insert(connection, table(HomeContact), rows)


def add_liaison(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert the contact of a company; the id is given, because the sealed values name their row."""
    connection.execute(insert(table(EmployerContact)).values(dict(row)))


def end_liaison(connection: Connection, contact_id: int, *, by: str, at: datetime) -> None:
    """End the contact of a company: nobody is written to any more. The row stays until it is erased."""
    rows = table(EmployerContact)
    connection.execute(update(rows).where(rows.c.id == contact_id).values(ended_at=at, ended_by=by))


def stop_addresses(connection: Connection, address_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """Stop addresses: nothing is sent to them any more. One that is stopped already keeps its first reason."""
    rows = table(Address)
    statement = update(rows).where(rows.c.id == bindparam("address"), rows.c.stopped_at.is_(None))
    if address_ids:
        values = {"stopped_at": now, "stop_reason": reason}
        connection.execute(statement.values(values), [{"address": one} for one in address_ids])


def use_again(connection: Connection, address_ids: Sequence[int], *, reason: str) -> int:
    """Use addresses again that were stopped for this reason and no other. Returns how many."""
    rows = table(Address)
    statement = update(rows).where(
        rows.c.id.in_(address_ids), rows.c.stop_reason == reason, rows.c.stopped_at.is_not(None)
    )
    return connection.execute(statement.values(stopped_at=None, stop_reason="")).rowcount


def add_changes(
    connection: Connection, changes: Iterable[Change], *, by: str, at: datetime, import_id: int | None = None
) -> None:
    """Write the history of what was just done, in the transaction that did it.

    Args:
        by: who did it. `import_id`: the roster that brought it; None: by hand, or by the program itself.
    """
    rows = [
        {
            "import_id": import_id, "registrant_id": one.registrant_id, "table_name": one.table_name, "row_id": one.row_id,
            "before": to_json(one.before), "after": to_json(one.after), "at": at, "by": by,
        }
        for one in changes
    ]  # fmt: skip
    _insert(connection, table(RegisterChange), rows)


def make_changes(
    connection: Connection, changes: Iterable[Change], *, by: str, at: datetime, import_id: int | None = None
) -> None:
    """Change rows that are there, and write the history of it. Each change names the columns it writes.

    Args:
        by, at, import_id: as for `add_changes`. To confirm a posting is no update of it.
    """
    wanted = [one for one in changes if one.after]
    alike: defaultdict[tuple[str, tuple[str, ...]], list[dict[str, object]]] = defaultdict(list)
    for one in wanted:
        after = dict(one.after or {})
        if one.table_name in {"registrant", "posting"} and not one.only_confirms:
            after |= {"updated_at": at, "updated_by": by}
        given = {"row": one.row_id} | {f"new_{name}": value for name, value in after.items()}
        alike[one.table_name, tuple(sorted(after))].append(given)
    for (name, columns), given_rows in alike.items():
        rows = TABLES[name]
        values: dict[str, Any] = {column: bindparam(f"new_{column}") for column in columns}
        connection.execute(update(rows).where(rows.c.id == bindparam("row")).values(values), given_rows)
    add_changes(connection, wanted, by=by, at=at, import_id=import_id)


def take_rows_back(connection: Connection, table_name: str, row_ids: Sequence[int]) -> None:
    """Delete rows that should never have been: a roster brought them, and it is undone. Nothing may refer to them."""
    rows = TABLES[table_name]
    if row_ids:
        connection.execute(delete(rows).where(rows.c.id == bindparam("row")), [{"row": one} for one in row_ids])


def destroy_keys(connection: Connection, registrant_ids: Sequence[int], *, by: str, at: datetime) -> None:
    """Destroy the data keys of people: nothing of theirs opens any more, and no question finds them."""
    keys = table(PersonKey)
    values = {"wrapped": None, "destroyed_at": at, "destroyed_by": by}
    statement = update(keys).where(keys.c.registrant_id == bindparam("person")).values(values)
    if registrant_ids:
        connection.execute(statement, [{"person": one} for one in registrant_ids])


def _insert(connection: Connection, rows: Table, values: Rows) -> None:
    if values:
        connection.execute(insert(rows), list(values))
