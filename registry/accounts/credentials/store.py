"""Queries and writes on credentials, recovery codes, links to set them up, and sessions of the office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from core.tables import Instance, Mode, table
from registry.accounts.credentials.tables import Credential, OfficeVisit, RecoveryCode, SetUpLink
from registry.tables import User

_credentials, _codes, _links, _sessions = (
    table(Credential), table(RecoveryCode), table(SetUpLink), table(OfficeVisit)
)  # fmt: skip
_users = table(User)


def mode(connection: Connection) -> Mode:
    """Return the mode of this database."""
    return Mode(connection.execute(select(table(Instance).c.mode)).scalar_one())


def user(connection: Connection, user_id: int) -> Row[Any] | None:
    """Return a user by id."""
    return connection.execute(select(_users).where(_users.c.id == user_id)).one_or_none()


def credential(connection: Connection, user_id: int) -> Row[Any] | None:
    """Return what a user signs in with, if anything was set up."""
    return connection.execute(select(_credentials).where(_credentials.c.user_id == user_id)).one_or_none()


def with_credentials(connection: Connection) -> Sequence[Row[Any]]:
    """Return for each user who can sign in: number, whether there is a second factor, and until when it is locked."""
    row = _credentials.c
    return connection.execute(select(row.user_id, row.totp_sealed.is_not(None).label("second"), row.locked_until)).all()


def put_credential(connection: Connection, user_id: int, **values: object) -> None:
    """Write what a user signs in with, in place of what was there."""
    connection.execute(delete(_credentials).where(_credentials.c.user_id == user_id))
    connection.execute(insert(_credentials).values({"user_id": user_id, "totp_step": 0, "failed": 0} | values))


def change_credential(connection: Connection, user_id: int, **values: object) -> None:
    """Change columns of what a user signs in with."""
    connection.execute(update(_credentials).where(_credentials.c.user_id == user_id).values(**values))


def count_failure(connection: Connection, user_id: int) -> None:
    """Count a wrong try."""
    change_credential(connection, user_id, failed=_credentials.c.failed + 1)


def take_step(connection: Connection, user_id: int, step: int) -> bool:
    """Use up a time step and all before it; tell whether it was still good. Of two at once one gets it."""
    still = (_credentials.c.user_id == user_id, _credentials.c.totp_step < step)
    return connection.execute(update(_credentials).where(*still).values(totp_step=step)).rowcount == 1


def put_codes(connection: Connection, user_id: int, hashes: Sequence[bytes], now: datetime) -> None:
    """Write recovery codes in place of those that were there."""
    connection.execute(delete(_codes).where(_codes.c.user_id == user_id))
    connection.execute(
        insert(_codes), [{"user_id": user_id, "code_hash": one, "created_at": now, "used_at": None} for one in hashes]
    )


def take_code(connection: Connection, user_id: int, code_hash: bytes, now: datetime) -> bool:
    """Use up a recovery code; tell whether it was still good. Of two at once one gets it."""
    mine = (_codes.c.user_id == user_id, _codes.c.code_hash == code_hash, _codes.c.used_at.is_(None))
    return connection.execute(update(_codes).where(*mine).values(used_at=now)).rowcount == 1


def codes_left(connection: Connection, user_id: int) -> int:
    """Return how many recovery codes of a user are still good."""
    mine = (_codes.c.user_id == user_id, _codes.c.used_at.is_(None))
    return int(connection.execute(select(func.count()).select_from(_codes).where(*mine)).scalar_one())


def put_link(connection: Connection, **values: object) -> None:
    """Write a link to set up. Earlier ones of the same user open nothing any more."""
    connection.execute(delete(_links).where(_links.c.user_id == values["user_id"]))
    connection.execute(insert(_links).values(**values))


def link_hashed(connection: Connection, token_hash: bytes, now: datetime) -> Row[Any] | None:
    """Return a link that is still good, with its user; None if there is none."""
    good = (_links.c.token_hash == token_hash, _links.c.used_at.is_(None), _links.c.expires_at > now)
    query = select(_links.c.id, _links.c.user_id, _users.c.name, _users.c.role, _users.c.active)
    return connection.execute(
        query.join_from(_links, _users, _users.c.id == _links.c.user_id).where(*good)
    ).one_or_none()


def take_link(connection: Connection, link_id: int, now: datetime) -> bool:
    """Use up a link; tell whether it was still good. Of two at once one gets it."""
    mine = (_links.c.id == link_id, _links.c.used_at.is_(None))
    return connection.execute(update(_links).where(*mine).values(used_at=now)).rowcount == 1


def add_session(connection: Connection, **values: object) -> None:
    """Write a session."""
    connection.execute(insert(_sessions).values(**values))


def session_hashed(
    connection: Connection, token_hash: bytes, *, idle_since: datetime, begun_since: datetime
) -> Row[Any] | None:
    """Return a session by its hash, with its user, if it did not end, was used since, and began since."""
    row = _sessions.c
    query = select(row.id, row.used_at, row.failed, row.user_id, _users.c.name, _users.c.role, _users.c.active)
    alive = (row.ended_at.is_(None), row.used_at > idle_since, row.created_at > begun_since)
    joined = query.join_from(_sessions, _users, _users.c.id == row.user_id)
    return connection.execute(joined.where(row.token_hash == token_hash, *alive)).one_or_none()


def sessions_of(
    connection: Connection, user_id: int, *, idle_since: datetime, begun_since: datetime
) -> Sequence[Row[Any]]:
    """Return the sessions of a user that did not end, were used since, and began since; newest first."""
    row = _sessions.c
    alive = (row.ended_at.is_(None), row.used_at > idle_since, row.created_at > begun_since)
    return connection.execute(select(_sessions).where(row.user_id == user_id, *alive).order_by(row.id.desc())).all()


def touch_session(connection: Connection, session_id: int, now: datetime) -> None:
    """Write when a session was last used."""
    connection.execute(update(_sessions).where(_sessions.c.id == session_id).values(used_at=now))


def end_sessions(connection: Connection, session_ids: Sequence[int], now: datetime) -> None:
    """Write that sessions ended."""
    connection.execute(update(_sessions).where(_sessions.c.id.in_(session_ids)).values(ended_at=now))


def end_all(connection: Connection, user_id: int, now: datetime, *, but: int = 0) -> None:
    """Write that every session of a user ended, apart from one."""
    row = _sessions.c
    mine = (row.user_id == user_id, row.ended_at.is_(None), row.id != but)
    connection.execute(update(_sessions).where(*mine).values(ended_at=now))


def forget(connection: Connection, before: datetime) -> None:
    """Forget links and sessions that ended before; the audit keeps what was done with them."""
    row = _sessions.c
    connection.execute(delete(_links).where(_links.c.expires_at < before))
    connection.execute(delete(_sessions).where(or_(row.ended_at < before, row.created_at < before)))
