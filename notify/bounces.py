"""Bounces: what relays say later of a mail they took, read from delivery status notifications (RFC 3464). Pure.

Anybody may write to the address that takes bounces. A notification counts only if our reference stands in the address it came
to, or in the Message-ID it quotes; whose mailbox it speaks of is compared by whoever applies it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import compat32

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
VERP = re.compile(r"\+([0-9A-Za-z]{6})@")
OURS = re.compile(r"<\w+\.\d+\.([0-9A-Z]{6})@[^>\s]+>")
NO_MAILBOX = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""RFC 3463 and RFC 7505: no such mailbox or host, moved, no mail host, disabled. A full mailbox (5.2.2) is none of these."""

WORDS = {"failed": "undelivered", "delivered": "delivered", "relayed": "sent", "expanded": "sent", "delayed": "delayed"}
"""Actions of RFC 3464 section 2.3.3, in our words; “delayed” ranks nowhere and is only kept."""


@dataclass(frozen=True)
class Bounce:
    """What one notification says of one mail of ours.

    Attributes:
        ref: our reference.
        status: in the words of receipts: `undelivered`, `delivered`, `sent` or `delayed`.
        code: the enhanced status code (`5.1.1`).
        recipient: whose mailbox it speaks of, as the relay writes it.
        detail: the relay's own words.
        notification: Message-ID of the notification itself: the same one read twice counts once.
    """

    ref: str
    status: str
    code: str
    recipient: str
    detail: str
    notification: str

    @property
    def no_mailbox(self) -> bool:
        """Tell whether there is no such mailbox: the address is worthless, not only this mail."""
        return self.status == "undelivered" and self.code in NO_MAILBOX


def read_bounce(raw: bytes) -> Bounce | None:
    """Read a mail; None if it is no delivery status notification about a mail of ours: somebody wrote, or is on holiday."""
    try:
        mail = message_from_bytes(raw, policy=compat32)
        report = next((part for part in mail.walk() if part.get_content_type() == "message/delivery-status"), None)
        if report is None:
            return None
        fields = _fields(report)
        ref = _reference(mail)
    except (MessageError, LookupError, ValueError, TypeError):
        return None  # A mail that is damaged on purpose or by accident; whoever reads the mailbox leaves it there.
    status = WORDS.get(fields.get("action", ""))
    code = STATUS.search(fields.get("status", ""))
    if status is None or code is None or not ref:
        return None
    recipient = fields.get("final-recipient", "") or fields.get("original-recipient", "")
    return Bounce(
        ref, status, code.group(), recipient.partition(";")[2].strip().strip("<>"),
        " ".join(fields.get("diagnostic-code", "").split())[:500], str(mail.get("Message-ID", "")).strip()[:250],
    )  # fmt: skip


def _fields(report: Message) -> dict[str, str]:
    """Return the fields of the first recipient: we write each mail to one."""
    found: dict[str, str] = {}
    for block in report.walk():
        for name, value in block.items():
            found.setdefault(name.lower(), str(value).strip())
    return found | {"action": found.get("action", "").lower()}


def _reference(mail: Message) -> str:
    """Return our reference: from the address the notification came to, else from the Message-ID of the mail it gives back."""
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To"):
        found = VERP.search(str(mail.get(name, "")))
        if found:
            return found.group(1).upper()
    for words in _given_back(mail):
        ours = OURS.search(words)
        if ours:
            return ours.group(1)
    return ""


def _given_back(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        yield str(part.get("Message-ID", "")) if part is not mail else ""
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            yield content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
