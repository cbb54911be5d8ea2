"""What people of the office change for themselves: password, recovery codes, phone. Each needs a proof anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine

from core.audit import record
from core.database import reading, writing
from core.keys import MasterKeys
from registry.accounts.credentials import passwords, store
from registry.accounts.credentials.proving import Claim, browser_mark, prove
from registry.accounts.credentials.set_up import fresh_codes, link_of
from registry.accounts.office import OfficeSession
from registry.enrol import index_key


def change_password(
    engine: Engine, keys: MasterKeys, session: OfficeSession, given: tuple[str, str, str], now: datetime
) -> None:
    """Put a new password in place of the old one, and end every other session of the user.

    Args:
        given: the old password, the new one, and a code of the second factor.

    Raises:
        PasswordRefused: the new one is no good; nothing was tried yet.
        NotAllowed: as `proving.prove`. Wrong tries count as at the sign-in.
    """
    old, new, code = given
    passwords.require_good(new, session.actor.name)
    _prove(engine, keys, session, (old, code), now)
    encoded = passwords.hashed(new)
    with writing(engine) as connection:
        store.change_credential(connection, session.user_id, password_hash=encoded, changed_at=now)
        store.end_all(connection, session.user_id, now, but=session.session_id)
        subject = f"user/{session.user_id}"
        record(connection, actor=session.actor.name, action="account.password", subject=subject, now=now)


def new_recovery_codes(
    engine: Engine, keys: MasterKeys, session: OfficeSession, given: tuple[str, str], now: datetime
) -> tuple[str, ...]:
    """Return new recovery codes in place of the old ones, used or not.

    Args:
        given: the password, and a code of the second factor.

    Raises:
        NotAllowed: as `change_password`.
    """
    _prove(engine, keys, session, given, now)
    with writing(engine) as connection:
        subject = f"user/{session.user_id}"
        record(connection, actor=session.actor.name, action="account.codes", subject=subject, now=now)
        return fresh_codes(connection, keys, session.user_id, now)


def renew(engine: Engine, keys: MasterKeys, session: OfficeSession, given: tuple[str, str], now: datetime) -> str:
    """Return the secret of a link by which a user sets up anew, with a new phone: nobody has to wake an administrator.

    Args:
        given: the password, and a code of the old phone or a recovery code.

    Raises:
        NotAllowed: as `change_password`.
    """
    _prove(engine, keys, session, given, now)
    with writing(engine) as connection:
        return link_of(connection, session.user_id, by=session.actor.name, now=now)


def codes_left(connection: Connection, session: OfficeSession) -> int:
    """Return how many recovery codes of a user are still good."""
    return store.codes_left(connection, session.user_id)


def _prove(engine: Engine, keys: MasterKeys, session: OfficeSession, given: tuple[str, str], now: datetime) -> None:
    password, code = given
    with reading(engine) as connection:
        mark = browser_mark(index_key(connection, keys), session.user_id)  # who is signed in is known here
    prove(engine, keys, Claim(session.actor.name, password, code, mark=mark), now)
