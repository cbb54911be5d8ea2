"""SMS through Twilio's Messaging Service, with the official SDK.

Facts this file rests on (Twilio's error pages): creating a message is not idempotent and has no client key; after a 5xx the
message may exist; 429 (20429) was never processed. There is no field for our own number: it stands in the callback address and,
for people and for the look-up, as the reference code in the text.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from core.settings import Settings
from notify.channels.base import (
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Found,
    InDoubt,
    NotSent,
    Outgoing,
    ProviderStatus,
    Rejected,
    Result,
)
from notify.channels.twilio_http import AnswerHeaders, Line, LineDown, LineLost, TwilioLine, last_answer

REAL = "https://api.twilio.com"
CALLBACK_PATH = "/hooks/twilio/status"
SKEW = timedelta(hours=1)
"""How far our clock and Twilio's may differ. The reference code decides; this only ends the reading of older pages."""

PAGE = 50
# Twilio's codes at the creation of a message; the pages are https://www.twilio.com/docs/api/errors/<code>.
BAD_ADDRESS = frozenset({21211, 21214, 21217, 21401, 21421, 21614, 21635})
STOPS_CHANNEL = frozenset({20003, 20403, 20404, 21603, 21606, 21659, 21701, 21703, 21704, 21705})
QUEUE_FULL = 21611
REFUSALS = (TwilioRestException, TwilioServiceException)
# What the SDK raises when an answer is not what it expects: cut off, no JSON, JSON of another shape.
UNREADABLE = (LineLost, TwilioException, ValueError, KeyError, TypeError, AttributeError)


class TwilioSms:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "sms"
    provider = "twilio_sms"

    def __init__(self, settings: Settings, base_url: str) -> None:
        """Talk to `base_url` (empty: Twilio itself) with the account of the settings."""
        line = Line(base_url, settings.connect_timeout, settings.send_timeout, settings.dispatch_concurrency)
        self._line = TwilioLine(line)
        token = settings.twilio_auth_token.get_secret_value()
        self._client = Client(settings.twilio_account_sid, token, http_client=self._line)
        self._service = settings.twilio_messaging_service_sid
        self._callback = f"{settings.public_base_url}{CALLBACK_PATH}"
        self._host = urlsplit(base_url or REAL).hostname or ""

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._host

    async def send(self, notice: Outgoing) -> Result:
        """Create one message. Never repeated by this class, whatever comes of it."""
        last_answer.set(AnswerHeaders())
        try:
            message = await self._client.messages.create_async(
                to=notice.address,
                body=notice.body,
                messaging_service_sid=self._service,
                status_callback=f"{self._callback}?d={notice.delivery_id}.{notice.attempt}",
                validity_period=min(max(notice.valid_seconds, 1), 36_000),
            )
        except REFUSALS as error:
            return _refused(error)
        except LineDown as error:
            return NotSent("connect", str(error))
        except UNREADABLE as error:
            # An answer that cannot be read (a 201 cut off, no JSON) is a doubt like a lost line.
            return InDoubt("answer", f"{type(error).__name__}: {error}")
        if not message.sid:
            return InDoubt("answer", "no sid in the answer")
        return Accepted(message.sid, str(message.status or "accepted"), 201, last_answer.get().request_id)

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """List what Twilio holds for this number since `since`, and look for the reference code in the texts."""
        found: list[MessageInstance] = []
        try:
            # No DateSent filter: it is null while a message is queued.
            async for message in await self._client.messages.stream_async(to=notice.address, page_size=PAGE):
                if message.date_created is not None and message.date_created < since - SKEW:
                    break
                if message.direction != "inbound" and notice.ref in (message.body or ""):
                    found.append(message)
        except (LineDown, *UNREADABLE) as error:
            return CannotTell(f"{type(error).__name__}: {error}")
        if not found:
            return Absent()
        oldest = found[-1]
        return Found(str(oldest.sid), str(oldest.status), str(oldest.error_code or ""), len(found))

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Fetch one message."""
        try:
            message = await self._client.messages(provider_id).fetch_async()
        except (LineDown, *UNREADABLE) as error:
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
        return ProviderStatus(provider_id, str(message.status), code, fields)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()


def _refused(error: TwilioRestException | TwilioServiceException) -> Result:
    """Say what an error answer means: what is certain, what is not."""
    http, detail = int(error.status), str(error)
    code = int(error.code) if str(error.code).isdecimal() else http
    if http == 429 or code == QUEUE_FULL:
        return NotSent(str(code), detail, last_answer.get().retry_after, throttled=True, http_status=http)
    if http >= 500 or http < 400 or http == 408:
        return InDoubt(str(code), detail, http)
    # No code of Twilio's: something else answered in its place (a proxy, a wrong address), and would do so to everybody.
    stops = code in STOPS_CHANNEL or http == 401 or code == http
    return Rejected(str(code), detail, http, code in BAD_ADDRESS, stops)


def signature_holds(settings: Settings, url: str, form: dict[str, str], signature: str) -> bool:
    """Tell whether Twilio signed this callback: HMAC-SHA1 over the full address and the sorted fields, with the auth token."""
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
    return bool(signature) and bool(validator.validate(url, form, signature))
