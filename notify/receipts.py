"""Receipts: the provider's word, kept raw and applied so that order, repeats and losses do not matter (DESIGN promise 4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection

from core.keys import MasterKeys, seal
from notify.canary import store as canaries
from notify.channels.base import Consequence
from notify.duty import answers as duty_answers
from notify.duty import call_store as duty_calls
from notify.stops import stop
from notify.store import receipts as store
from registry import scope
from registry.actors import SYSTEM

RECEIVED = "received"
"""Status of what somebody wrote to us: it is kept beside the notice it answers, and says nothing of how that one ended."""


@dataclass(frozen=True)
class Word:
    """What a provider said of one delivery.

    Attributes:
        payload: every field as it came; sealed under the person's key, because it holds the number.
        via: `callback` or `poll`.
        consequence: what it means for the address itself: such a stop is made once, and holds for everybody who has it.
    """

    delivery_id: int
    provider: str
    provider_id: str
    status: str
    error_code: str
    payload: Mapping[str, str]
    via: str
    consequence: Consequence = Consequence.NONE


def accept(connection: Connection, word: Word, keys: MasterKeys, now: datetime) -> bool:
    """Keep a receipt and let it raise the status of its delivery.

    Returns False if there is no such delivery, or the person's key was destroyed: then nothing of the person may be kept, but
    the status still counts.
    """
    if word.delivery_id > duty_calls.BASE:
        return duty_answers.hear(connection, word.delivery_id, word.status, code=word.error_code, now=now)
    if word.delivery_id > canaries.BASE:
        return canaries.hear(connection, word.delivery_id - canaries.BASE, word.status, code=word.error_code, at=now)
    delivery = store.delivery(connection, word.delivery_id)
    if delivery is None:
        return False
    store.raise_status(connection, _row(word), now)
    kept = _keep(connection, word, delivery.address_id, keys, now)
    if kept is Kept.NEW:
        stop(connection, [delivery.address_id], word.consequence, now)
    return kept is not Kept.NOTHING


def keep_reply(connection: Connection, word: Word, keys: MasterKeys, now: datetime) -> bool:
    """Keep what somebody wrote to us as a receipt of the notice it answers. Returns False if that person was erased."""
    delivery = store.delivery(connection, word.delivery_id)
    return delivery is not None and _keep(connection, word, delivery.address_id, keys, now) is not Kept.NOTHING


class Kept(Enum):
    """What became of a receipt."""

    NEW = "new"
    REPEATED = "repeated"
    NOTHING = "nothing"


def _row(word: Word) -> dict[str, object]:
    return {"delivery_id": word.delivery_id, "provider": word.provider, "provider_id": word.provider_id,
            "status": word.status, "error_code": word.error_code}  # fmt: skip


def _keep(connection: Connection, word: Word, address_id: int, keys: MasterKeys, now: datetime) -> Kept:
    owner = scope.address_owner(connection, SYSTEM, address_id, keys)
    if owner is None:
        return Kept.NOTHING
    person_id, key = owner
    raw = json.dumps(dict(word.payload), ensure_ascii=False, sort_keys=True)
    # The hash only tells repeats apart; keyed with the person's key, so that numbers cannot be guessed from it.
    digest = hashlib.sha256(key + raw.encode()).hexdigest()
    payload = seal(key, raw, f"receipt.payload/{word.delivery_id}")
    kept = _row(word) | {
        "person_id": person_id,
        "via": word.via,
        "payload": payload,
        "payload_sha256": digest,
        "received_at": now,
    }
    return Kept.NEW if store.insert_receipt(connection, kept) else Kept.REPEATED
