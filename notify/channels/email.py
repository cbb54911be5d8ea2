"""Mail over SMTP, with a small pool of connections in threads.

The Message-ID and, if the office reads its bounces, the sender of the envelope (VERP) are made from our own numbers, so that
a relay's log or a bounce finds the delivery; SMTP has no look-up, so a doubt stays a doubt.
"""

from __future__ import annotations

import asyncio
import queue
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from functools import cache

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
from notify.channels.crew import Crew
from notify.channels.mime import Letter, mail

LATER, ONE_LATER = 30.0, 300.0
"""Seconds to wait when the relay is busy, and when one mailbox cannot take mail now."""

ENHANCED = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")
POOL = 8
RENEW_AFTER = 100
IDLE = 5.0
"""Seconds after which a line that nobody used is asked whether it is still there."""

PERIOD = re.compile(rb"\r\n\.")
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
        self._bounces = settings.bounce_address
        self._domain = settings.mail_from.rpartition("@")[2]
        self._connect = connect or open_relay
        self._idle: queue.LifoQueue[_Line] = queue.LifoQueue()
        self._crew: Crew[tuple[Outgoing, float], Result] = Crew(POOL, "smtp", lambda job: self._send(*job))

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._relay.host

    async def send(self, notice: Outgoing) -> Result:
        """Hand one mail to the relay."""
        # The wait for a thread counts too: after this time the notice may be in other hands.
        until = time.monotonic() + self._relay.timeout
        return await self._crew.do((notice, until))

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """SMTP cannot be asked."""
        return NoLookup()

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """SMTP cannot be asked."""
        return CannotTell("smtp has no status")

    async def close(self) -> None:
        """Say goodbye to the relay."""
        await asyncio.get_running_loop().run_in_executor(None, self._crew.close)
        while not self._idle.empty():
            _quit(self._idle.get().smtp)

    def message_id(self, notice: Outgoing) -> str:
        """Return the Message-ID of a delivery: the same for every attempt at it."""
        return f"<{notice.alert or 'alert'}.{notice.delivery_id}.{notice.ref}@{self._domain}>"

    def return_path(self, notice: Outgoing) -> str:
        """Return the sender of the envelope: with our reference in it, a bounce says which notice it is about."""
        local, at, domain = self._bounces.rpartition("@")
        return f"{local}+{notice.ref}{at}{domain}" if at else self._from

    def reply_to(self, notice: Outgoing) -> str:
        """Return the address of answers: the token in it says whose answer it is; empty: answers are not read."""
        local, at, domain = self._bounces.rpartition("@")
        return f"{local}+{notice.reply_to}{at}{domain}" if at and notice.reply_to else ""

    def _send(self, notice: Outgoing, until: float) -> Result:
        if not set(notice.address) <= SAFE or notice.address.count("@") != 1:
            return Rejected("address", "not an address we can write into a header", address_bad=True)
        whole = mail(Letter(
            self._from, notice.address, self.message_id(notice), datetime.now(UTC), notice.subject, notice.body, notice.html,
            notice.language, notice.unsubscribe, notice.attachments, self.reply_to(notice),
        ))  # fmt: skip
        try:
            line = self._line(until)
        except smtplib.SMTPResponseException as error:  # The relay does not want us: our login, our host, or not now.
            return _refusal(error.smtp_code, _text(error.smtp_error), Step.LINE)
        except (OSError, smtplib.SMTPException) as error:
            return NotSent("connect", f"{type(error).__name__}: {error}")
        result = self._hand_over(line.smtp, notice, whole, until)
        # Only a line that has brought a mail to its end is in a state we know.
        if isinstance(result, Accepted) and line.used + 1 < RENEW_AFTER:
            self._idle.put(_Line(line.smtp, line.used + 1, time.monotonic()))
        else:
            _quit(line.smtp)
        if isinstance(result, Accepted):
            return replace(result, provider_id=self.message_id(notice))
        return result

    def _hand_over(self, line: smtplib.SMTP, notice: Outgoing, whole: bytes, until: float) -> Result:
        try:
            refusal = self._address(line, notice, until)
            if refusal is not None:
                return refusal
            _allow(line, until)
        except (OSError, smtplib.SMTPException) as error:
            return NotSent("line", f"{type(error).__name__}: {error}")  # Nothing of the mail itself was said yet.
        try:
            line.send(PERIOD.sub(b"\r\n..", whole) + b".\r\n")
            code, text = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return InDoubt("line", f"{type(error).__name__}: {error}")
        if code >= 400:
            return _refusal(code, _text(text), Step.TEXT)
        if not 200 <= code < 300:
            # No answer that RFC 5321 knows (smtplib says -1 for one without a code): the mail may have been taken.
            return InDoubt("reply", f"{code} {_text(text)}"[:200])
        return Accepted("", "accepted", code, _text(text)[:100])

    def _address(self, line: smtplib.SMTP, notice: Outgoing, until: float) -> Result | None:
        """Say from whom and to whom, and that the text follows; return the refusal, if there is one.

        Where the relay takes commands in one go (RFC 2920), that is one wait instead of three.
        """
        commands = (
            (Step.SENDER, f"MAIL FROM:<{self.return_path(notice)}>"), (Step.RECIPIENT, f"RCPT TO:<{notice.address}>"),
            (Step.TEXT, "DATA"),
        )  # fmt: skip
        together = line.has_extn("pipelining")
        if together:
            _allow(line, until)
            line.send("".join(f"{words}\r\n" for _, words in commands))
        refusal: Result | None = None
        for step, words in commands:
            _allow(line, until)
            code, text = line.getreply() if together else line.docmd(words)
            if refusal is None:
                refusal = _unasked(code, _text(text), step, 354 if words == "DATA" else 250)
            if refusal is not None and not together:
                return refusal
        if refusal is not None:
            line.close()  # It may be waiting for a text now: the only safe way out.
        return refusal

    def _line(self, until: float) -> _Line:
        while True:
            try:
                line = self._idle.get_nowait()
            except queue.Empty:
                left = _left(until)
                opened = self._connect(replace(self._relay, timeout=min(self._relay.timeout, left)))
                return _Line(opened, 0, time.monotonic())
            if time.monotonic() - line.rested_at < IDLE:
                return line
            try:
                _allow(line.smtp, until)
                if line.smtp.noop()[0] == 250:
                    return line
            except (OSError, smtplib.SMTPException):
                pass  # An idle connection that the relay closed: open another.
            _quit(line.smtp)


@dataclass(frozen=True)
class _Line:
    """An open connection: how many mails it has carried, and since when it rests (monotonic seconds)."""

    smtp: smtplib.SMTP
    used: int
    rested_at: float


def open_relay(relay: Relay) -> smtplib.SMTP:
    """Open and secure one connection, and log in.

    Raises:
        OSError, smtplib.SMTPException: the relay cannot be reached or refuses us.
    """
    if relay.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.timeout, context=_context())
    else:
        line = smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout)
    try:
        line.ehlo_or_helo_if_needed()
        if relay.security == "starttls":
            line.starttls(context=_context())
        if relay.username:
            line.login(relay.username, relay.password)
    except (OSError, smtplib.SMTPException):
        line.close()
        raise
    return line


@cache
def _context() -> ssl.SSLContext:
    """Return the certificates this machine trusts: reading them takes longer than a hundred mails."""
    return ssl.create_default_context()


def _left(until: float) -> float:
    """Return the seconds that are left.

    Raises:
        TimeoutError: none are.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no time left")
    return left


def _allow(line: smtplib.SMTP, until: float) -> None:
    """Give the next answer of the relay what is left of the time: the socket's own limit is for one wait."""
    left = _left(until)
    if line.sock is not None:
        line.sock.settimeout(left)


def _unasked(code: int, text: str, step: Step, wanted: int) -> Result | None:
    """Return what it means that the relay does not say go on; None if it does. Any 2xx will do where 250 is wanted."""
    if code >= 400:
        return _refusal(code, text, step)
    if code == wanted or (wanted == 250 and 200 <= code < 300):
        return None
    # A text after anything but 354 would be read as commands. Nothing of the mail was said, so nothing was sent.
    return NotSent("reply", f"{code} {text}"[:200])


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
