"""Who says they are a user of the office proves it: a password and a second factor, ten wrong tries in a quarter of an hour.

A try is counted before it is judged, so that many at once find no gap; and the count stays when the try is refused, which is
why this takes an engine and not a connection. The password is hashed between two transactions, never within one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row

from core.audit import record
from core.database import writing
from core.errors import NotAllowed
from core.i18n import Message, t
from core.keys import MasterKeys, blind_index, unseal
from core.tables import Mode
from registry.accounts import store as accounts
from registry.accounts.credentials import factors, passwords, store
from registry.accounts.limits import count_attempt, forget_attempts
from registry.actors import Actor
from registry.enrol import index_key
from registry.tables import Role

WINDOW = timedelta(minutes=15)
"""Wrong tries are counted within it, and a name is locked for as long (OWASP ASVS 4.0, 2.2.1)."""
MOST, MOST_OF_CALLER = 10, 60
BY = "sign-in"
"""Who did it, as the audit has it: nobody is known yet."""
SEALED = "office_credential.totp/{user}"


class Outcome(StrEnum):
    """What came of a try; all but the first three are refusals, told apart in the audit only."""

    PASSWORD = "password-only"  # noqa: S105 (a word of the audit)
    APP = "app"
    RECOVERY = "recovery-code"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    LOCKED = "locked"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 (a word of the audit)
    WRONG_CODE = "wrong-code"
    NO_SECOND_FACTOR = "no-second-factor"


GOOD = frozenset({Outcome.PASSWORD, Outcome.APP, Outcome.RECOVERY})


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are, and what they show for it.

    Attributes:
        caller: the network address it comes from.
        mark: what the browser was given when this user signed in with it before (`browser_mark`), several by dots. Such a browser has
            a count of its own: whoever knows a name cannot lock its owner out (OWASP, device cookies).
    """

    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    caller: str = ""
    mark: str = field(default="", repr=False)


@dataclass(frozen=True)
class Proof:
    """Somebody proved who they are.

    Attributes:
        failed: wrong tries since the last time.
        codes_left: recovery codes that are still good.
    """

    actor: Actor
    user_id: int
    how: Outcome
    failed: int
    codes_left: int


@dataclass(frozen=True)
class _Seen:
    user: Row[Any] | None
    encoded: str
    lane: bytes
    tries: int
    known: bool
    flood: bool = False


def prove(engine: Engine, keys: MasterKeys, claim: Claim, now: datetime) -> Proof:
    """Return who somebody is.

    Raises:
        NotAllowed: with one sentence for a name that is unknown, closed, locked or a company's, and for a wrong password or code;
            with another for a right password without a second factor where one is needed.
        StoreBusy: too many are at the door at this moment; the try was counted.
    """
    with writing(engine) as connection:
        seen = _admit(connection, keys, claim, now)
    if seen.flood:  # costs no hash and no line; it is as quick for every name, and so tells nothing of any
        raise NotAllowed(_words(Outcome.LOCKED))
    fit = passwords.fit(seen.encoded, claim.password)
    renewed = passwords.hashed(claim.password) if fit.stale else ""
    with writing(engine) as connection:
        how = _judge(connection, keys, claim, (seen, fit), now)
        proof = _passed(connection, seen, how, renewed) if how in GOOD else None
        if proof is None:
            _failed(connection, seen, how, now)
    if proof is None:
        raise NotAllowed(_words(how))
    return proof


def browser_mark(key: bytes, user_id: int) -> str:
    """Return what a browser keeps by which it is known again for this user. It opens nothing. Pure."""
    return blind_index(key, "office-browser", str(user_id)).hex()


def _admit(connection: Connection, keys: MasterKeys, claim: Claim, now: datetime) -> _Seen:
    """Count a try; a name that is locked, or was tried too often, is not judged further."""
    key, user = index_key(connection, keys), accounts.user_named(connection, claim.name)
    held = None if user is None else store.credential(connection, user.id)
    known = user is not None and browser_mark(key, user.id) in claim.mark.split(".")
    lane = blind_index(key, "office-known" if known else "office-name", claim.name)
    encoded = "" if held is None else held.password_hash
    if claim.caller and not known and _flood(connection, key, claim.caller, now):
        return _Seen(user, encoded, lane, MOST + 1, known, flood=True)
    if held is not None and held.locked_until is not None and held.locked_until > now and not known:
        return _Seen(user, encoded, lane, MOST + 1, known)
    return _Seen(user, encoded, lane, count_attempt(connection, lane, now, window=WINDOW), known)


def _flood(connection: Connection, key: bytes, caller: str, now: datetime) -> bool:
    """Count a try of a caller; tell whether there were too many. The audit has one line of it."""
    calls = count_attempt(connection, blind_index(key, "office-caller", caller), now, window=WINDOW)
    if calls == MOST_OF_CALLER + 1:
        record(connection, actor=BY, action="session.fail", subject="user/-", now=now, detail="too-many-from-one-place")
    return calls > MOST_OF_CALLER


def _judge(
    connection: Connection, keys: MasterKeys, claim: Claim, found: tuple[_Seen, passwords.Fit], now: datetime
) -> Outcome:
    seen, fit = found
    if seen.user is None:
        return Outcome.UNKNOWN
    user, held = store.user(connection, seen.user.id), store.credential(connection, seen.user.id)
    if user is None or not user.active or user.role == Role.COMPANY:
        return Outcome.CLOSED
    if seen.tries > MOST:
        return Outcome.LOCKED
    # Another password may have been chosen while this one was looked at.
    if held is None or not fit.good or held.password_hash != seen.encoded:
        return Outcome.WRONG_PASSWORD
    if held.totp_sealed is None:
        sandbox = store.mode(connection) == Mode.SANDBOX
        return Outcome.PASSWORD if sandbox else Outcome.NO_SECOND_FACTOR
    return _second(connection, keys, held, claim.code, now)


def _second(connection: Connection, keys: MasterKeys, held: Row[Any], text: str, now: datetime) -> Outcome:
    """Use up a code. One that was used before is good no more (RFC 6238, 5.2)."""
    code = factors.app_code(text)
    if code:
        secret = unseal(keys.unwrap(held.wrapped), held.totp_sealed, SEALED.format(user=held.user_id))
        step = factors.step_of(secret, code, now)
        taken = step > 0 and store.take_step(connection, held.user_id, step)
        return Outcome.APP if taken else Outcome.WRONG_CODE
    wanted = factors.code_hash(index_key(connection, keys), held.user_id, text)
    return Outcome.RECOVERY if store.take_code(connection, held.user_id, wanted, now) else Outcome.WRONG_CODE


def _passed(connection: Connection, seen: _Seen, how: Outcome, renewed: str) -> Proof:
    user = seen.user
    assert user is not None
    held = store.credential(connection, user.id)
    assert held is not None
    forget_attempts(connection, seen.lane)
    changed: dict[str, object] = {"failed": 0}
    changed |= {"password_hash": renewed} if renewed else {}
    changed |= {} if seen.known else {"locked_until": None}  # who is known here does not open the door to strangers
    store.change_credential(connection, user.id, **changed)
    actor = Actor(user.name, Role(user.role), user.id)
    return Proof(actor, user.id, how, held.failed, store.codes_left(connection, user.id))


def _failed(connection: Connection, seen: _Seen, how: Outcome, now: datetime) -> None:
    """Write that a try was refused: of whom, if there is such a user, and never the name that was typed."""
    number = "-" if seen.user is None else seen.user.id
    record(connection, actor=BY, action="session.fail", subject=f"user/{number}", now=now, detail=how)
    if seen.user is None or how == Outcome.NO_SECOND_FACTOR:
        return
    store.count_failure(connection, seen.user.id)
    if how != Outcome.LOCKED and seen.tries >= MOST and not seen.known:
        store.change_credential(connection, seen.user.id, locked_until=now + WINDOW)
        record(connection, actor=BY, action="session.lock", subject=f"user/{number}", now=now)


def _words(how: Outcome) -> Message:
    if how == Outcome.NO_SECOND_FACTOR:
        return t(
            "This account has no second factor yet, and here nobody signs in without one. "
            "Ask an administrator for a link to set up."
        )
    return t(
        "Name, password and code do not fit. After ten wrong tries a name is locked for 15 minutes; "
        "an administrator can help with a link to set up."
    )
