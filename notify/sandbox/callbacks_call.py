"""The callbacks of a call: its statuses, who answered, and the keys that are pressed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from notify.sandbox.callbacks import Due, Fields
from notify.sandbox.checks_call import gather_action
from notify.sandbox.faults import Told
from notify.sandbox.life import Moment
from notify.sandbox.life_call import Call, CallStatus, call_timeline, pressed_at
from notify.sandbox.resource import VERSION, rfc2822


def of_call(call: Call, account: str, told: Sequence[Told]) -> list[Due]:
    """Return the callbacks of a call: its statuses, who answered, and the keys that are pressed."""
    dues = [
        Due(one.moment.at, call.sid, call.callback, str(one.moment.status),
            call_fields(call, account, one.moment, extra=one.extra), one.lost)
        for one in told
        if call.callback
    ]  # fmt: skip
    answered = next((one.at for one in call_timeline(call) if one.status is CallStatus.IN_PROGRESS), None)
    who = {
        "AccountSid": account,
        "CallSid": call.sid,
        "AnsweredBy": call.answered_by,
        "MachineDetectionDuration": "900",
    }
    if answered is not None and call.machine_callback and call.answered_by:
        dues.append(Due(answered, call.sid, call.machine_callback, call.answered_by, who))
    pressed = pressed_at(call)
    if pressed is not None and gather_action(call.twiml):
        asked = call_fields(call, account, Moment(pressed, CallStatus.IN_PROGRESS), extra=False)
        dues.append(Due(pressed, call.sid, gather_action(call.twiml), "digit", asked, keys=call.digits))
    return sorted(dues, key=lambda one: one.at)


def call_fields(call: Call, account: str, moment: Moment, *, extra: bool) -> Fields:
    """Return the form of a callback of a call; with `extra` it has a field nobody has heard of."""
    fields = {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "CallSid": call.sid,
        "CallStatus": str(moment.status),
        "Called": call.to,
        "Caller": call.sender,
        "Direction": "outbound-api",
        "From": call.sender,
        "FromCity": "",
        "Timestamp": rfc2822(int(moment.at.timestamp())),
        "To": call.to,
    }
    if moment.status is CallStatus.COMPLETED:
        fields["CallDuration"] = "1"
    if extra:
        fields["SandboxNewField"] = "新"
    return fields
