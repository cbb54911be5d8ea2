"""Signing in without a password: a link that works once goes to an address that is known, and makes a session.

Of a link and of a session only the hash is kept. A session ends after half an hour of rest, after twelve hours at the latest,
and at once when its contact or user is one no more (OWASP ASVS 4.0, 3.2 and 3.3).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from core.audit import record
from core.errors import NotAllowed, NotFound
from core.i18n import t
from registry.accounts import sessions as store
from registry.accounts import store as accounts
from registry.actors import CONTACT, Actor
from registry.scope.liaisons import liaison_stands
from registry.tables import Role

LINK_LASTS = timedelta(minutes=15)
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
NOTED = timedelta(minutes=1)
"""The use of a session is written down no more often than this."""


@dataclass(frozen=True)
class Whose:
    """Who signs in for a company: one of its contacts, or a user of it. Exactly one of the numbers is set."""

    employer_id: int
    contact_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in. `actor` sees the people of one company, and the audit shows by its name who it was."""

    session_id: int
    actor: Actor
    whose: Whose
    used_at: datetime


@dataclass(frozen=True)
class SessionView:
    """A session as its owner sees it."""

    session_id: int
    device: str
    created_at: datetime
    used_at: datetime


def make_link(connection: Connection, whose: Whose, *, by: str, now: datetime) -> str:
    """Return the secret of a new link. The only time it can be read."""
    token = secrets.token_urlsafe(32)
    store.add_link(
        connection, token_hash=hash_of(token), employer_id=whose.employer_id, contact_id=whose.contact_id,
        user_id=whose.user_id, created_at=now, expires_at=now + LINK_LASTS,
    )  # fmt: skip
    record(connection, actor=by, action="sign-in.link", subject=_subject(whose), now=now)
    return token


def link_for_user(connection: Connection, actor: Actor, name: str, now: datetime) -> str:
    """Return a link for a user of a company, made by the office for somebody whom no mail reaches.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such active user of a company.
    """
    if actor.role != Role.ADMINISTRATOR:
        raise NotAllowed(t("Only an administrator may do this, not {actor}.", actor=actor.name))
    user = accounts.user_named(connection, name)
    if user is None or not user.active or user.role != Role.COMPANY:
        raise NotFound(t("There is no active user {name} of a company.", name=name))
    return make_link(connection, Whose(user.employer_id, user_id=user.id), by=actor.name, now=now)


def open_session(connection: Connection, token: str, *, device: str, now: datetime) -> str:
    """Use up a link; return the secret of the session it opens.

    Raises:
        NotAllowed: with one sentence for a link that is unknown, used, too old, or whose owner is a contact no more.
    """
    link = store.take_link(connection, hash_of(token), now)
    whose = None if link is None else _whose(link)
    actor = None if whose is None else _actor(connection, whose)
    if whose is None or actor is None:
        raise NotAllowed(t("This link is not good any more. It works once, and for 15 minutes. Ask for a new one."))
    secret = secrets.token_urlsafe(32)
    store.add_session(
        connection, token_hash=hash_of(secret), employer_id=whose.employer_id, contact_id=whose.contact_id,
        user_id=whose.user_id, device=device, created_at=now, used_at=now,
    )  # fmt: skip
    record(connection, actor=actor.name, action="session.begin", subject=_subject(whose), now=now)
    return secret


def session_of(connection: Connection, secret: str, now: datetime) -> Session:
    """Return the session behind a cookie. Reads only.

    Raises:
        NotAllowed: there is none, it has ended, or it is too old.
    """
    row = store.session_hashed(connection, hash_of(secret), idle_since=now - IDLE, begun_since=now - LONGEST)
    whose = None if row is None else _whose(row)
    actor = None if whose is None else _actor(connection, whose)
    if row is None or whose is None or actor is None:
        raise NotAllowed(t("You are not signed in, or not any more."))
    return Session(row.id, actor, whose, row.used_at)


def note_use(connection: Connection, session: Session, now: datetime) -> None:
    """Write that a session was used."""
    store.touch_session(connection, session.session_id, now)


def worth_noting(session: Session, now: datetime) -> bool:
    """Tell whether the use of a session is to be written down: once a minute will do. Pure."""
    return now - session.used_at >= NOTED


def sessions_of(connection: Connection, session: Session, now: datetime) -> tuple[SessionView, ...]:
    """Return the sessions of the same contact or user, newest first."""
    rows = store.sessions_like(connection, session.whose.contact_id, session.whose.user_id)
    alive = [row for row in rows if row.used_at > now - IDLE and row.created_at > now - LONGEST]
    return tuple(SessionView(row.id, row.device, row.created_at, row.used_at) for row in alive)


def end_sessions(connection: Connection, session: Session, now: datetime, *, only: int | None = None) -> int:
    """End sessions of the same contact or user: all of them, or one; return how many.

    Raises:
        NotFound: there is no such session of theirs.
    """
    ids = [one.session_id for one in sessions_of(connection, session, now) if only in {None, one.session_id}]
    if not ids:
        raise NotFound(t("There is no such session."))
    store.end_sessions(connection, ids, now)
    subject = _subject(session.whose)
    record(connection, actor=session.actor.name, action="session.end", subject=subject, now=now, detail=str(len(ids)))
    return len(ids)


def hash_of(token: str) -> bytes:
    """Return what is kept of a secret with 256 bits of chance: no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def _whose(row: Row[Any]) -> Whose:
    return Whose(row.employer_id, row.contact_id, row.user_id)


def _actor(connection: Connection, whose: Whose) -> Actor | None:
    if whose.contact_id is not None:
        stands = liaison_stands(connection, whose.contact_id, whose.employer_id)
        name = f"{CONTACT}{whose.contact_id}"
        return Actor(name, Role.COMPANY, None, whose.employer_id) if stands else None
    user = store.user(connection, whose.user_id or 0)
    if user is None or not user.active or user.role != Role.COMPANY or user.employer_id != whose.employer_id:
        return None
    return Actor(user.name, Role.COMPANY, user.id, user.employer_id)


def _subject(whose: Whose) -> str:
    contact = whose.contact_id is not None
    return f"employer_contact/{whose.contact_id}" if contact else f"user/{whose.user_id}"
