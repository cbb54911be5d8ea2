"""Sessions of people of the office. Of a session only the hash of its secret is kept.

A session ends after half an hour of rest, after twelve hours at the latest, and at once when its user is closed or no user of the
office any more (OWASP ASVS 4.0, 3.2 and 3.3). How it begins: `registry.accounts.credentials.sign_in`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit import record
from core.errors import NotAllowed, NotFound
from core.i18n import t
from registry.accounts.credentials import store
from registry.accounts.sign_in import IDLE, LONGEST, NOTED, SessionView, hash_of
from registry.actors import Actor
from registry.tables import Role

KEPT = timedelta(days=30)
"""What ended is forgotten after it; the audit tells of every session."""


@dataclass(frozen=True)
class OfficeSession:
    """Somebody of the office who is signed in.

    Attributes:
        used_at: when it was last noted that the session was used.
        failed: wrong tries between the sign-in before this one and this one.
    """

    session_id: int
    actor: Actor
    used_at: datetime
    failed: int = 0

    @property
    def user_id(self) -> int:
        """Return the number of the user."""
        assert self.actor.user_id is not None
        return self.actor.user_id


def begin(connection: Connection, user_id: int, now: datetime, *, device: str = "", failed: int = 0) -> str:
    """Begin a session of a user who has proven who they are; return its secret. The only time it can be read."""
    store.forget(connection, now - KEPT)
    secret = secrets.token_urlsafe(32)
    store.add_session(
        connection, user_id=user_id, token_hash=hash_of(secret), device=device[:40], failed=failed, created_at=now, used_at=now
    )  # fmt: skip
    return secret


def session_of(connection: Connection, secret: str, now: datetime) -> OfficeSession:
    """Return the session behind a cookie. Reads only.

    Raises:
        NotAllowed: there is none, it has ended, it is too old, or its user is closed or a company's.
    """
    row = store.session_hashed(connection, hash_of(secret), idle_since=now - IDLE, begun_since=now - LONGEST)
    if row is None or not row.active or row.role == Role.COMPANY:
        raise NotAllowed(t("You are not signed in, or not any more."))
    return OfficeSession(row.id, Actor(row.name, Role(row.role), row.user_id), row.used_at, row.failed)


def note_use(connection: Connection, session: OfficeSession, now: datetime) -> None:
    """Write that a session was used."""
    store.touch_session(connection, session.session_id, now)


def worth_noting(session: OfficeSession, now: datetime) -> bool:
    """Tell whether the use of a session is to be written down: once a minute will do. Pure."""
    return now - session.used_at >= NOTED


def sessions_of(connection: Connection, session: OfficeSession, now: datetime) -> tuple[SessionView, ...]:
    """Return the sessions of the same user that are alive, newest first."""
    rows = store.sessions_of(connection, session.user_id, idle_since=now - IDLE, begun_since=now - LONGEST)
    return tuple(SessionView(row.id, row.device, row.created_at, row.used_at) for row in rows)


def end_sessions(connection: Connection, session: OfficeSession, now: datetime, *, only: int | None = None) -> int:
    """End sessions of the same user: all of them, or one; return how many.

    Raises:
        NotFound: there is no such session of theirs.
    """
    ids = [one.session_id for one in sessions_of(connection, session, now) if only in {None, one.session_id}]
    if not ids:
        raise NotFound(t("There is no such session."))
    store.end_sessions(connection, ids, now)
    subject = f"user/{session.user_id}"
    record(connection, actor=session.actor.name, action="session.end", subject=subject, now=now, detail=str(len(ids)))
    return len(ids)
