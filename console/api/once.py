"""Writing once: the same `Idempotency-Key` again gets the same answer and does nothing more.

After draft-ietf-httpapi-idempotency-key-header. What is done and the line that says so stand in one transaction. Only the
hash of the key is kept, and the number of what was made: the answer is built from the register again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Header
from sqlalchemy import Connection

from console.api.call import Call
from console.api.problems import Problem
from core.database import writing
from core.i18n import t
from registry.accounts import calls

KEPT = timedelta(days=7)
"""So long a key is remembered."""
GIVEN_UP = timedelta(minutes=10)
"""A call without an answer after this time has died; its key can be used again. If it lives, it cannot commit any more."""

MEANING = (
    "Any text of 8 to 200 characters that is new for each new request, such as a UUID; the same for a repetition of it. "
    "Remembered for seven days."
)
NAME = "Idempotency-Key"
Key = Annotated[str, Header(alias=NAME, min_length=8, max_length=200, pattern=r"^[!-~]+$", description=MEANING)]
MaybeKey = Annotated[str, Header(alias=NAME, max_length=200, pattern=r"^([!-~]{8,})?$", description=MEANING)]


@dataclass(frozen=True)
class Done:
    """What a call made.

    Attributes:
        result: number of the row that was made, or how many rows were confirmed. `at`: when the call that did it began.
        repeated: it was made by an earlier call under the same key.
    """

    result: int
    at: datetime
    repeated: bool


def once(call: Call, key: str, request: Sequence[str | bytes], work: Callable[[Connection, datetime], int]) -> Done:
    """Do `work` if it was not done under this key yet.

    Args:
        request: what makes the request this one: its route and what was sent.
        work: gets a transaction and the moment; returns the number of what it made.

    Raises:
        Problem: 422 if the key stands for another request, 409 while the first is at work; or what `work` raises, after
            which the key is free again.
    """
    mark, digest = _hash([key]), _hash(request)
    with writing(call.office.engine) as connection:
        claim = _claim(connection, call, mark, digest)
    if claim.repeated:
        return claim
    with _free_again(call, claim), writing(call.office.engine) as connection:
        result = work(connection, claim.at)
        if not calls.settle(connection, claim.result, began=claim.at, status=200, result_id=result):
            raise _at_work()
    return Done(result, claim.at, repeated=False)


def _claim(connection: Connection, call: Call, mark: str, digest: str) -> Done:
    """Return the answer that is there, or the number of the line that stands for this call."""
    now = call.now
    calls.forget(connection, call.user_id, now - KEPT)
    first = calls.claim(connection, user_id=call.user_id, key=mark, request_sha256=digest, now=now)
    row = calls.call_of(connection, call.user_id, mark)
    assert row is not None
    if first:
        return Done(row.id, row.created_at, repeated=False)
    if row.request_sha256 != digest:
        raise Problem(422, "key-reused", t("This Idempotency-Key was used for another request. Use a new one."))
    if row.status != calls.RUNNING:
        return Done(row.result_id, row.created_at, repeated=True)
    if now - row.created_at < GIVEN_UP or not calls.take_over(connection, row.id, began=row.created_at, now=now):
        raise _at_work()
    return Done(row.id, now, repeated=False)


@contextmanager
def _free_again(call: Call, claim: Done) -> Iterator[None]:
    settled = False
    try:
        yield
        settled = True
    finally:
        if not settled:
            with writing(call.office.engine) as connection:
                calls.drop(connection, claim.result, began=claim.at)


def _at_work() -> Problem:
    return Problem(409, "at-work", t("The same request is being worked on. Ask again in a moment."))


def _hash(parts: Sequence[str | bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8) + data)
    return found.hexdigest()
