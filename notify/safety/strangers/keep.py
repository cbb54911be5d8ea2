"""Strangers: a message from a number that was not asked is never dropped. An officer looks who it is, and settles it.

Sealed under a key of its own, because it belongs to nobody in the register; settled, it is forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core import audit
from core.errors import NotAllowed, NotFound
from core.i18n import t
from core.keys import KeyGone, MasterKeys, seal, unseal
from notify.store import strangers as store
from registry.actors import Actor
from registry.enrol import index_key

NUMBER, WORDS = "unknown_sender.number", "unknown_sender.words"
LONGEST = 2000
MOST = 500


@dataclass(frozen=True)
class Stranger:
    """A message from somebody we did not ask, opened for an officer."""

    stranger_id: int
    channel: str
    at: datetime
    number: str = field(repr=False)
    words: str = field(repr=False)


@dataclass(frozen=True)
class Message:
    """What came: over which channel, from where, and the provider's number of it."""

    channel: str
    number: str = field(repr=False)
    words: str = field(repr=False)
    provider_id: str
    at: datetime


def keep(connection: Connection, message: Message, keys: MasterKeys) -> int | None:
    """Keep a message, sealed; return its number in the list, or None if it was kept before."""
    key, wrapped = keys.new_key()
    secret = index_key(connection, keys)
    name = f"{message.channel}/{message.provider_id}"
    return store.add(connection, {
        "channel": message.channel, "key": hmac.new(secret, name.encode(), hashlib.sha256).hexdigest(), "wrapped": wrapped,
        "number_sealed": seal(key, message.number, NUMBER), "words_sealed": seal(key, message.words[:LONGEST], WORDS),
        "at": message.at, "settled_by": "",
    })  # fmt: skip


def list_open(connection: Connection, actor: Actor, keys: MasterKeys, now: datetime) -> list[Stranger]:
    """Return what waits for an officer, the oldest first; the look is in the audit. One that does not open shows no words.

    Raises:
        NotAllowed: the actor is not of the office.
    """
    _office(actor)
    found = store.unsettled(connection, MOST)
    if found:
        shown = ",".join(str(row.id) for row in found)
        audit.record(connection, actor=actor.name, action="stranger.view", subject="stranger", now=now, detail=shown)
    return [
        Stranger(row.id, row.channel, row.at, *_opened(keys, row.wrapped, row.number_sealed, row.words_sealed))
        for row in found
    ]


def settle(connection: Connection, actor: Actor, stranger_id: int, now: datetime) -> None:
    """Take a message off the list, and forget what it said.

    Raises:
        NotAllowed: the actor is not of the office.
        NotFound: no such message is open.
    """
    _office(actor)
    if not store.settle(connection, stranger_id, by=actor.name, at=now):
        raise NotFound(t("No message {number} of a stranger is open.", number=stranger_id))
    audit.record(connection, actor=actor.name, action="stranger.settle", subject=f"stranger/{stranger_id}", now=now)


def _opened(keys: MasterKeys, wrapped: bytes, number: bytes, words: bytes) -> tuple[str, str]:
    try:
        key = keys.unwrap(wrapped)
        return unseal(key, number, NUMBER), unseal(key, words, WORDS)
    except KeyGone:
        return "", ""


def _office(actor: Actor) -> None:
    if not actor.is_office:
        raise NotAllowed(t("Messages of strangers are for the office only."))
