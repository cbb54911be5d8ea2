"""Our account at Twilio: what SMS, WhatsApp and voice share. The SDK's client, our addresses for callbacks, their signature.

Facts all three rest on (Twilio's error pages): creating is not idempotent and has no client key; after a 5xx the thing may
exist; 429 (20429) was never processed. There is no field for our own number: it stands in the address of the callback.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from core.settings import Settings
from notify.channels.base import Accepted, InDoubt, NotSent, Outgoing, Result
from notify.channels.twilio_errors import refused
from notify.channels.twilio_http import AnswerHeaders, Line, LineDown, LineLost, TwilioLine, last_answer

REAL = "https://api.twilio.com"
CALLBACK_PATH = "/hooks/twilio/status"
CALL_PATH = "/hooks/twilio/call"
DIGIT_PATH = "/hooks/twilio/digit"
REPLY_PATH = "/hooks/twilio/reply"

PAGE = 50
REFUSALS = (TwilioRestException, TwilioServiceException)
# What the SDK raises when an answer is not what it expects: cut off, no JSON, JSON of another shape.
UNREADABLE = (LineLost, TwilioException, ValueError, KeyError, TypeError, AttributeError)
UNANSWERED = (LineDown, *UNREADABLE)


class Account:
    """The account of the settings at `base_url` (empty: Twilio itself). Safe for many calls at once in one event loop."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        """Prepare the client; nothing is opened yet."""
        line = Line(base_url, settings.connect_timeout, settings.send_timeout, settings.dispatch_concurrency)
        self._line = TwilioLine(line)
        token = settings.twilio_auth_token.get_secret_value()
        self.client = Client(settings.twilio_account_sid, token, http_client=self._line)
        self.service = settings.twilio_messaging_service_sid
        self._public = settings.public_base_url
        self.host = urlsplit(base_url or REAL).hostname or ""

    def hook(self, path: str, notice: Outgoing, **more: str) -> str:
        """Return the address under which Twilio tells us of one attempt; the numbers in it are part of its signature."""
        query = urlencode({"d": f"{notice.delivery_id}.{notice.attempt}", **more})
        return f"{self._public}{path}?{query}"

    async def create(self, call: Awaitable[Any]) -> Result:
        """Make one create call of the SDK and say what came of it. Never repeated, whatever that is."""
        last_answer.set(AnswerHeaders())
        try:
            made = await call
        except REFUSALS as error:
            return refused(str(error.code), int(error.status), str(error), last_answer.get().retry_after)
        except LineDown as error:
            return NotSent("connect", str(error))
        except UNREADABLE as error:
            # An answer that cannot be read (a 201 cut off, no JSON) is a doubt like a lost line.
            return InDoubt("answer", f"{type(error).__name__}: {error}")
        if not made.sid:
            return InDoubt("answer", "no sid in the answer")
        return Accepted(made.sid, str(made.status or "accepted"), 201, last_answer.get().request_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()


def signature_holds(settings: Settings, url: str, form: Mapping[str, str], signature: str) -> bool:
    """Tell whether Twilio signed this callback: HMAC-SHA1 over the full address and the sorted fields, with the auth token."""
    token = settings.twilio_auth_token.get_secret_value()
    # Without a token anybody can sign.
    return bool(token and signature) and bool(RequestValidator(token).validate(url, dict(form), signature))
