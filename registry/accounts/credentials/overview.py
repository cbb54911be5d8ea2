"""Who may come in, and with what: the list an administrator looks after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.errors import NotFound
from core.i18n import t
from registry.accounts.credentials import store
from registry.actors import Actor
from registry.users import UserView, list_users


@dataclass(frozen=True)
class Account:
    """A user with what they sign in with.

    Attributes:
        has_password: the user has set up. `has_second`: with a second factor.
        locked_until: until when wrong tries keep the user out of browsers that are not known; None: not locked.
    """

    user: UserView
    has_password: bool
    has_second: bool
    locked_until: datetime | None


def accounts(connection: Connection, actor: Actor, now: datetime) -> tuple[Account, ...]:
    """Return every user by name. Raises as `registry.users.list_users`."""
    held = {row.user_id: row for row in store.with_credentials(connection)}
    found = []
    for user in list_users(connection, actor):
        row = held.get(user.user_id)
        until = None if row is None or row.locked_until is None or row.locked_until <= now else row.locked_until
        found.append(Account(user, row is not None, row is not None and bool(row.second), until))
    return tuple(found)


def account(connection: Connection, actor: Actor, user_id: int, now: datetime) -> Account:
    """Return one user.

    Raises:
        NotAllowed: as `accounts`.
        NotFound: there is no such user.
    """
    for one in accounts(connection, actor, now):
        if one.user.user_id == user_id:
            return one
    raise NotFound(t("There is no such user."))
