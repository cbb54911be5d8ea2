"""Queries and writes on users, their tokens, employers and the instance. No personal data of people abroad is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.errors import WrongSetting
from core.i18n import t
from core.tables import Instance, table
from registry.tables import Employer, RosterImport, User, UserToken

_users, _tokens, _employers = table(User), table(UserToken), table(Employer)


def wrapped_index_key(connection: Connection) -> bytes:
    """Return the wrapped key of the blind index.

    Raises:
        WrongSetting: the database was not set up yet.
    """
    found = connection.execute(select(table(Instance).c.index_key)).scalar_one_or_none()
    if found is None:
        raise WrongSetting(t("This database was not set up yet. Run `lingbao db init`."))
    return bytes(found)


def count_users(connection: Connection) -> int:
    """Return how many users there are, active or not."""
    return int(connection.execute(select(func.count()).select_from(_users)).scalar_one())


def count_tokens(connection: Connection) -> int:
    """Return how many tokens were ever issued."""
    return int(connection.execute(select(func.count()).select_from(_tokens)).scalar_one())


def user_named(connection: Connection, name: str) -> Row[Any] | None:
    """Return the row of a user, if there is one of this name."""
    return connection.execute(select(_users).where(_users.c.name == name)).one_or_none()


def users(connection: Connection) -> Sequence[Row[Any]]:
    """Return all users by name."""
    return connection.execute(select(_users).order_by(_users.c.name)).all()


def insert_user(connection: Connection, **values: object) -> int:
    """Write a user; return the id."""
    return int(connection.execute(insert(_users).values(values).returning(_users.c.id)).scalar_one())


def close_user(connection: Connection, user_id: int) -> None:
    """Let a user act no more."""
    connection.execute(update(_users).where(_users.c.id == user_id).values(active=False))


def insert_token(connection: Connection, **values: object) -> None:
    """Write the hash of a token."""
    connection.execute(insert(_tokens).values(values))


def live_tokens(connection: Connection, user_id: int) -> Sequence[Row[Any]]:
    """Return the tokens of a user that are not revoked."""
    query = select(_tokens.c.id, _tokens.c.token_hash, _tokens.c.last_used_at)
    return connection.execute(query.where(_tokens.c.user_id == user_id, _tokens.c.revoked_at.is_(None))).all()


def touch_token(connection: Connection, token_id: int, now: datetime) -> None:
    """Write when a token was last used."""
    connection.execute(update(_tokens).where(_tokens.c.id == token_id).values(last_used_at=now))


def revoke_live_tokens(connection: Connection, user_id: int, now: datetime) -> int:
    """Revoke all tokens of a user; return how many there were."""
    statement = update(_tokens).where(_tokens.c.user_id == user_id, _tokens.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=now)).rowcount


def employer_coded(connection: Connection, code: str) -> Row[Any] | None:
    """Return the row of an employer, if there is one of this code."""
    return connection.execute(select(_employers).where(_employers.c.code == code)).one_or_none()


def employers(connection: Connection) -> Sequence[Row[Any]]:
    """Return all employers by code."""
    return connection.execute(select(_employers).order_by(_employers.c.code)).all()


def employer_exists(connection: Connection, employer_id: int) -> bool:
    """Tell whether there is an employer of this id."""
    return connection.execute(select(_employers.c.id).where(_employers.c.id == employer_id)).first() is not None


def insert_employer(connection: Connection, **values: object) -> int:
    """Write an employer; return the id."""
    return int(connection.execute(insert(_employers).values(values).returning(_employers.c.id)).scalar_one())


def insert_roster_import(connection: Connection, **values: object) -> int:
    """Write that a roster was applied; return the id."""
    imports = table(RosterImport)
    return int(connection.execute(insert(imports).values(values).returning(imports.c.id)).scalar_one())
