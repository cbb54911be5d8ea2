"""What the sandbox's providers at home are asked, and what they take: values between the door and the providers. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notify.sandbox.wire import Answer

NO_FIELDS: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Asked:
    """A request, read whole. `headers` have names in small letters; `now` is when it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the body as a JSON object; empty if it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return NO_FIELDS
        return value if isinstance(value, dict) else NO_FIELDS


@dataclass(frozen=True)
class Taken:
    """A message that a provider takes, before it has its number.

    Attributes:
        name: what its sid becomes, given the running number.
        answer: what the caller is told, given the sid.
        failure: the carrier's code, if it will not arrive; empty: it arrives.
        final: the provider tells nothing after this (WeCom, group robots): it ends as sent.
        trick: the caller hears of an error although the message was stored.
    """

    provider: str
    to: str
    sender: str
    body: str
    name: Callable[[int], str]
    answer: Callable[[str], Answer]
    failure: str = ""
    final: bool = False
    trick: bool = False


def text_of(value: object) -> str:
    """Return a field as text; empty if it is none."""
    return value if isinstance(value, str) else ""
