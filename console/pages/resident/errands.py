"""Codes that go out after the answer: how long a provider takes must not tell a stranger whether a code went out at all."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog
from fastapi import Request

from notify.codes import send_code
from notify.office import Office
from registry.actors import RESIDENT
from registry.signup.model import Pending

log = structlog.get_logger(__name__)
AT_ONCE = 4


class Errands:
    """A few threads that send codes. Whatever waits when the program ends is sent before it does."""

    def __init__(self) -> None:
        """Start none yet."""
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="codes")
        self._running: set[Future[None]] = set()

    def send(self, office: Office, pending: Pending) -> None:
        """Send the code of `pending`, if there is one, and return at once. What comes of it is in the audit."""
        errand = self._pool.submit(_send, office, pending)
        self._running.add(errand)
        errand.add_done_callback(self._done)

    def wait(self) -> None:
        """Wait until everything has gone out."""
        wait(tuple(self._running))

    def _done(self, errand: Future[None]) -> None:
        self._running.discard(errand)
        error = errand.exception()
        if error is not None:
            # The kind only: words of an error may hold the number.
            log.error("code-not-sent", error=type(error).__name__)


def errands_of(request: Request) -> Errands:
    """Return the errands of the application at hand."""
    found = request.app.state.errands
    assert isinstance(found, Errands)
    return found


def _send(office: Office, pending: Pending) -> None:
    if pending.code is not None:
        send_code(office, pending.code, by=RESIDENT.name)
