"""What the API does with any of its resources: what a create call made, and the answers all of them share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from starlette.types import Scope

from notify.sandbox.callbacks import Due
from notify.sandbox.checks import Refusal
from notify.sandbox.magic import Magic
from notify.sandbox.resource import VERSION, Wire, error
from notify.sandbox.wire import Answer, as_json, as_page

RETRY_AFTER = 1


@dataclass(frozen=True)
class Made:
    """What a create call made, not stored yet: `keep` stores it, `answer` is what the caller hears, `dues` its callbacks."""

    sid: str
    trick: Magic
    answer: Wire
    keep: Callable[[], Awaitable[None]]
    dues: Sequence[Due]


class Resource(Protocol):
    """One kind of thing below an account: messages, calls."""

    def take(self, body: bytes) -> Made | Refusal:
        """Check a create call and make what it wants; or say why it is refused."""
        ...

    def fetch(self, sid: str) -> Answer:
        """Answer with one of them."""
        ...

    def page(self, scope: Scope) -> Answer:
        """Answer with a page of the list."""
        ...

    def change(self, sid: str, body: bytes) -> Answer:
        """Change one of them."""
        ...


def refuse(refusal: Refusal) -> Answer:
    """Return Twilio's form of a refusal; one without a code comes as a page, as from a gateway."""
    if not refusal.code:
        return as_page(refusal.http, HTTPStatus(refusal.http).phrase)
    headers = [(b"retry-after", str(RETRY_AFTER).encode())] if refusal.http == 429 else []
    return as_json(refusal.http, error(refusal.code, refusal.http, refusal.message), headers)


def missing(path: str) -> Answer:
    """Return the answer for a path at which there is nothing."""
    return refuse(Refusal(20404, 404, f"The requested resource {path} was not found"))


def path_of(account: str, kind: str, sid: str) -> str:
    """Return the path of one thing."""
    return f"/{VERSION}/Accounts/{account}/{kind}/{sid}.json"
