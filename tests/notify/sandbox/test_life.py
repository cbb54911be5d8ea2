"""The life of a message, as a function of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from notify.sandbox.life import Message, Status, now_at, sent_at, timeline

BORN = datetime(2026, 11, 1, tzinfo=UTC)
PLAIN = Message(
    seq=1, sid="SM1", to="+8613812345678", sender="+15005550006", service="", body="x", created=BORN, parts=1,
    first=Status.QUEUED, step=10,
)  # fmt: skip


def statuses(message: Message) -> list[str]:
    """Return the statuses of a life, in order."""
    return [str(moment.status) for moment in timeline(message)]


@pytest.mark.parametrize(
    ("first", "outcome", "expected"),
    [
        (Status.QUEUED, Status.DELIVERED, "queued sending sent delivered"),
        (Status.ACCEPTED, Status.DELIVERED, "accepted queued sending sent delivered"),
        (Status.SCHEDULED, Status.UNDELIVERED, "scheduled queued sending sent undelivered"),
        (Status.QUEUED, Status.FAILED, "queued sending failed"),
        (Status.QUEUED, Status.SENT, "queued sending sent"),
        (Status.RECEIVED, Status.DELIVERED, "received"),
    ],
)
def test_the_order_of_statuses(first: Status, outcome: Status, expected: str) -> None:
    """A message goes through the statuses Twilio names, in order, whatever its beginning and end."""
    assert statuses(replace(PLAIN, first=first, outcome=outcome)) == expected.split()


def test_status_follows_from_the_hour() -> None:
    """The status at any time is the last one that has begun, also when asked before the beginning."""
    seen = [now_at(PLAIN, BORN + timedelta(seconds=s)).status for s in (-1, 0, 9, 10, 20, 1000)]
    assert seen == ["queued", "queued", "queued", "sending", "sent", "delivered"]


def test_what_waits_too_long_expires() -> None:
    """A message whose queue is longer than its validity fails with 30036 when the validity ends, and is never sent."""
    message = replace(PLAIN, wait=61, validity=60)
    last = timeline(message)[-1]
    assert (last.status, last.error, last.at) == (Status.FAILED, 30036, BORN + timedelta(seconds=60))
    assert sent_at(message) is None


def test_a_canceled_message_goes_no_further() -> None:
    """What was canceled keeps that status and is never sent."""
    message = replace(PLAIN, first=Status.SCHEDULED, held=600, canceled=BORN + timedelta(seconds=5))
    assert statuses(message) == ["scheduled", "canceled"]
    assert sent_at(message) is None
