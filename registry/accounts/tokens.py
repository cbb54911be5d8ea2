"""The tokens of a company's own systems, looked after by the company itself: issued, listed, revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import NotAllowed, NotFound
from core.i18n import t
from registry.accounts import store
from registry.accounts.sign_in import hash_of
from registry.actors import Actor
from registry.tables import Role


@dataclass(frozen=True)
class TokenView:
    """A token that works, without its secret. `by`: who issued it."""

    token_id: int
    user: str
    created_at: datetime
    by: str
    last_used_at: datetime | None


def list_tokens(connection: Connection, actor: Actor) -> tuple[TokenView, ...]:
    """Return the tokens of the company of an actor that work, newest first.

    Raises:
        NotAllowed: the actor is of no company.
    """
    rows = store.tokens_of_company(connection, _company(actor))
    return tuple(TokenView(row.id, row.name, row.created_at, row.created_by, row.last_used_at) for row in rows)


def issue_company_token(connection: Connection, actor: Actor, now: datetime) -> str:
    """Return a new token of the company's own user for its systems, which is made if there is none: the only time it can be read.

    It opens what the actor sees themselves, and nothing else.

    Raises:
        NotAllowed: the actor is of no company.
    """
    employer_id = _company(actor)
    user_id = _machine(connection, actor, employer_id, now)
    token = f"lb_{secrets.token_urlsafe(32)}"
    store.insert_token(connection, user_id=user_id, token_hash=hash_of(token), created_at=now, created_by=actor.name)
    record(connection, actor=actor.name, action="token.issue", subject=f"user/{user_id}", now=now)
    return token


def revoke_company_token(connection: Connection, actor: Actor, token_id: int, now: datetime) -> None:
    """Make a token of the company worthless.

    Raises:
        NotAllowed: the actor is of no company.
        NotFound: there is no such token that works, or it is another company's.
    """
    own = {row.id: row.user_id for row in store.tokens_of_company(connection, _company(actor))}
    if token_id not in own:
        raise NotFound(t("There is no such token."))
    store.revoke_token(connection, token_id, now)
    subject = f"user/{own[token_id]}"
    record(connection, actor=actor.name, action="token.revoke", subject=subject, now=now, detail="1")


def _company(actor: Actor) -> int:
    if actor.role != Role.COMPANY or actor.employer_id is None:
        raise NotAllowed(t("{actor} is of no company.", actor=actor.name))
    return actor.employer_id


def _machine(connection: Connection, actor: Actor, employer_id: int, now: datetime) -> int:
    """Return the user under which the company's systems act."""
    store.hold_employer(connection, employer_id)
    row = store.employer(connection, employer_id)
    assert row is not None
    name = f"api.{row.code}"
    user = store.user_named(connection, name)
    if user is not None and (user.employer_id != employer_id or not user.active):
        name = f"api.{row.code}.{employer_id}.{secrets.token_hex(4)}"  # somebody was given this name, or it was closed
        user = None
    if user is not None:
        return int(user.id)
    user_id = store.insert_user(
        connection, name=name, role=Role.COMPANY, employer_id=employer_id, active=True, created_at=now, created_by=actor.name
    )  # fmt: skip
    record(connection, actor=actor.name, action="user.add", subject=f"user/{user_id}", now=now, detail=Role.COMPANY)
    return user_id
