"""The Call resource on the wire, as Twilio's OpenAPI document describes it. Pure."""

from __future__ import annotations

from datetime import datetime

from notify.sandbox.life import Moment
from notify.sandbox.life_call import Call, CallStatus, call_now, call_timeline
from notify.sandbox.resource import VERSION, Wire, rfc2822

SUBRESOURCES = {
    "notifications": "Notifications", "recordings": "Recordings", "payments": "Payments", "events": "Events",
    "siprec": "Siprec", "streams": "Streams", "transcriptions": "Transcriptions",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions", "user_defined_messages": "UserDefinedMessages",
}  # fmt: skip


def call_resource(call: Call, account: str, moment: Moment, now: datetime) -> Wire:
    """Return `call` as it is answered while in the status `moment`, at `now`."""
    uri = f"/{VERSION}/Accounts/{account}/Calls/{call.sid}"
    over = moment.status is CallStatus.COMPLETED
    begun = _begun(call, now)
    seconds = int((moment.at - begun).total_seconds()) if over and begun else 0
    return {
        "account_sid": account,
        "answered_by": (call.answered_by or None) if begun else None,
        "api_version": VERSION,
        "caller_name": None,
        "date_created": rfc2822(int(call.created.timestamp())),
        "date_updated": rfc2822(int(moment.at.timestamp())),
        "direction": "outbound-api",
        "duration": str(seconds) if over else None,
        "end_time": rfc2822(int(moment.at.timestamp())) if over else None,
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": f"PN{0:032x}",
        "price": "-0.01400" if over else None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(int(begun.timestamp())) if begun else None,
        "status": str(moment.status),
        "subresource_uris": {name: f"{uri}/{path}.json" for name, path in SUBRESOURCES.items()},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def current_call(call: Call, account: str, now: datetime) -> Wire:
    """Return `call` as it is answered at `now`."""
    return call_resource(call, account, call_now(call, now), now)


def _begun(call: Call, now: datetime) -> datetime | None:
    begun = next((one.at for one in call_timeline(call) if one.status is CallStatus.IN_PROGRESS), None)
    return begun if begun is not None and begun <= now else None
