"""Starting the sandbox: one process, one event loop, two doors on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from core.clock import SystemClock
from core.errors import WrongSetting
from core.i18n import t
from notify.sandbox import faults as faulty
from notify.sandbox.callbacks import AT_ONCE, CONNECT, Callbacks
from notify.sandbox.control import Control, control
from notify.sandbox.dials import Account, Dials
from notify.sandbox.home import Home
from notify.sandbox.mail import serve_mail
from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, HOST, Running, running
from notify.sandbox.store import Store
from notify.sandbox.twilio import Twilio

__all__ = ["Running", "running", "serve"]


@dataclass(frozen=True)
class Doors:
    """The bound sockets: of the API and its pages, and of the mail server one port above."""

    web: socket.socket
    mail: socket.socket


def serve(
    port: int,
    directory: Path,
    *,
    faults: str = "",
    seed: int = 1,
    auth_token: str = AUTH_TOKEN,
    account_sid: str = ACCOUNT_SID,
    quiet: bool = True,
) -> None:
    """Run the sandbox until it is stopped: API and pages on `port`, mail on `port` + 1, everything kept in `directory`.

    Args:
        faults: what goes wrong and how often, as `notify.sandbox.faults.parse` reads it.
        seed: of the dice that decide when.
        quiet: log warnings only.

    Raises:
        WrongSetting: a port is taken, or the faults make no sense.
    """
    account = Account(account_sid, auth_token)
    found = faulty.parse(faults)
    doors = bind(port)
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(doors, directory, account, Dials(found, seed, 0, set()), "warning" if quiet else "info"))


def bind(port: int) -> Doors:
    """Take both ports.

    Raises:
        WrongSetting: one of them is taken or may not be used.
    """
    opened: list[socket.socket] = []
    for number in (port, port + 1):
        # With the protocol left open (0) asyncio would not switch Nagle's delay off: 40 ms for each answer.
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        opened.append(one)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, number))
        except (OSError, OverflowError) as error:
            for other in opened:
                other.close()
            raise WrongSetting(t("Port {port} cannot be used: {error}", port=number, error=str(error))) from error
    return Doors(*opened)


class Cutter:
    """Resets the connection of a request, as a broken line does."""

    server: uvicorn.Server

    def __call__(self, scope: Scope) -> None:
        """Reset the connection on which the request of `scope` came in."""
        for connection in list(self.server.server_state.connections):
            line = connection.transport.get_extra_info("socket")
            if connection.transport.get_extra_info("peername") == tuple(scope["client"]):
                # With a linger time of zero the kernel sends RST instead of closing in good order.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.transport.abort()


async def _run(doors: Doors, directory: Path, account: Account, dials: Dials, log_level: str) -> None:
    cutter = Cutter()
    async with _sandbox(doors, directory, account, dials, cutter) as app:
        config = uvicorn.Config(
            app, log_level=log_level, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1,
            timeout_keep_alive=75, server_header=False, proxy_headers=False,
        )  # fmt: skip
        cutter.server = uvicorn.Server(config)
        await cutter.server.serve(sockets=[doors.web])


@contextlib.asynccontextmanager
async def _sandbox(
    doors: Doors, directory: Path, account: Account, dials: Dials, cutter: Cutter
) -> AsyncIterator[ASGIApp]:
    """Put the parts together and yield the whole application; take them apart at the end."""
    clock = SystemClock()
    store = Store(directory)
    _remember(dials, store)
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    timeout = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=CONNECT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session:
        callbacks = Callbacks(session=session, store=store, clock=clock, token=account.token)
        twilio = Twilio(account=account, dials=dials, store=store, callbacks=callbacks, clock=clock, cut=cutter)
        pages = control(Control(store=store, dials=dials, callbacks=callbacks, clock=clock, account=account.sid))
        home = Home(dials=dials, store=store, session=session, clock=clock, cut=cutter)
        mail = await serve_mail(doors.mail, store, clock)
        try:
            yield _join(twilio, home, pages)
        finally:
            mail.close()
            callbacks.stop_all()
            home.stop_all()
            store.close()


def _remember(dials: Dials, store: Store) -> None:
    """Take up what the dials must know of the messages kept from before."""
    dials.requests = store.stats().messages
    for reply in store.replies():
        dials.reply(reply.sender, reply.body)


def _join(twilio: ASGIApp, home: Home, pages: ASGIApp) -> ASGIApp:
    """Return one application: Twilio's paths to `twilio`, those of providers at home to `home`, all others to `pages`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the API or to the pages."""
        chosen = twilio if scope["path"].startswith("/2010-04-01/") else home if home.handles(scope) else pages
        await chosen(scope, receive, send)

    return app
