"""The exact words of a notice, put together again as they were before the call, and their hash. Pure."""

from __future__ import annotations

from typing import Any

from notify.channels.base import Outgoing
from notify.ref import SAFE_GAP, fill, reference
from notify.safety.links import Links
from notify.worker import body_hash

HIDDEN = "······"
"""Stands where a personal link ends: whoever has it answers for its owner."""


def exact(text: Any, instance_uid: str, delivery_id: int, token: str = "") -> Outgoing:
    """Return a notice as it was handed over, but for the address: the stored text with the reference of the delivery in it.

    Args:
        text: a row of `alert_text`.
        instance_uid: of the instance that sent it: the reference comes from it.
        token: what the personal link ends with; empty: the notice offered none.
    """
    code = reference(instance_uid, delivery_id)
    return Outgoing(
        delivery_id=delivery_id, attempt=0, ref=code, address="", language=text.language, subject=text.subject,
        body=fill(text.body, code, token), html=fill(text.html, code, token), valid_seconds=0, template=text.template,
        variables={name: fill(value, code) for name, value in text.variables.items()},
    )  # fmt: skip


def hashes_of(text: Any, instance_uid: str, delivery_id: int, links: Links | None) -> frozenset[str]:
    """Return the hashes that an attempt with this text may carry: with the personal link that it offers, and without one.

    Args:
        links: None: the texts are of a time before there were links, or nobody has the key.
    """
    found = {sha256_of(exact(text, instance_uid, delivery_id))}
    if links is not None and SAFE_GAP in text.body:
        found.add(sha256_of(exact(text, instance_uid, delivery_id, links.token(instance_uid, delivery_id))))
    return frozenset(found)


def sha256_of(words: Outgoing) -> str:
    """Return the hash that the attempt must carry."""
    return body_hash(words)
