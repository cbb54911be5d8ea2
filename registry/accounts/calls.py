"""Queries and writes on calls of companies' own systems: counted by the minute, and answered once per key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from registry.accounts.tables import ApiCall, RateWindow

_calls, _windows = table(ApiCall), table(RateWindow)
RUNNING = 0
"""Status of a call that has no answer yet."""


def calls_in(connection: Connection, user_id: int, minute: datetime) -> int:
    """Return how often a user has called within a minute."""
    query = select(_windows.c.calls).where(_windows.c.user_id == user_id, _windows.c.minute == minute)
    return connection.execute(query).scalar() or 0


def count_call(connection: Connection, user_id: int, minute: datetime) -> int:
    """Count a call; return how many there are now in this minute. Earlier minutes of the user are forgotten."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"user_id": user_id, "minute": minute, "calls": 1}
    statement = dialect.insert(_windows).values(row)
    counted = statement.on_conflict_do_update(
        index_elements=["user_id", "minute"], set_={"calls": _windows.c.calls + 1}
    ).returning(_windows.c.calls)
    calls = int(connection.execute(counted).scalar_one())
    if calls == 1:
        connection.execute(delete(_windows).where(_windows.c.user_id == user_id, _windows.c.minute < minute))
    return calls


def claim(connection: Connection, *, user_id: int, key: str, request_sha256: str, now: datetime) -> bool:
    """Write that a call under a key begins; tell whether it is the first of this key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"user_id": user_id, "key": key, "request_sha256": request_sha256, "status": RUNNING, "created_at": now}
    statement = dialect.insert(_calls).values(row).on_conflict_do_nothing()
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def call_of(connection: Connection, user_id: int, key: str) -> Row[Any] | None:
    """Return the call of a user under a key, if there is one."""
    return connection.execute(select(_calls).where(_calls.c.user_id == user_id, _calls.c.key == key)).one_or_none()


def take_over(connection: Connection, call_id: int, *, began: datetime, now: datetime) -> bool:
    """Begin a call anew that began long ago and has no answer; tell whether nobody else did so first."""
    statement = update(_calls).where(_calls.c.id == call_id, _calls.c.status == RUNNING, _calls.c.created_at == began)
    return connection.execute(statement.values(created_at=now)).rowcount == 1


def settle(connection: Connection, call_id: int, *, began: datetime, status: int, result_id: int) -> bool:
    """Write how a call ended, in the transaction of what it did; tell whether it is still ours to end."""
    statement = update(_calls).where(_calls.c.id == call_id, _calls.c.status == RUNNING, _calls.c.created_at == began)
    return connection.execute(statement.values(status=status, result_id=result_id)).rowcount == 1


def drop(connection: Connection, call_id: int, *, began: datetime) -> None:
    """Forget a call that did nothing, so that it can be made again."""
    mine = (_calls.c.id == call_id, _calls.c.status == RUNNING, _calls.c.created_at == began)
    connection.execute(delete(_calls).where(*mine))


def forget(connection: Connection, user_id: int, before: datetime) -> None:
    """Forget the calls of a user that began before."""
    connection.execute(delete(_calls).where(_calls.c.user_id == user_id, _calls.c.created_at < before))
