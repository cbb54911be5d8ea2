"""A short visit to one's own registration: who proved an address by code sees and changes what is theirs, for minutes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit import record
from core.errors import NotAllowed
from core.i18n import t
from registry.actors import RESIDENT, SYSTEM, Actor, proven_resident
from registry.scope.residents import same_person
from registry.signup import store

LASTS = timedelta(minutes=15)
"""Since the last thing that was done."""
AT_MOST = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Visit:
    """Somebody who proved who they are.

    Attributes:
        address_id: the address that was proven.
        mine: the ids of themselves: several, if they registered twice, or a company registered them too.
        companions: the ids of those they registered along.
    """

    visit_id: int
    address_id: int
    mine: tuple[int, ...]
    companions: tuple[int, ...]
    expires_at: datetime

    @property
    def actor(self) -> Actor:
        """Return the actor who sees these people and nobody else."""
        return proven_resident((*self.mine, *self.companions))


def begin(connection: Connection, registrant_id: int, address_id: int, *, now: datetime) -> str:
    """Begin a visit of somebody who has just proven an address; return the token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    store.forget_visits(connection, now - FORGOTTEN_AFTER)
    store.add_visit(
        connection, token_hash=_hash(token), registrant_id=registrant_id, address_id=address_id, started_at=now,
        expires_at=now + LASTS,
    )  # fmt: skip
    record(connection, actor=RESIDENT.name, action="resident.visit", subject=f"registrant/{registrant_id}", now=now)
    return token


def visit_of(connection: Connection, token: str, *, now: datetime, prolong: bool = False) -> Visit:
    """Return the visit of a token.

    Args:
        prolong: something is done in it: it lasts fifteen minutes from now, and an hour in all.

    Raises:
        NotAllowed: there is none, it is over, or its person was erased.
    """
    row = store.visit(connection, _hash(token))
    if row is not None and row.ended_at is None and row.expires_at > now:
        mine = same_person(connection, SYSTEM, row.address_id, companions=False)
        everybody = same_person(connection, SYSTEM, row.address_id, companions=True)
        if row.registrant_id in mine:
            until = min(now + LASTS, row.started_at + AT_MOST) if prolong else row.expires_at
            if prolong:
                store.prolong_visit(connection, row.id, until)
            return Visit(row.id, row.address_id, mine, tuple(one for one in everybody if one not in mine), until)
    raise NotAllowed(t("This visit is over. Please ask for a new code."))


def end(connection: Connection, visit: Visit, *, now: datetime) -> None:
    """End this visit, and every other one of the same person."""
    store.end_visits(connection, visit.mine, now)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
