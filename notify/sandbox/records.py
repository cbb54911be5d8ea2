"""What the store keeps and answers, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Mail:
    """A mail as it was received: when, its envelope, its Message-ID (empty if it has none) and its bytes."""

    received: datetime
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    raw: bytes


@dataclass(frozen=True)
class Called:
    """A status callback: for which message, where, telling what, when, and what became of it.

    `outcome` is `http` and the status, `lost` on purpose, `refused` (not on this machine), or the kind of failure.
    """

    sid: str
    url: str
    status: str
    at: datetime
    outcome: str


@dataclass(frozen=True)
class Query:
    """Which messages to list, newest first. Empty or None: any. Times are UTC and inclusive; `now` decides what is
    sent.

    `before` and `after` are running numbers of the messages a page ends beside; `skip` counts from the newest.
    """

    now: datetime
    to: str = ""
    sender: str = ""
    sent_from: datetime | None = None
    sent_until: datetime | None = None
    before: int = 0
    after: int = 0
    skip: int = 0
    limit: int = -1


@dataclass(frozen=True)
class Stats:
    """Counts of what reached the sandbox.

    Attributes:
        messages: taken from the API; `distinct_to_body` of them differ in recipient or body; `duplicates` is the rest.
        inbound: replies that were played.
        mail: taken by the mail server; `mail_duplicates` repeat both Message-ID and recipients of another.
        callbacks: made, lost or refused; `callbacks_refused` were meant for another machine.
        calls: taken from the API; `calls_duplicates` repeat both number and words of another.
    """

    messages: int
    distinct_to_body: int
    duplicates: int
    inbound: int
    mail: int
    mail_duplicates: int
    callbacks: int
    callbacks_refused: int
    calls: int = 0
    calls_duplicates: int = 0
