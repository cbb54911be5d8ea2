"""The life of a message at the provider, as a function of time. Pure.

Nothing is updated while a message lives: its plan is fixed when it is stored, and its status follows from the hour.
So a sandbox that was killed and started again tells the same story.

Initial states and their order: Twilio, "Outbound Message Status in Status Callbacks".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EXPIRED = 30036
"""Twilio's code for a message that waited longer than its validity period."""

LONGEST_QUEUE = 36_000
"""Seconds a message may wait at Twilio (errors 21611 and 30001)."""


class Status(StrEnum):
    """The statuses of Twilio's Message resource that the sandbox plays."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the sandbox keeps it.

    Attributes:
        seq: running number in the store.
        sender: the From number; with a Messaging Service the one the service picks once it queues the message.
        service: sid of the Messaging Service, or empty.
        created: UTC.
        parts: SMS parts of the body.
        first: status in the answer to the create call; `received` for an inbound message.
        step: seconds from one status to the next.
        held: seconds until a scheduled message is due.
        wait: seconds in the queue of the sender, on top of the steps.
        validity: seconds the message may wait before it is dropped.
        outcome: its last status, if nothing else happens.
        error: Twilio's code for a failure, 0 for none.
        callback: address for status callbacks, or empty.
        canceled: when it was canceled, if it was.
    """

    seq: int
    sid: str
    to: str
    sender: str
    service: str
    body: str
    created: datetime
    parts: int
    first: Status
    step: float = 0.0
    held: float = 0.0
    wait: float = 0.0
    validity: int = LONGEST_QUEUE
    outcome: Status = Status.DELIVERED
    error: int = 0
    callback: str = ""
    canceled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A status, of a message or of a call, and when it began (UTC); `error` is Twilio's code, 0 for none."""

    at: datetime
    status: StrEnum
    error: int = 0


def timeline(message: Message) -> tuple[Moment, ...]:
    """Return every status of `message` in order, the first being the one in the create answer."""
    moments = [Moment(message.created, message.first)]
    if message.first is not Status.RECEIVED:
        moments += _after(message)
    if message.canceled is not None:
        moments = [m for m in moments if m.at < message.canceled] or moments[:1]
        moments.append(Moment(message.canceled, Status.CANCELED))
    return tuple(moments)


def _after(message: Message) -> list[Moment]:
    step = timedelta(seconds=message.step)
    at = message.created + timedelta(seconds=message.held)
    moments = []
    if message.first is not Status.QUEUED:
        at += step
        moments.append(Moment(at, Status.QUEUED))
    if message.wait > message.validity:
        return [*moments, Moment(at + timedelta(seconds=message.validity), Status.FAILED, EXPIRED)]
    at += step + timedelta(seconds=message.wait)
    moments.append(Moment(at, Status.SENDING))
    if message.outcome is not Status.FAILED:
        at += step
        moments.append(Moment(at, Status.SENT))
    if message.outcome is not Status.SENT:
        moments.append(Moment(at + step, message.outcome, message.error))
    return moments


def now_at(message: Message, now: datetime) -> Moment:
    """Return the status `message` has at `now`; before its creation, the first one."""
    moments = timeline(message)
    return next((m for m in reversed(moments) if m.at <= now), moments[0])


def sent_at(message: Message) -> datetime | None:
    """Return when `message` is handed to the carrier, or None if that never happens."""
    return next((m.at for m in timeline(message) if m.status is Status.SENT), None)
