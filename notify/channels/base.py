"""The contract of a channel: what goes in, the four things that can come of a call, and what may be asked later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; `name` in ASCII, `media` its type as `main/sub`."""

    name: str
    media: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Outgoing:
    """One notice, ready to go: the exact text and where to.

    Attributes:
        delivery_id: our number; with `attempt` it names this call in callbacks and Message-IDs.
        ref: reference code that stands in the text.
        valid_seconds: how long the provider may keep trying.
        template: for a provider that sends approved templates only: which of ours, the settings know the provider's own name
            of it; `variables` fill it, and `body` is what the reader then sees.
        unsubscribe: for a mail, the page on which its owner stops this address with one press.
        ask: the notice asks whether its reader is safe: a listener answers by a digit.
        reply_to: for a mail, the token that the address of answers carries; empty: answers are not read.
        attachments: for a mail, files that go with it.
    """

    delivery_id: int
    attempt: int
    ref: str
    address: str
    language: str
    subject: str
    body: str
    html: str
    valid_seconds: int
    alert: str = ""
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    unsubscribe: str = ""
    ask: bool = False
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Accepted:
    """The provider took it, and this is its own id and first status. Accepted is not delivered."""

    provider_id: str
    status: str = "accepted"
    http_status: int | None = None
    request_id: str = ""


@dataclass(frozen=True)
class NotSent:
    """Certainly not sent: try again, not before `retry_after` seconds. `throttled` means the provider asked us to slow down."""

    code: str
    detail: str = ""
    retry_after: float | None = None
    throttled: bool = False
    http_status: int | None = None


@dataclass(frozen=True)
class InDoubt:
    """We do not know: it may have been taken. Only the provider can say; never send again blindly."""

    code: str
    detail: str = ""
    http_status: int | None = None


@dataclass(frozen=True)
class Rejected:
    """Refused for good.

    Attributes:
        address_bad: the address itself is at fault (no such number): a stop for it, and a task for the company.
        stops_channel: the account or the sender is at fault: nothing more goes out over this channel until a person looked.
        stops_country: this country cannot be reached from our account or sender: what is meant for it waits, the rest goes on.
        opted_out: whoever has this address told the provider to stop us: a stop for it, and the people's next address.
    """

    code: str
    detail: str = ""
    http_status: int | None = None
    address_bad: bool = False
    stops_channel: bool = False
    stops_country: bool = False
    opted_out: bool = False


Result = Accepted | NotSent | InDoubt | Rejected


@dataclass(frozen=True)
class Found:
    """The provider has the message.

    Attributes:
        certain: it carries our reference code. If not (a call has no text), it may also belong to another notice of ours.
    """

    provider_id: str
    status: str
    error_code: str = ""
    copies: int = 1
    certain: bool = True


@dataclass(frozen=True)
class Absent:
    """The provider was asked and proved that it has no such message."""


@dataclass(frozen=True)
class Repeatable(Absent):
    """The provider cannot be asked, but lets the same call through only once within a while, and that while is not over.

    To send again is as safe as if it were absent; whether it was there before is not known. Such a channel has an attribute
    `drops_repeats_for`: how long after the first call a repeat may still be made.
    """


@dataclass(frozen=True)
class CannotTell:
    """The provider could not be asked now: ask again later."""

    detail: str


@dataclass(frozen=True)
class NoLookup:
    """This channel has no way to ask (SMTP, bots): severity decides."""


Answer = Found | Absent | CannotTell | NoLookup


class Consequence(StrEnum):
    """What a provider's later word means for the address itself, beyond this one notice."""

    NONE = ""
    ADDRESS_BAD = "address-bad"
    OPTED_OUT = "opted-out"


@dataclass(frozen=True)
class ProviderStatus:
    """What the provider says of a message: raw, the few fields we rank by, and what it means for the address."""

    provider_id: str
    status: str
    error_code: str = ""
    payload: Mapping[str, str] = field(default_factory=dict)
    consequence: Consequence = Consequence.NONE


# No two words share a rank: of two that end a message, the same one must win in whatever order they come.
RANKS = {
    "scheduled": 10, "accepted": 11, "queued": 20, "sending": 30, "sent": 40,
    "canceled": 50, "undelivered": 51, "failed": 52, "delivered": 60, "read": 70,
}  # fmt: skip
FINAL = frozenset({"undelivered", "failed", "canceled", "delivered", "read"})


UNASKED = frozenset({"smtp", "wecom", "wecom_bot", "dingtalk_bot", "feishu_bot"})
"""Providers that keep nothing we could ask for: what they took is never polled, and a doubt is settled by severity."""


def rank(status: str) -> int:
    """Return the rank of a provider's status; it only rises, so that receipts may come in any order. Unknown words rank 0."""
    return RANKS.get(status, 0)


class Channel(Protocol):
    """One way out. It never raises for a fault of the provider, never retries by itself, and gives up in `send_timeout`."""

    name: str
    provider: str

    @property
    def endpoint(self) -> str:
        """Return the host this channel talks to: the last gate looks at it."""
        ...

    async def send(self, notice: Outgoing) -> Result:
        """Hand one notice to the provider, once."""
        ...

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Ask whether the provider has this notice, looking no further back than `since`."""
        ...

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Ask for the status of a message the provider has taken."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
