"""The life of a call at the provider, as a function of time, like that of a message. Pure.

Statuses and their order: Twilio, "Call resource", call status values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from notify.sandbox.life import Moment


class CallStatus(StrEnum):
    """The statuses of Twilio's Call resource; `initiated` is told by callbacks only."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


EVENT = {
    CallStatus.INITIATED: "initiated", CallStatus.RINGING: "ringing", CallStatus.IN_PROGRESS: "answered",
}  # fmt: skip
"""Twilio's names of the events at which a callback may be wished for; every end of a call is `completed`."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the sandbox keeps it.

    Attributes:
        seq: running number in the store.
        sender: the From number.
        twiml: what is said, as it was given.
        created: UTC.
        step: seconds from one status to the next.
        outcome: its last status.
        answered_by: who answered, as the detection of machines says it; empty: it is not asked for, or nobody did.
        digits: keys that are pressed, one for each question.
        callback: address for status callbacks, or empty; `events` for which of them.
        machine_callback: address that is told who answered, or empty.
    """

    seq: int
    sid: str
    to: str
    sender: str
    twiml: str
    created: datetime
    step: float = 0.0
    outcome: CallStatus = CallStatus.COMPLETED
    answered_by: str = ""
    digits: str = ""
    callback: str = ""
    events: tuple[str, ...] = ("completed",)
    machine_callback: str = ""

    @property
    def answered(self) -> bool:
        """Tell whether somebody, or some machine, takes the call."""
        return self.outcome is CallStatus.COMPLETED


def call_timeline(call: Call) -> tuple[Moment, ...]:
    """Return every status of `call` in order, the first being the one in the create answer."""
    statuses = [CallStatus.QUEUED, CallStatus.INITIATED]
    if call.outcome is not CallStatus.FAILED:
        statuses.append(CallStatus.RINGING)
    if call.answered:
        statuses.append(CallStatus.IN_PROGRESS)
    statuses.append(call.outcome)
    return tuple(Moment(call.created + timedelta(seconds=call.step * i), one) for i, one in enumerate(statuses))


def call_now(call: Call, now: datetime) -> Moment:
    """Return the status `call` has at `now`; the API knows no `initiated`, there it is queued."""
    moments = [one for one in call_timeline(call) if one.status is not CallStatus.INITIATED]
    return next((one for one in reversed(moments) if one.at <= now), moments[0])


def wished(call: Call) -> list[Moment]:
    """Return the changes of status at which a callback is wished for."""
    return [one for one in call_timeline(call)[1:] if EVENT.get(CallStatus(one.status), "completed") in call.events]


def pressed_at(call: Call) -> datetime | None:
    """Return when the first key is pressed: while the call lasts; None if none ever is."""
    if not (call.digits and call.answered):
        return None
    begun = next(one.at for one in call_timeline(call) if one.status is CallStatus.IN_PROGRESS)
    return begun + timedelta(seconds=call.step / 2)
