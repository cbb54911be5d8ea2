"""Service messages: one text to one address, such as a code. Not an alert: nobody is matched, nothing is planned or repeated.

They go over the same channels, through the same gate and on the same ground as notices do, so that a sandbox stays a sandbox
and a drill a drill. Each leaves two lines in the audit, before and after the call, with neither the text nor the address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.audit import record
from core.database import writing
from core.i18n import Message, t
from core.languages import words_in
from core.settings import Settings
from core.tables import Mode
from notify.channels.base import Accepted, Attachment, Channel, InDoubt, NotSent, Outgoing, Rejected, Result
from notify.dispatch import Tools
from notify.grounds import FORBIDDEN, NO_GROUND, transfer_of
from notify.ref import ALPHABET

ALERT, SENDING = "service", "service.send"
NO_CHANNEL = "no-channel"


@dataclass(frozen=True)
class ServiceMessage:
    """One message.

    Attributes:
        subject: what it is about, for the audit: a kind and an id.
        foreign: the owner of the address agreed to providers abroad.
        valid_seconds: how long the provider may keep trying.
        template: for a provider that sends approved templates only, which of ours; `variables` fill it.
        html: for a mail, the same words as a page; `attachments`: files that go with it.
    """

    subject: str
    channel: str
    language: str
    title: str
    body: str = field(repr=False)
    address: str = field(repr=False)
    foreign: bool = False
    valid_seconds: int = 3600
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    html: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Handed:
    """What came of it. `outcome`: `accepted`, `doubt` (it may have gone out), `failed` (try again) or `refused`, and the code why."""

    outcome: str
    code: str = ""

    @property
    def sent(self) -> bool:
        """Tell whether the message may be on its way: then nobody should ask for another at once."""
        return self.outcome in {"accepted", "doubt"}

    @property
    def words(self) -> Message:
        """Say what came of it."""
        if self.outcome == "accepted":
            return t("The code is on its way.")
        if self.outcome == "doubt":
            return t("The code may be on its way. If it is not there in ten minutes, ask for another.")
        if self.code in {NO_GROUND, FORBIDDEN}:
            return t(
                "The code could not be sent: it may not go over a provider abroad. Give a mail address, or agree to it."
            )
        if self.outcome == "failed":
            return t("The code could not be sent now ({code}). Please try again later.", code=self.code)
        return t("The code could not be sent to this address ({code}). Give another one.", code=self.code)


def why_not(settings: Settings, channels: Mapping[str, Channel], channel: str, *, foreign: bool) -> str:
    """Return why nothing may go over a channel, as a short code; empty if it may. Pure."""
    transfer = transfer_of(settings)
    if channel not in channels:
        return NO_CHANNEL
    if channel not in transfer.abroad:
        return ""
    if not transfer.allowed:
        return FORBIDDEN
    return "" if foreign else NO_GROUND


async def send_service(tools: Tools, message: ServiceMessage, *, by: str) -> Handed:
    """Hand one message to its provider, once, and write down before and after. The channels stay open: the caller's to close.

    Args:
        by: who asked for it.
    """
    refused = why_not(tools.settings, tools.channels, message.channel, foreign=message.foreign)
    if not refused:
        gate, endpoint = tools.gate, tools.channels[message.channel].endpoint
        refused = gate.refuse(
            alert_uid=gate.uid, alert_mode=gate.mode, endpoint=endpoint, address=message.address
        )  # fmt: skip
    if refused:
        return _write(tools, message, Handed("refused", refused), by)
    _note(tools, message, f"{message.channel} begun", by)
    result = await tools.channels[message.channel].send(_outgoing(message, drill=tools.gate.mode is Mode.DRILL))
    return _write(tools, message, _handed(result), by)


def _outgoing(message: ServiceMessage, *, drill: bool) -> Outgoing:
    mark = t("[DRILL] ").render(words_in(message.language)) if drill else ""
    code = "".join(secrets.choice(ALPHABET) for _ in range(6))  # names the mail; no delivery of ours has this number
    return Outgoing(
        delivery_id=0, attempt=1, ref=code, address=message.address, language=message.language,
        subject=mark + message.title, body=mark + message.body, html=_marked(message.html, mark),
        valid_seconds=message.valid_seconds, alert=ALERT, template=message.template, variables=message.variables,
        attachments=message.attachments,
    )  # fmt: skip


def _marked(page: str, mark: str) -> str:
    """Return a page with a mark at its top. Pure."""
    return page.replace("<body>", f"<body>\n<p><strong>{mark}</strong></p>", 1) if mark else page


def _handed(result: Result) -> Handed:
    if isinstance(result, Accepted):
        return Handed("accepted")
    if isinstance(result, InDoubt):
        return Handed("doubt", result.code[:40])
    if isinstance(result, NotSent) or (isinstance(result, Rejected) and result.stops_channel):
        return Handed("failed", result.code[:40])
    return Handed("refused", result.code[:40])


def _write(tools: Tools, message: ServiceMessage, handed: Handed, by: str) -> Handed:
    _note(tools, message, " ".join(filter(None, (message.channel, handed.outcome, handed.code))), by)
    return handed


def _note(tools: Tools, message: ServiceMessage, detail: str, by: str) -> None:
    with writing(tools.engine) as connection:
        record(connection, actor=by, action=SENDING, subject=message.subject, now=tools.clock.now(), detail=detail)
