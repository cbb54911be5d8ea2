"""Mail over SMTP, with a small pool of connections in threads.

The mail is put together once per text and the few ASCII headers that vary are spliced in: building with the standard
library costs more than sending. The Message-ID is made from our own numbers, so that a relay's log or a bounce finds the
delivery; SMTP has no look-up, so a doubt stays a doubt.
"""

from __future__ import annotations

import asyncio
import queue
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import Enum
from functools import lru_cache

from core.settings import Settings
from notify.channels.base import (
    Accepted,
    Answer,
    CannotTell,
    InDoubt,
    NoLookup,
    NotSent,
    Outgoing,
    ProviderStatus,
    Rejected,
    Result,
)

LATER, ONE_LATER = 30.0, 300.0
"""Seconds to wait when the relay is busy, and when one mailbox cannot take mail now."""

ENHANCED = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")
POOL = 8
RENEW_AFTER = 100
SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-@")


class Step(Enum):
    """What the relay was asked when it refused: that says whose fault it is."""

    LINE = "line"
    SENDER = "sender"
    RECIPIENT = "recipient"
    TEXT = "text"


@dataclass(frozen=True)
class Relay:
    """A mail relay: where, how secured, who we are there."""

    host: str
    port: int
    security: str
    username: str
    password: str
    timeout: float


class Email:
    """The channel. `connect` makes an SMTP connection; tests may give their own."""

    name = "email"
    provider = "smtp"

    def __init__(
        self, settings: Settings, host: str, port: int, connect: Callable[[Relay], smtplib.SMTP] | None = None
    ) -> None:
        """Send through `host`:`port` with the login and sender of the settings."""
        password = settings.smtp_password.get_secret_value()
        self._relay = Relay(host, port, settings.smtp_security, settings.smtp_username, password, settings.send_timeout)
        self._from = settings.mail_from
        self._domain = settings.mail_from.rpartition("@")[2]
        self._connect = connect or open_relay
        self._idle: queue.SimpleQueue[tuple[smtplib.SMTP, int]] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(POOL, thread_name_prefix="smtp")

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._relay.host

    async def send(self, notice: Outgoing) -> Result:
        """Hand one mail to the relay."""
        # The wait for a thread counts too: after this time the notice may be in other hands.
        until = time.monotonic() + self._relay.timeout
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, notice, until)

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """SMTP cannot be asked."""
        return NoLookup()

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """SMTP cannot be asked."""
        return CannotTell("smtp has no status")

    async def close(self) -> None:
        """Say goodbye to the relay."""
        self._threads.shutdown(wait=True)
        while not self._idle.empty():
            _quit(self._idle.get()[0])

    def message_id(self, notice: Outgoing) -> str:
        """Return the Message-ID of a delivery: the same for every attempt at it."""
        return f"<{notice.alert or 'alert'}.{notice.delivery_id}.{notice.ref}@{self._domain}>"

    def _send(self, notice: Outgoing, until: float) -> Result:
        if not set(notice.address) <= SAFE or notice.address.count("@") != 1:
            return Rejected("address", "not an address we can write into a header", address_bad=True)
        mail = _splice(self._template(notice), notice.address, self.message_id(notice))
        try:
            line, used = self._line(until)
        except smtplib.SMTPResponseException as error:  # The relay does not want us: our login, our host, or not now.
            return _refusal(error.smtp_code, _text(error.smtp_error), Step.LINE)
        except (OSError, smtplib.SMTPException) as error:
            return NotSent("connect", f"{type(error).__name__}: {error}")
        result = self._hand_over(line, notice.address, mail, until)
        # Only a line that has brought a mail to its end is in a state we know.
        if isinstance(result, Accepted) and used + 1 < RENEW_AFTER:
            self._idle.put((line, used + 1))
        else:
            _quit(line)
        if isinstance(result, Accepted):
            return replace(result, provider_id=self.message_id(notice))
        return result

    def _hand_over(self, line: smtplib.SMTP, address: str, mail: bytes, until: float) -> Result:
        try:
            _allow(line, until)
            code, text = line.mail(self._from)
            if code >= 400:
                return _refusal(code, _text(text), Step.SENDER)
            _allow(line, until)
            code, text = line.rcpt(address)
            if code >= 400:
                return _refusal(code, _text(text), Step.RECIPIENT)
            _allow(line, until, waits=2)
        except (OSError, smtplib.SMTPException) as error:
            return NotSent("line", f"{type(error).__name__}: {error}")  # Nothing of the mail itself was said yet.
        try:
            code, text = line.data(mail)
        except smtplib.SMTPDataError as error:  # Refused before the text was sent.
            return _refusal(error.smtp_code, _text(error.smtp_error), Step.TEXT)
        except (OSError, smtplib.SMTPException) as error:
            return InDoubt("line", f"{type(error).__name__}: {error}")
        if code >= 400:
            return _refusal(code, _text(text), Step.TEXT)
        return Accepted("", "accepted", code, _text(text)[:100])

    def _line(self, until: float) -> tuple[smtplib.SMTP, int]:
        while True:
            try:
                line, used = self._idle.get_nowait()
            except queue.Empty:
                left = _left(until)
                return self._connect(replace(self._relay, timeout=min(self._relay.timeout, left))), 0
            try:
                _allow(line, until)
                if line.noop()[0] == 250:
                    return line, used
            except (OSError, smtplib.SMTPException):
                pass  # An idle connection that the relay closed: open another.
            _quit(line)

    def _template(self, notice: Outgoing) -> bytes:
        return _build(notice.subject, notice.body, notice.html, self._from, notice.language)


@lru_cache(maxsize=64)
def _build(subject: str, body: str, html: str, sender: str, language: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(subject.split())  # A line end cannot stand in a header.
    message["From"] = sender
    message["Content-Language"] = "zh-CN" if language == "zh" else "en"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, cte="base64")
    if html:
        message.add_alternative(html, subtype="html", cte="base64")
    return message.as_bytes()


def _splice(mail: bytes, address: str, message_id: str) -> bytes:
    date = format_datetime(datetime.now(UTC))
    return f"To: {address}\r\nMessage-ID: {message_id}\r\nDate: {date}\r\n".encode("ascii") + mail


def open_relay(relay: Relay) -> smtplib.SMTP:
    """Open and secure one connection, and log in.

    Raises:
        OSError, smtplib.SMTPException: the relay cannot be reached or refuses us.
    """
    context = ssl.create_default_context()
    if relay.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.timeout, context=context)
    else:
        line = smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout)
    try:
        line.ehlo_or_helo_if_needed()
        if relay.security == "starttls":
            line.starttls(context=context)
        if relay.username:
            line.login(relay.username, relay.password)
    except (OSError, smtplib.SMTPException):
        line.close()
        raise
    return line


def _left(until: float) -> float:
    """Return the seconds that are left.

    Raises:
        TimeoutError: none are.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no time left")
    return left


def _allow(line: smtplib.SMTP, until: float, waits: int = 1) -> None:
    """Give the next `waits` answers of the relay what is left of the time; the socket's own limit is for one wait only."""
    left = _left(until)
    if line.sock is not None:
        line.sock.settimeout(left / waits)


def _refusal(code: int, text: str, step: Step) -> Result:
    """Say what a refusal means. Codes: RFC 5321 section 4.2, RFC 3463 for the second, three-part code in the text."""
    if code < 500:
        # At the recipient 450 to 452 speak of one mailbox (greylisting, full); elsewhere the relay asks all of us to wait.
        whole = code == 421 or step in {Step.LINE, Step.SENDER}
        return NotSent(str(code), text, LATER if whole else ONE_LATER, throttled=whole, http_status=code)
    if step in {Step.LINE, Step.SENDER} or code in {530, 535} or "relay" in text.lower():
        return Rejected(str(code), text, code, stops_channel=True)
    found = ENHANCED.search(text)
    mailbox = found.group(1) in {"1", "2"} if found else code in {550, 551, 553}
    return Rejected(str(code), text, code, address_bad=step is Step.RECIPIENT and mailbox)


def _quit(line: smtplib.SMTP) -> None:
    try:
        line.quit()
    except (OSError, smtplib.SMTPException):
        line.close()


def _text(raw: bytes | str) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw
