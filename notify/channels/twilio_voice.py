"""Calls through Twilio: a notice is read out, and the listener confirms it by a digit.

"completed" only says that a call was taken, perhaps by a machine: it counts as sent. Only the digit counts as read; it comes
by a callback of its own (console/callbacks.py). Twilio does not call mainland China (since 2023-11-30).

A call carries no text and no field of ours, so a doubt is resolved by its callbacks, which name our attempt, and else by the
list of calls to this number since the attempt began. That list cannot tell two notices to one number apart: what it finds is
marked as not certain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from twilio.rest.api.v2010.account.call import CallInstance

from core.settings import Settings
from notify.channels.base import (
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Found,
    NoLookup,
    Outgoing,
    ProviderStatus,
    Rejected,
    Result,
)
from notify.channels.twilio_account import CALL_PATH, DIGIT_PATH, PAGE, UNANSWERED, Account
from notify.channels.twiml import TooLong, notice_call

OURS_SINCE = timedelta(seconds=5)
"""A call that Twilio dates at most this much before our attempt can be that attempt's: its dates have whole seconds."""

SKEW = timedelta(hours=1)
"""How far our clock and Twilio's may differ: a call in this time before the attempt proves nothing in either direction."""

EVENTS = ["initiated", "ringing", "answered", "completed"]
STATUSES = {
    "queued": "queued", "initiated": "queued", "ringing": "sending", "in-progress": "sending", "completed": "sent",
    "busy": "undelivered", "no-answer": "undelivered", "canceled": "undelivered", "failed": "failed",
}  # fmt: skip
"""Twilio's words for a call, as the words of `base.RANKS`."""

NOT_REACHED = frozenset({"busy", "no-answer", "canceled", "failed"})


class TwilioVoice:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "voice"
    provider = "twilio_voice"

    def __init__(self, settings: Settings, base_url: str, caller: str) -> None:
        """Talk to `base_url` (empty: Twilio itself) and call from the number `caller`."""
        self._account = Account(settings, base_url)
        self._from = caller
        self._rings = settings.voice_rings

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._account.host

    async def send(self, notice: Outgoing) -> Result:
        """Start one call. Never repeated by this class, whatever comes of it."""
        status = self._account.hook(CALL_PATH, notice)
        asks = {"a": "1"} if notice.ask else {}
        digit = self._account.hook(DIGIT_PATH, notice, l=notice.language, **asks)
        try:
            # A service message (a code) is no notice: nobody looks it up, so no reference is read out.
            spoken = notice_call(
                notice.body, notice.ref if notice.delivery_id else "", notice.language, digit, ask=notice.ask
            )
        except TooLong:
            return Rejected("too-long", "the text does not fit into one call")
        result = await self._account.create(
            self._account.client.calls.create_async(
                to=notice.address,
                from_=self._from,
                twiml=spoken,
                timeout=self._rings,
                status_callback=status,
                status_callback_event=EVENTS,
                # In the background: else whoever answers hears nothing for some seconds, and hangs up.
                machine_detection="Enable",
                async_amd="true",
                async_amd_status_callback=status,
            )
        )
        if isinstance(result, Accepted):
            return Accepted(result.provider_id, call_status(result.status)[0], result.http_status, result.request_id)
        return result

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Look for a call of ours to this number since the first attempt began.

        One is found, not with certainty. None at all is proof. More than one, or one shortly before the attempt, may be that
        attempt's or another notice's: then there is no look-up, and severity decides.
        """
        found: list[CallInstance] = []
        try:
            async for call in await self._account.client.calls.stream_async(to=notice.address, page_size=PAGE):
                if call.date_created is not None and call.date_created < since - SKEW:
                    break
                if call.direction != "inbound":
                    found.append(call)
        except UNANSWERED as error:
            return CannotTell(f"{type(error).__name__}: {error}")
        if not found:
            return Absent()
        ours = [one for one in found if one.date_created is None or one.date_created >= since - OURS_SINCE]
        if len(ours) != 1:
            return NoLookup()
        return Found(str(ours[0].sid), *call_status(str(ours[0].status)), certain=False)

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Fetch one call."""
        try:
            call = await self._account.client.calls(provider_id).fetch_async()
        except UNANSWERED as error:
            return CannotTell(f"{type(error).__name__}: {error}")
        if not call.status:
            return CannotTell("no status in the answer")
        said = str(call.status)
        status, code = call_status(said)
        fields = {"CallSid": provider_id, "CallStatus": said, "To": call.to or "", "AnsweredBy": call.answered_by or ""}
        return ProviderStatus(provider_id, status, code, fields)

    async def close(self) -> None:
        """Close the connections."""
        await self._account.close()


def call_status(said: str) -> tuple[str, str]:
    """Return the status of a call in our words, and why nobody was reached; a word we do not know stays as it is. Pure."""
    return STATUSES.get(said, said), said if said in NOT_REACHED else ""
