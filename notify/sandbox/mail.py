"""A mail server that takes everything, keeps the bytes and passes nothing on.

Some recipients are magic, by the part before the @ (with or without `+…`): `bounce` is refused for good, `defer`
for now, `slow` makes the answer to the text take 2 s, `drop` loses the connection after the final dot although the
mail was kept, `cut` the same, and the mail was not kept.
"""

from __future__ import annotations

import asyncio
import re
import socket
from asyncio import Server

from aiosmtpd.smtp import SMTP, Envelope, Session

from core.clock import Clock
from notify.sandbox.records import Mail
from notify.sandbox.store import Store

SLOW = 2.0
LARGEST = 33_554_432
MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
REFUSALS = {"bounce": "550 5.1.1 No such mailbox", "defer": "451 4.3.0 Try again later"}


def nature(address: str) -> str:
    """Return the magic name of a recipient: its local part without `+…`, in small letters."""
    return address.partition("@")[0].partition("+")[0].lower()


class Inbox:
    """Keeps what the mail server is given. The method names are aiosmtpd's."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep mail in `store`."""
        self._store = store
        self._clock = clock

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or refuse a magic one."""
        refusal = REFUSALS.get(nature(address))
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, then answer as its recipients ask for."""
        natures = {nature(address) for address in envelope.rcpt_tos}
        if "cut" not in natures:
            await self._store.add_mail(self._mail(envelope))
        if "slow" in natures:
            await asyncio.sleep(SLOW)
        if natures & {"drop", "cut"} and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 2.0.0 OK: kept in the sandbox"

    def _mail(self, envelope: Envelope) -> Mail:
        raw = envelope.original_content or b""
        head = raw.partition(b"\r\n\r\n")[0]
        found = MESSAGE_ID.search(head)
        message_id = found.group(1).decode("ascii", "replace") if found else ""
        return Mail(self._clock.now(), envelope.mail_from or "", tuple(envelope.rcpt_tos), message_id, raw)


async def serve_mail(listening: socket.socket, store: Store, clock: Clock) -> Server:
    """Start the mail server on a bound socket, in this event loop; close the returned server to end it."""
    inbox = Inbox(store, clock)
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(inbox, hostname="sandbox.invalid", ident="Lingbao sandbox", data_size_limit=LARGEST,
                     enable_SMTPUTF8=True, decode_data=False),
        sock=listening,
    )  # fmt: skip
