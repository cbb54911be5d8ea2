"""Users and their tokens. A token is shown once; only its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from core.audit import record
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import t
from registry.accounts import store
from registry.accounts.credentials import store as credentials
from registry.actors import RESIDENT, SYSTEM, Actor
from registry.tables import Role

NAME = re.compile(r"[\w][\w.@\-]{0,79}")
# Names that in audit lines stand for the program, for those who register themselves, for the command line of a new database, and
# for who is at the door.
RESERVED = frozenset({SYSTEM.name, RESIDENT.name, "console", "sign-in"})
# A session of commands is one line in the audit, not one for each command.
SESSION = timedelta(minutes=15)
# The use of a token by a machine that calls all day is written down no more often than this.
USED = timedelta(minutes=1)


@dataclass(frozen=True)
class UserView:
    """A user as lists show it."""

    user_id: int
    name: str
    role: Role
    employer_id: int | None
    active: bool
    created_at: datetime


@dataclass(frozen=True)
class Holder:
    """Who holds a token, and when it was last used."""

    actor: Actor
    token_id: int
    last_used_at: datetime | None


def bootstrap_needed(connection: Connection) -> bool:
    """Tell whether there is no user yet: then anybody at the command line may add the first, an administrator."""
    return store.count_users(connection) == 0


def add_user(
    connection: Connection, actor: Actor, *, name: str, role: Role, now: datetime, employer_id: int | None = None
) -> int:
    """Write a user; return the id. Administrators add users; the first of an empty database is an administrator added
    by anybody.

    Raises:
        NotAllowed: the actor is no administrator.
        BadInput: the name is taken or none; a company user without employer, or another with one.
    """
    if bootstrap_needed(connection):
        if role != Role.ADMINISTRATOR:
            raise BadInput(t("The first user must be an administrator: nobody could add the others."))
    else:
        _require_administrator(actor)
    if not NAME.fullmatch(name) or name.lower() in RESERVED:
        raise BadInput(t("{name} cannot be a user name: letters, digits, dots, hyphens, at most 80.", name=name))
    if store.user_named(connection, name) is not None:
        raise BadInput(t("There is a user {name} already.", name=name))
    if (role == Role.COMPANY) != (employer_id is not None):
        raise BadInput(t("A user of role company needs an employer, and no other user has one."))
    if employer_id is not None and not store.employer_exists(connection, employer_id):
        raise NotFound(t("There is no such employer."))
    user_id = store.insert_user(
        connection, name=name, role=role, employer_id=employer_id, active=True, created_at=now, created_by=actor.name
    )
    record(connection, actor=actor.name, action="user.add", subject=f"user/{user_id}", now=now, detail=role)
    return user_id


def issue_token(connection: Connection, actor: Actor, name: str, now: datetime) -> str:
    """Make a token for a user and return it: the only time it can be read.

    Administrators issue tokens, and everybody for themselves; the first token of a database is issued by anybody.

    Raises:
        NotAllowed: neither of these.
        NotFound: there is no such user, or no active one.
    """
    user = _active(connection, name)
    if store.count_tokens(connection) > 0 and actor.user_id != user.id:
        _require_administrator(actor)
    token = f"lb_{secrets.token_urlsafe(32)}"
    store.insert_token(connection, user_id=user.id, token_hash=_hash(token), created_at=now, created_by=actor.name)
    record(connection, actor=actor.name, action="token.issue", subject=f"user/{user.id}", now=now)
    return token


def revoke_tokens(connection: Connection, actor: Actor, name: str, now: datetime) -> int:
    """Make all tokens of a user worthless; return how many there were. By an administrator or the user.

    Raises:
        NotAllowed, NotFound: as `issue_token`.
    """
    user = _active(connection, name)
    if actor.user_id != user.id:
        _require_administrator(actor)
    count = store.revoke_live_tokens(connection, user.id, now)
    record(connection, actor=actor.name, action="token.revoke", subject=f"user/{user.id}", now=now, detail=str(count))
    return count


def close_user(connection: Connection, actor: Actor, name: str, now: datetime) -> None:
    """Let a user act no more and revoke the tokens. The row stays: audit lines name it. By an administrator, never on
    oneself.

    Raises:
        NotAllowed: the actor is no administrator, or is this user; or it is the last administrator.
        NotFound: there is no such active user.
    """
    _require_administrator(actor)
    user = _active(connection, name)
    if actor.user_id == user.id:
        raise NotAllowed(t("Nobody may close their own account."))
    # Two administrators who close each other at the same moment must not both succeed.
    if user.role == Role.ADMINISTRATOR and len(store.hold_administrators(connection)) < 2:
        raise NotAllowed(t("{name} is the last administrator: nobody could let others in any more.", name=name))
    credentials.end_all(connection, user.id, now)
    store.revoke_live_tokens(connection, user.id, now)
    store.close_user(connection, user.id)
    record(connection, actor=actor.name, action="user.close", subject=f"user/{user.id}", now=now)


def authenticate(connection: Connection, *, name: str, token: str, now: datetime) -> Actor:
    """Return who acts. Needs a transaction that writes: the use of the token is recorded.

    Raises:
        NotAllowed: with one sentence for an unknown or closed user and for a wrong or revoked token.
    """
    user = store.user_named(connection, name)
    given = _hash(token)
    found = None
    for row in store.live_tokens(connection, user.id if user is not None else 0):
        if hmac.compare_digest(row.token_hash, given):
            found = row
    if user is None or found is None or not user.active:
        raise NotAllowed(t("User name and token do not fit."))
    if found.last_used_at is None or now - found.last_used_at >= SESSION:
        store.touch_token(connection, found.id, now)
        record(connection, actor=name, action="user.session", subject=f"user/{user.id}", now=now)
    return Actor(user.name, Role(user.role), user.id, user.employer_id)


def holder_of(connection: Connection, token: str) -> Holder:
    """Return who holds a token. Only its hash is looked for, so that the time it takes tells nothing of what is there.

    Raises:
        NotAllowed: with one sentence for an unknown and a revoked token, and for a closed user.
    """
    given = _hash(token)
    row = store.token_hashed(connection, given)
    if row is None or not row.active or not hmac.compare_digest(row.token_hash, given):
        raise NotAllowed(t("This token is not known, or not any more."))
    return Holder(Actor(row.name, Role(row.role), row.user_id, row.employer_id), row.id, row.last_used_at)


def note_use(connection: Connection, holder: Holder, now: datetime) -> None:
    """Write that a token was used: at most once a minute, and as a session of its own after a pause."""
    last = holder.last_used_at
    if last is not None and now - last < USED:
        return
    store.touch_token(connection, holder.token_id, now)
    if last is None or now - last >= SESSION:
        subject = f"user/{holder.actor.user_id}"
        record(connection, actor=holder.actor.name, action="user.session", subject=subject, now=now)


def list_users(connection: Connection, actor: Actor) -> tuple[UserView, ...]:
    """Return all users by name, for the office and auditors.

    Raises:
        NotAllowed: anybody else.
    """
    if not (actor.is_office or actor.role == Role.AUDITOR):
        raise NotAllowed(t("{actor} may not see the users.", actor=actor.name))
    return tuple(
        UserView(row.id, row.name, Role(row.role), row.employer_id, row.active, row.created_at)
        for row in store.users(connection)
    )


def office_user(connection: Connection, actor: Actor, name: str) -> int:
    """Return the number of an active user of the office, for an administrator who looks after accounts.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such user, or it is closed or a company's.
    """
    _require_administrator(actor)
    user = store.user_named(connection, name)
    if user is None or not user.active or user.role == Role.COMPANY:
        raise NotFound(t("There is no active user {name} of the office.", name=name))
    return int(user.id)


def _active(connection: Connection, name: str) -> Row[Any]:
    user = store.user_named(connection, name)
    if user is None or not user.active:
        raise NotFound(t("There is no active user {name}.", name=name))
    return user


def _require_administrator(actor: Actor) -> None:
    if actor.role != Role.ADMINISTRATOR:
        raise NotAllowed(t("Only an administrator may do this, not {actor}.", actor=actor.name))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
