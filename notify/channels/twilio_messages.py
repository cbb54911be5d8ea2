"""What SMS and WhatsApp share: both are Messages of Twilio's API, listed and fetched in the same way."""

from __future__ import annotations

from datetime import datetime, timedelta

from twilio.rest.api.v2010.account.message import MessageInstance

from notify.channels.base import CannotTell, Found, Outgoing, ProviderStatus
from notify.channels.twilio_account import PAGE, UNANSWERED, Account
from notify.channels.twilio_errors import consequence

LONGEST_VALIDITY = 36_000
"""Seconds Twilio keeps a message at most (error 90007)."""

SKEW = timedelta(hours=1)
"""How far our clock and Twilio's may differ. The reference code decides; this only ends the reading of older pages."""


async def sent_to(account: Account, address: str, since: datetime) -> list[MessageInstance] | CannotTell:
    """List what we sent to an address since `since`, newest first, and somewhat more: the clocks may differ."""
    found: list[MessageInstance] = []
    try:
        # No DateSent filter: it is null while a message is queued.
        async for message in await account.client.messages.stream_async(to=address, page_size=PAGE):
            if message.date_created is not None and message.date_created < since - SKEW:
                break
            if message.direction != "inbound":
                found.append(message)
    except UNANSWERED as error:
        return CannotTell(f"{type(error).__name__}: {error}")
    return found


def with_code(messages: list[MessageInstance], notice: Outgoing) -> Found | None:
    """Find the notice among messages by its reference code: the oldest, and how many there are."""
    same = [one for one in messages if notice.ref in (one.body or "")]
    if not same:
        return None
    oldest = same[-1]
    return Found(str(oldest.sid), str(oldest.status), str(oldest.error_code or ""), len(same))


async def message_status(account: Account, provider_id: str) -> ProviderStatus | CannotTell:
    """Fetch one message."""
    try:
        message = await account.client.messages(provider_id).fetch_async()
    except UNANSWERED as error:
        return CannotTell(f"{type(error).__name__}: {error}")
    if not message.status:
        return CannotTell("no status in the answer")
    code = str(message.error_code or "")
    fields = {
        "MessageSid": provider_id,
        "MessageStatus": str(message.status),
        "ErrorCode": code,
        "To": message.to or "",
    }
    return ProviderStatus(provider_id, str(message.status), code, fields, consequence(code))
