"""Signing in to the console: a proof, and a session under a new secret (OWASP ASVS 4.0, 3.2.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from core.audit import record
from core.database import writing
from core.keys import MasterKeys
from registry.accounts.credentials.proving import Claim, Outcome, browser_mark, prove
from registry.accounts.office import begin
from registry.enrol import index_key


@dataclass(frozen=True)
class SignedIn:
    """A session that began.

    Attributes:
        secret: of the session, for the cookie.
        mark: by which this browser is known again for this user.
        failed: wrong tries since the last time.
        by_recovery: a recovery code was used up; `codes_left` are still good.
    """

    secret: str = field(repr=False)
    mark: str = field(repr=False)
    failed: int
    by_recovery: bool
    codes_left: int


def sign_in(engine: Engine, keys: MasterKeys, claim: Claim, device: str, now: datetime) -> SignedIn:
    """Begin a session for who proves to be a user of the office.

    Args:
        device: browser and system in two words.

    Raises:
        NotAllowed: as `proving.prove`.
    """
    proof = prove(engine, keys, claim, now)
    by_recovery = proof.how == Outcome.RECOVERY
    with writing(engine) as connection:
        secret = begin(connection, proof.user_id, now, device=device, failed=proof.failed)
        detail = f"{proof.how} left={proof.codes_left}" if by_recovery else str(proof.how)
        subject = f"user/{proof.user_id}"
        record(connection, actor=proof.actor.name, action="session.begin", subject=subject, now=now, detail=detail)
        mark = browser_mark(index_key(connection, keys), proof.user_id)
    return SignedIn(secret, mark, proof.failed, by_recovery, proof.codes_left)
