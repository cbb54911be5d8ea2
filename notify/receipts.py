"""Receipts: the provider's word, kept raw and applied so that order, repeats and losses do not matter (DESIGN promise 4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.keys import MasterKeys, seal
from notify.store import receipts as store
from registry import scope
from registry.actors import SYSTEM


@dataclass(frozen=True)
class Word:
    """What a provider said of one delivery.

    Attributes:
        payload: every field as it came; sealed under the person's key, because it holds the number.
        via: `callback` or `poll`.
    """

    delivery_id: int
    provider: str
    provider_id: str
    status: str
    error_code: str
    payload: Mapping[str, str]
    via: str


def accept(connection: Connection, word: Word, keys: MasterKeys, now: datetime) -> bool:
    """Keep a receipt and let it raise the status of its delivery.

    Returns False if there is no such delivery, or the person's key was destroyed: then nothing of the person may be kept, but
    the status still counts.
    """
    delivery = store.delivery(connection, word.delivery_id)
    if delivery is None:
        return False
    row = {"delivery_id": word.delivery_id, "provider": word.provider, "provider_id": word.provider_id,
           "status": word.status, "error_code": word.error_code}  # fmt: skip
    store.raise_status(connection, row, now)
    owner = scope.address_owner(connection, SYSTEM, delivery.address_id, keys)
    if owner is None:
        return False
    person_id, key = owner
    raw = json.dumps(dict(word.payload), ensure_ascii=False, sort_keys=True)
    # The hash only tells repeats apart; keyed with the person's key, so that numbers cannot be guessed from it.
    digest = hashlib.sha256(key + raw.encode()).hexdigest()
    payload = seal(key, raw, f"receipt.payload/{word.delivery_id}")
    kept = row | {
        "person_id": person_id,
        "via": word.via,
        "payload": payload,
        "payload_sha256": digest,
        "received_at": now,
    }
    store.insert_receipt(connection, kept)
    return True
