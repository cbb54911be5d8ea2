"""Queries and writes on links to sign in, and on sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from core.tables import table
from registry.accounts.tables import SignInLink, WebSession
from registry.tables import User

_links, _sessions, _users = table(SignInLink), table(WebSession), table(User)


def add_link(connection: Connection, **values: object) -> None:
    """Write a link."""
    connection.execute(insert(_links).values(values))


def take_link(connection: Connection, token_hash: bytes, now: datetime) -> Row[Any] | None:
    """Use up a link that is still good and return it; None if there is none. Of two at once one gets it."""
    good = (_links.c.token_hash == token_hash, _links.c.used_at.is_(None), _links.c.expires_at > now)
    return connection.execute(update(_links).where(*good).values(used_at=now).returning(_links)).one_or_none()


def add_session(connection: Connection, **values: object) -> None:
    """Write a session."""
    connection.execute(insert(_sessions).values(values))


def session_hashed(
    connection: Connection, token_hash: bytes, *, idle_since: datetime, begun_since: datetime
) -> Row[Any] | None:
    """Return a session by its hash if it did not end, was used since, and began since."""
    row = _sessions.c
    alive = (row.ended_at.is_(None), row.used_at > idle_since, row.created_at > begun_since)
    return connection.execute(select(_sessions).where(row.token_hash == token_hash, *alive)).one_or_none()


def sessions_like(connection: Connection, contact_id: int | None, user_id: int | None) -> Sequence[Row[Any]]:
    """Return the sessions of a contact or a user that were not ended, newest first."""
    row = _sessions.c
    query = select(_sessions).where(row.contact_id.is_not_distinct_from(contact_id), row.ended_at.is_(None))
    return connection.execute(query.where(row.user_id.is_not_distinct_from(user_id)).order_by(row.id.desc())).all()


def touch_session(connection: Connection, session_id: int, now: datetime) -> None:
    """Write when a session was last used."""
    connection.execute(update(_sessions).where(_sessions.c.id == session_id).values(used_at=now))


def end_sessions(connection: Connection, session_ids: Sequence[int], now: datetime) -> None:
    """Write that sessions ended."""
    connection.execute(update(_sessions).where(_sessions.c.id.in_(session_ids)).values(ended_at=now))


def user(connection: Connection, user_id: int) -> Row[Any] | None:
    """Return a user by id."""
    return connection.execute(select(_users).where(_users.c.id == user_id)).one_or_none()


def forget(connection: Connection, before: datetime) -> None:
    """Forget links and sessions that began before."""
    connection.execute(delete(_links).where(_links.c.expires_at < before))
    connection.execute(
        delete(_sessions).where(or_(_sessions.c.ended_at < before, _sessions.c.created_at < before))
    )  # fmt: skip
