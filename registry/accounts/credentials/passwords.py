"""Passwords of the office: which are taken, and how they are kept. Argon2id (RFC 9106) with the parameters of the library.

What is asked of a password is its length and that it is not one of those tried first; no rule about kinds of characters, no
expiry (NIST SP 800-63B, 5.1.1.2; OWASP ASVS 4.0, 2.1).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine

from core.audit import record
from core.database import reading, writing
from core.errors import BadInput, NotAllowed, StoreBusy
from core.i18n import t
from core.tables import Mode
from registry import users
from registry.accounts.credentials import store
from registry.actors import Actor

SHORTEST, LONGEST = 12, 128
FEWEST = 5
"""Different characters of a password: fewer are a pattern, whatever the length."""
NAMED_FROM = 4
"""Characters from which a user's name may not stand in the password."""
COMMON = Path(__file__).with_name("common_passwords.txt")
ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik")
_hasher = PasswordHasher()
_few, _line = BoundedSemaphore(2), BoundedSemaphore(8)
"""Each hash takes 64 MB and a sixth of a second: a crowd at the door must not take the memory of the dispatcher, and those who
wait must not take every thread from the pages of people in danger. Two are hashed at a time, six wait, the rest come back later."""


class PasswordRefused(BadInput):
    """A password that is too short, too long, or among those tried first."""


@dataclass(frozen=True)
class Fit:
    """Whether a password fits. `stale`: it is kept with parameters of old, and should be hashed anew."""

    good: bool
    stale: bool = False


def require_good(password: str, name: str) -> None:
    """Let a new password of a user pass. Pure.

    Raises:
        PasswordRefused: with what to do instead.
    """
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordRefused(
            t("A password has {least} to {most} characters. Several words in a row are good.",
              least=SHORTEST, most=LONGEST)
        )  # fmt: skip
    low = text.casefold()
    named = len(name) >= NAMED_FROM and name.casefold() in low
    if named or low == name.casefold():
        raise PasswordRefused(t("The user name must not be in the password."))
    if _is_common(low):
        raise PasswordRefused(t("This password is among those that are tried first. Choose another one."))


def normal(password: str) -> str:
    """Return a password in the one form in which it is hashed, however the keyboard composed it (NFKC). Pure."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Return what is kept of a password. Takes a sixth of a second: never inside a transaction that writes.

    Raises:
        StoreBusy: too many are at the door at this moment.
    """
    with _turn():
        return _hasher.hash(normal(password))


def fit(encoded: str, password: str) -> Fit:
    """Tell whether a password fits what is kept; with nothing kept it takes as long, so that time tells nothing.

    Raises:
        StoreBusy: as `hashed`.
    """
    kept = encoded or nobody()
    with _turn():
        try:
            _hasher.verify(kept, normal(password))
        except (VerificationError, InvalidHashError):
            return Fit(False)
    return Fit(bool(encoded), bool(encoded) and _hasher.check_needs_rehash(encoded))


def give_password(engine: Engine, actor: Actor, name: str, password: str, now: datetime) -> None:
    """Give a user a password without a second factor: in mode sandbox only, for demonstrations.

    Raises:
        NotAllowed: the actor is no administrator, or this database sends to real people.
        NotFound: there is no such active user of the office.
        PasswordRefused: the password is no good.
    """
    with reading(engine) as connection:
        require_sandbox(connection)
        user_id = users.office_user(connection, actor, name)
    require_good(password, name)
    encoded = hashed(password)
    with writing(engine) as connection:
        store.put_credential(connection, user_id, password_hash=encoded, changed_at=now)
        store.end_all(connection, user_id, now)
        record(
            connection, actor=actor.name, action="account.password", subject=f"user/{user_id}", now=now, detail="given"
        )


def require_sandbox(connection: Connection) -> None:
    """Let passwords be given to others only where nobody real is written to.

    Raises:
        NotAllowed: this database is no sandbox.
    """
    if store.mode(connection) != Mode.SANDBOX:
        raise NotAllowed(t("Outside the sandbox nobody is given a password: make a link to set up instead."))


@contextmanager
def _turn() -> Iterator[None]:
    if not _line.acquire(blocking=False):
        raise StoreBusy(t("Too many sign in at this moment. Please try again in a minute."))
    try:
        with _few:
            yield
    finally:
        _line.release()


def _is_common(low: str) -> bool:
    bare = re.sub(r"[\W\d_]+", "", low)
    patterned = len(set(low)) < FEWEST or _repeats(low) or any(low in row * 3 or low in row[::-1] * 3 for row in ROWS)
    return patterned or low in _common() or (bare != "" and bare in _common())


def _repeats(text: str) -> bool:
    """Tell whether a text is a short one over and over."""
    return any(text in (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 3 + 1))


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def nobody() -> str:
    """Return what a password is compared with where there is none: as slow as any, and nobody's."""
    return hashed(secrets.token_urlsafe())
