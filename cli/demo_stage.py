"""What listens while the demo runs: the sandbox in a process of its own, and our receiver of callbacks in a thread."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from cli.sample import FOREMAN, phone
from core.database import reading
from core.errors import LingbaoError
from core.i18n import t
from notify.channels.twilio_account import REPLY_PATH
from notify.night import send_due
from notify.office import Office
from notify.sandbox.running import HOST, Running
from notify.store import deliveries

PATIENCE = 20.0
"""Seconds to wait for the receiver to start, and for receipts before the provider is asked for them."""


OUR_NUMBER = "+15005550006"
KEPT = "http 204"
CALLER = 14
"""Number of the sample person who needs help."""

ANSWERS = (
    (FOREMAN, "1"), (phone(13), "平安"), (phone(19), "I'm safe, thank you"), (phone(CALLER), "路被封了，出不去，需要帮助"),
)  # fmt: skip
"""What people write back to the question whether they are safe; the foreman's telephone is that of twelve workers."""


class DemoFailed(LingbaoError):
    """The demo could not be played to its end."""


@contextlib.contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """Give a bound socket on a free port of this machine, and its address: the port is ours before anybody is told."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        yield bound, f"http://{HOST}:{bound.getsockname()[1]}"


@contextlib.contextmanager
def receiver(office: Office, bound: socket.socket) -> Iterator[None]:
    """Serve the web application of `office` on a bound socket, in a thread, for as long as the block lasts.

    Raises:
        DemoFailed: it does not start.
    """
    # Here, because every command imports this module, and only the demo serves pages.
    import uvicorn

    from console.app import build

    config = uvicorn.Config(
        build(office), log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="receiver", daemon=True)
    thread.start()
    try:
        if not _within(PATIENCE, lambda: server.started):
            raise DemoFailed(t("The receiver of callbacks did not start."))
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def await_receipts(office: Office, as_of: datetime) -> bool:
    """Wait until the provider has said of every text message what became of it; tell whether it has.

    Callbacks come by themselves. If some do not, the provider is asked once.
    """
    if not _within(PATIENCE, lambda: not _open(office)):
        send_due(office, as_of, timedelta(0))
    return not _open(office)


def play_answers(office: Office, sandbox: Running) -> None:
    """Let some of those who were asked write back over the sandbox.

    Raises:
        DemoFailed: an answer was not taken.
    """
    url = f"{office.settings.public_base_url}{REPLY_PATH}"
    for number, words in ANSWERS:
        if sandbox.inbound(url=url, sender=number, to=OUR_NUMBER, body=words) != KEPT:
            raise DemoFailed(t("An answer of the sandbox was not taken."))


def _open(office: Office) -> bool:
    with reading(office.engine) as connection:
        return bool(deliveries.unconfirmed(connection, office.clock.now(), 1))


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
