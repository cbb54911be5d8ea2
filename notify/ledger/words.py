"""The exact words of a notice, put together again as they were before the call, and their hash. Pure."""

from __future__ import annotations

from typing import Any

from notify.channels.base import Outgoing
from notify.ref import fill, reference
from notify.worker import body_hash


def exact(text: Any, instance_uid: str, delivery_id: int) -> Outgoing:
    """Return a notice as it was handed over, but for the address: the stored text with the reference of the delivery in it.

    Args:
        text: a row of `alert_text`.
        instance_uid: of the instance that sent it: the reference comes from it.
    """
    code = reference(instance_uid, delivery_id)
    return Outgoing(
        delivery_id=delivery_id, attempt=0, ref=code, address="", language=text.language, subject=text.subject,
        body=fill(text.body, code), html=fill(text.html, code), valid_seconds=0, template=text.template,
        variables={name: fill(value, code) for name, value in text.variables.items()},
    )  # fmt: skip


def sha256_of(words: Outgoing) -> str:
    """Return the hash that the attempt must carry."""
    return body_hash(words)
