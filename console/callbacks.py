"""Callbacks of providers. The signature is checked before anything is read; then the receipt is kept and applied.

Twilio signs the full address it called, as it knows it: scheme and host come from the setting, never from the request.
Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from core.database import writing
from core.errors import StoreBusy
from notify import receipts
from notify.channels.twilio_sms import CALLBACK_PATH, signature_holds
from notify.office import Office

log = structlog.get_logger(__name__)
LARGEST = 64_000
DELIVERY = re.compile("[0-9]{1,18}")


def router(office: Office) -> APIRouter:
    """Return the routes of the callbacks."""
    routes = APIRouter()

    @routes.post(CALLBACK_PATH)
    async def twilio_status(request: Request) -> Response:
        """Take a status callback of Twilio: 204 if it is kept, 403 if the signature does not hold."""
        raw = await _body(request)
        if raw is None:
            return Response(status_code=413)
        # Blank fields are signed too, so they must be kept.
        form = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{office.settings.public_base_url}{request.url.path}{query}"
        if not signature_holds(office.settings, url, form, request.headers.get("X-Twilio-Signature", "")):
            return Response(status_code=403)
        word = read_status(request.query_params.get("d", ""), form)
        if word is None:
            return Response(status_code=400)
        try:
            await run_in_threadpool(_keep, office, word)
        except StoreBusy:
            # Twilio tries once more; if that is lost too, the poller asks.
            return Response(status_code=503, headers={"Retry-After": "5"})
        return Response(status_code=204)

    return routes


def read_status(ours: str, form: dict[str, str]) -> receipts.Word | None:
    """Read a status callback; None if it does not say which delivery or which status. Fields we do not know are kept as they are."""
    number = ours.partition(".")[0]
    status, sid = form.get("MessageStatus", ""), form.get("MessageSid", "")
    if not DELIVERY.fullmatch(number) or not status or not sid:
        return None
    return receipts.Word(int(number), "twilio_sms", sid, status, form.get("ErrorCode", ""), form, "callback")


async def _body(request: Request) -> bytes | None:
    """Return the body; None as soon as it is too large, before the rest of it is read: anybody may call us."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > LARGEST:
            return None
    return bytes(raw)


def _keep(office: Office, word: receipts.Word) -> None:
    with writing(office.engine) as connection:
        if not receipts.accept(connection, word, office.keys, office.clock.now()):
            log.warning("receipt of no delivery we know", delivery=word.delivery_id)
