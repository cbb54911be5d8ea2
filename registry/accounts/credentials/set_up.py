"""A link by which a user of the office chooses a password and a second factor: made by an administrator, good once, for a day."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from core.audit import record
from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from core.i18n import t
from core.keys import MasterKeys, blind_index, seal
from registry import users
from registry.accounts.credentials import factors, passwords, store
from registry.accounts.credentials.proving import SEALED
from registry.accounts.limits import forget_attempts
from registry.accounts.sign_in import hash_of
from registry.actors import Actor
from registry.enrol import index_key
from registry.tables import Role

LASTS = timedelta(hours=24)


class CodeRefused(BadInput):
    """The code of the app does not fit the secret shown on the page."""


@dataclass(frozen=True)
class SetUp:
    """What the holder of a link sees: whose account it is, and the secret that the app is to be given, in base32."""

    user_id: int
    name: str
    role: Role
    secret: str = field(repr=False)

    def uri(self, issuer: str) -> str:
        """Return what the QR code carries. `issuer`: the name under which the app shows the account."""
        return factors.uri(self.secret, name=self.name, issuer=issuer)


def make_set_up_link(connection: Connection, actor: Actor, name: str, now: datetime) -> str:
    """Return the secret of a link for a user of the office: the only time it can be read. Earlier links open nothing any more;
    the password and the second factor stay as they are until it is used.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is no such active user of the office.
    """
    return link_of(connection, users.office_user(connection, actor, name), by=actor.name, now=now)


def link_of(connection: Connection, user_id: int, *, by: str, now: datetime) -> str:
    """Return the secret of a link for a user, made by who was found to be allowed to."""
    token = secrets.token_urlsafe(32)
    store.put_link(
        connection, user_id=user_id, token_hash=hash_of(token), created_at=now, created_by=by, expires_at=now + LASTS
    )  # fmt: skip
    record(connection, actor=by, action="account.link", subject=f"user/{user_id}", now=now)
    return token


def set_up_of(connection: Connection, keys: MasterKeys, token: str, now: datetime) -> SetUp:
    """Return what the holder of a link sees. Reads only, and shows the same secret each time.

    Raises:
        NotAllowed: with one sentence for a link that is unknown, used, too old, or whose user is closed.
    """
    row = _open(connection, token, now)
    secret = factors.proposed_secret(index_key(connection, keys), token)
    return SetUp(row.user_id, row.name, Role(row.role), secret)


def finish_set_up(
    engine: Engine, keys: MasterKeys, token: str, chosen: tuple[str, str], now: datetime
) -> tuple[str, ...]:
    """Use up a link: write the password and the second factor, end every session of the user; return the recovery codes.

    Args:
        chosen: the password, and a code of the app.

    Raises:
        NotAllowed: as `set_up_of`.
        PasswordRefused, CodeRefused: the link stays good.
    """
    password, code = chosen
    with reading(engine) as connection:
        found = set_up_of(connection, keys, token, now)
    passwords.require_good(password, found.name)
    step = factors.step_of(found.secret, factors.app_code(code) or "-", now)
    if step == 0:
        raise CodeRefused(
            t("This code does not fit. Take the one that the app shows now, and see that the phone's clock is right.")
        )
    encoded = passwords.hashed(password)
    with writing(engine) as connection:
        link = _open(connection, token, now)
        if not store.take_link(connection, link.id, now):
            raise NotAllowed(_OVER)
        key, wrapped = keys.new_key()
        store.put_credential(
            connection, link.user_id, password_hash=encoded, wrapped=wrapped, changed_at=now, totp_step=step,
            totp_sealed=seal(key, found.secret, SEALED.format(user=link.user_id)),
        )  # fmt: skip
        forget_attempts(connection, blind_index(index_key(connection, keys), "office-name", link.name))
        store.end_all(connection, link.user_id, now)
        record(connection, actor=link.name, action="account.set-up", subject=f"user/{link.user_id}", now=now)
        return fresh_codes(connection, keys, link.user_id, now)


def fresh_codes(connection: Connection, keys: MasterKeys, user_id: int, now: datetime) -> tuple[str, ...]:
    """Write ten recovery codes in place of those that were there, and return them: the only time they can be read."""
    codes, key = factors.fresh_codes(), index_key(connection, keys)
    store.put_codes(connection, user_id, [factors.code_hash(key, user_id, one) for one in codes], now)
    return codes


def _open(connection: Connection, token: str, now: datetime) -> Row[Any]:
    row = store.link_hashed(connection, hash_of(token), now)
    if row is None or not row.active or row.role == Role.COMPANY:
        raise NotAllowed(_OVER)
    return row


_OVER = t("This link is not good any more. It works once, and for 24 hours. Ask an administrator for a new one.")
