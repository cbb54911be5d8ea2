"""Queries and writes on users, their tokens, employers and the instance. No personal data of people abroad is here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from core.errors import WrongSetting
from core.i18n import t
from core.tables import Instance, table
from registry.tables import Employer, Role, RosterImport, User, UserToken

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


def hold_administrators(connection: Connection) -> Sequence[int]:
    """Return the numbers of the active administrators; nobody else closes one of them until the transaction ends."""
    mine = (_users.c.role == Role.ADMINISTRATOR, _users.c.active.is_(True))
    return connection.execute(select(_users.c.id).where(*mine).order_by(_users.c.id).with_for_update()).scalars().all()


def insert_token(connection: Connection, **values: object) -> None:
    """Write the hash of a token."""
    connection.execute(insert(_tokens).values(values))


def live_tokens(connection: Connection, user_id: int) -> Sequence[Row[Any]]:
    """Return the tokens of a user that are not revoked."""
    query = select(_tokens.c.id, _tokens.c.token_hash, _tokens.c.last_used_at)
    return connection.execute(query.where(_tokens.c.user_id == user_id, _tokens.c.revoked_at.is_(None))).all()


def token_hashed(connection: Connection, token_hash: bytes) -> Row[Any] | None:
    """Return a token by its hash, with its user, if it is not revoked."""
    query = (
        select(
            _tokens.c.id, _tokens.c.token_hash, _tokens.c.last_used_at, _tokens.c.user_id,
            _users.c.name, _users.c.role, _users.c.employer_id, _users.c.active,
        )
        .join_from(_tokens, _users, _users.c.id == _tokens.c.user_id)
        .where(_tokens.c.token_hash == token_hash, _tokens.c.revoked_at.is_(None))
    )  # fmt: skip
    return connection.execute(query).one_or_none()


def touch_token(connection: Connection, token_id: int, now: datetime) -> None:
    """Write when a token was last used."""
    connection.execute(update(_tokens).where(_tokens.c.id == token_id).values(last_used_at=now))


def revoke_live_tokens(connection: Connection, user_id: int, now: datetime) -> int:
    """Revoke all tokens of a user; return how many there were."""
    statement = update(_tokens).where(_tokens.c.user_id == user_id, _tokens.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=now)).rowcount


def tokens_of_company(connection: Connection, employer_id: int) -> Sequence[Row[Any]]:
    """Return the tokens of a company's active users that are not revoked, with the name of each user, newest first."""
    query = select(_tokens, _users.c.name).join_from(_tokens, _users, _users.c.id == _tokens.c.user_id)
    mine = (_users.c.employer_id == employer_id, _users.c.active.is_(True), _tokens.c.revoked_at.is_(None))
    return connection.execute(query.where(*mine).order_by(_tokens.c.id.desc())).all()


def users_of_company(connection: Connection, employer_id: int) -> Sequence[str]:
    """Return the names of the users of a company, closed ones too."""
    return connection.execute(select(_users.c.name).where(_users.c.employer_id == employer_id)).scalars().all()


def revoke_token(connection: Connection, token_id: int, now: datetime) -> None:
    """Revoke one token."""
    connection.execute(update(_tokens).where(_tokens.c.id == token_id).values(revoked_at=now))


def employer_coded(connection: Connection, code: str) -> Row[Any] | None:
    """Return the row of an employer, if there is one of this code."""
    return connection.execute(select(_employers).where(_employers.c.code == code)).one_or_none()


def employer(connection: Connection, employer_id: int) -> Row[Any] | None:
    """Return the row of an employer, if there is one of this id."""
    return connection.execute(select(_employers).where(_employers.c.id == employer_id)).one_or_none()


def employers(connection: Connection) -> Sequence[Row[Any]]:
    """Return all employers by code."""
    return connection.execute(select(_employers).order_by(_employers.c.code)).all()


def employer_exists(connection: Connection, employer_id: int) -> bool:
    """Tell whether there is an employer of this id."""
    return connection.execute(select(_employers.c.id).where(_employers.c.id == employer_id)).first() is not None


def insert_employer(connection: Connection, **values: object) -> int:
    """Write an employer; return the id."""
    return int(connection.execute(insert(_employers).values(values).returning(_employers.c.id)).scalar_one())


def verify_employer(connection: Connection, employer_id: int, at: datetime) -> None:
    """Write when an employer was checked."""
    connection.execute(update(_employers).where(_employers.c.id == employer_id).values(verified_at=at))


def hold_employer(connection: Connection, employer_id: int | None) -> None:
    """Let nobody else apply a roster of this employer until the transaction ends: two at once would both enrol the new.

    SQLite has one writer at a time anyway, and no such lock.

    Args:
        employer_id: None: a roster of residents, who have no row to hold; the one of the instance stands for it.
    """
    held = select(table(Instance).c.id) if employer_id is None else _of(employer_id)
    connection.execute(held.with_for_update())


def _of(employer_id: int) -> Select[Any]:
    return select(_employers.c.id).where(_employers.c.id == employer_id)


def insert_roster_import(connection: Connection, **values: object) -> int:
    """Write that a roster was applied; return the id."""
    imports = table(RosterImport)
    return int(connection.execute(insert(imports).values(values).returning(imports.c.id)).scalar_one())


def roster_import(connection: Connection, import_id: int) -> Row[Any] | None:
    """Return an import of a roster, if there is one of this id."""
    imports = table(RosterImport)
    return connection.execute(select(imports).where(imports.c.id == import_id)).one_or_none()


def roster_imports(connection: Connection, employer_id: int | None) -> Sequence[Row[Any]]:
    """Return the imports of an employer (None: of residents) that stand (are not undone), newest first."""
    imports = table(RosterImport)
    query = select(imports).where(imports.c.employer_id == employer_id, imports.c.undone_at.is_(None))
    return connection.execute(query.order_by(imports.c.id.desc())).all()


def mark_import_undone(connection: Connection, import_id: int, *, by: str, at: datetime) -> None:
    """Write that the state before an import was restored."""
    imports = table(RosterImport)
    connection.execute(update(imports).where(imports.c.id == import_id).values(undone_at=at, undone_by=by))
