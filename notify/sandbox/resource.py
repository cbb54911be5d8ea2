"""The Message resource on the wire, as Twilio's OpenAPI document describes it. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from notify.sandbox.life import Message, Moment, Status, now_at, sent_at
from notify.sandbox.magic import meanings

VERSION = "2010-04-01"
UNBILLED = frozenset({Status.ACCEPTED, Status.SCHEDULED, Status.QUEUED, Status.SENDING, Status.CANCELED})
UNASSIGNED = frozenset({Status.ACCEPTED, Status.SCHEDULED})
"""While these last a Messaging Service has not chosen a sender, so `from` is null and `num_segments` "0"."""

Wire = dict[str, object]


def resource(message: Message, account: str, moment: Moment, now: datetime) -> Wire:
    """Return `message` as it is answered while in the status `moment`, at `now`."""
    uri = f"/{VERSION}/Accounts/{account}/Messages/{message.sid}"
    unassigned = bool(message.service) and moment.status in UNASSIGNED
    billed = moment.status not in UNBILLED and message.first is not Status.RECEIVED
    sent = sent_at(message) if billed else None
    return {
        "account_sid": account,
        "api_version": VERSION,
        "body": message.body,
        "date_created": rfc2822(int(message.created.timestamp())),
        "date_sent": rfc2822(int(sent.timestamp())) if sent is not None and sent <= now else None,
        "date_updated": rfc2822(int(moment.at.timestamp())),
        "direction": "inbound" if message.first is Status.RECEIVED else "outbound-api",
        "error_code": moment.error or None,
        "error_message": meanings().get(moment.error) if moment.error else None,
        "from": None if unassigned else message.sender,
        "messaging_service_sid": message.service or None,
        "num_media": "0",
        "num_segments": "0" if unassigned else str(message.parts),
        "price": f"{-0.0075 * message.parts:.5f}" if billed else None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": str(moment.status),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def current(message: Message, account: str, now: datetime) -> Wire:
    """Return `message` as it is answered at `now`."""
    return resource(message, account, now_at(message, now), now)


def error(code: int, http: int, message: str) -> Wire:
    """Return Twilio's form of an error."""
    return {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": http,
    }


@lru_cache(maxsize=64)
def rfc2822(second: int) -> str:
    """Return a moment, in whole seconds since 1970, as RFC 2822 writes it."""
    return format_datetime(datetime.fromtimestamp(second, UTC))
