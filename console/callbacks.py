"""Callbacks of Twilio. The signature is checked before anything is read; then the receipt is kept and applied.

Twilio signs the full address it called, as it knows it: scheme and host come from the setting, never from the request.
Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from console.bodies import read_body
from core.database import reading, writing
from core.errors import StoreBusy
from core.tables import Mode
from notify import receipts
from notify.channels import twiml
from notify.channels.twilio_account import CALL_PATH, CALLBACK_PATH, DIGIT_PATH, REPLY_PATH, signature_holds
from notify.channels.twilio_errors import FOR_THE_OFFICE, consequence, meaning
from notify.channels.twilio_voice import call_status
from notify.office import Office
from notify.receipts import Word
from notify.replies import Reply
from notify.safety import inbox
from notify.safety.model import Answer
from notify.sandbox.home_keys import SECRET as NO_SECRET
from notify.store import alerts as alert_store

log = structlog.get_logger(__name__)
LARGEST = 64_000
DELIVERY = re.compile("[0-9]{1,18}")
DIGITS = re.compile(r"[0-9*#]{1,4}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
WHATSAPP = "whatsapp:"

Form = Mapping[str, str]
Read = Callable[[str, Form], Word | None]
KEPT, REFUSED, TOO_LARGE, BUSY = 204, 400, 413, 503


def router(office: Office) -> APIRouter:
    """Return the routes of the callbacks."""
    routes = APIRouter()

    @routes.post(CALLBACK_PATH)
    async def twilio_status(request: Request) -> Response:
        """Take the status of a message: 204 if it is kept, 403 if the signature does not hold."""
        return await _receipt(office, request, read_status)

    @routes.post(CALL_PATH)
    async def twilio_call(request: Request) -> Response:
        """Take the status of a call, or who answered it."""
        return await _receipt(office, request, read_call)

    @routes.post(DIGIT_PATH)
    async def twilio_digit(request: Request) -> Response:
        """Take the key that a listener pressed; answer what Twilio says next."""
        form = await _signed(office, request)
        return form if isinstance(form, Response) else await _digit(office, request, form)

    @routes.post(REPLY_PATH)
    async def twilio_reply(request: Request) -> Response:
        """Take a message to one of our numbers."""
        form = await _signed(office, request)
        return form if isinstance(form, Response) else await _reply(office, form)

    return routes


def read_status(ours: str, form: Form) -> Word | None:
    """Read the status of a message; None if it does not say which delivery or which status. Fields we do not know are kept."""
    number, status, sid = _number(ours), form.get("MessageStatus", ""), form.get("MessageSid", "")
    if number is None or not status or not sid:
        return None
    code = form.get("ErrorCode", "")
    provider = "twilio_whatsapp" if form.get("To", "").startswith(WHATSAPP) else "twilio_sms"
    return Word(number, provider, sid, status, code, form, "callback", consequence(code))


def read_call(ours: str, form: Form) -> Word | None:
    """Read the status of a call, or what the detection of answering machines found; that one is kept and changes nothing."""
    number, sid = _number(ours), form.get("CallSid", "")
    said = form.get("CallStatus", "")
    status, code = call_status(said) if said else (form.get("AnsweredBy", ""), "")
    if number is None or not status or not sid:
        return None
    code = form.get("ErrorCode", "") or code
    return Word(number, "twilio_voice", sid, status, code, form, "callback", consequence(code))


def read_digit(ours: str, form: Form, *, asks: bool = False) -> Word | None:
    """Read which key was pressed: a right one means that somebody heard the notice, any other is only kept.

    Args:
        asks: the notice asked whether its reader is safe, so that 2 is a right one too.
    """
    number, sid, digits = _number(ours), form.get("CallSid", ""), form.get("Digits", "")
    if number is None or not sid or not DIGITS.fullmatch(digits):
        return None
    right = digits == twiml.CONFIRMING or (asks and digits == twiml.HELP)
    status = "read" if right else f"digit-{digits}"
    return Word(number, "twilio_voice", sid, status, "", form, "callback")


def read_reply(form: Form) -> Reply | None:
    """Read a message to one of our numbers; None if it does not say from whom."""
    sender, sid = form.get("From", ""), form.get("MessageSid", "")
    channel = "whatsapp" if sender.startswith(WHATSAPP) else "sms"
    number = sender.removeprefix(WHATSAPP)
    if not NUMBER.fullmatch(number) or not sid:
        return None
    opted = form.get("OptOutType", "").upper()
    return Reply(
        channel, number, form.get("Body", ""), f"twilio_{channel}", sid, opted == "STOP", form, opted == "START"
    )


def _number(ours: str) -> int | None:
    number = ours.partition(".")[0]
    return int(number) if DELIVERY.fullmatch(number) else None


async def _signed(office: Office, request: Request) -> Form | Response:
    """Return the form of a callback that Twilio signed, or why it is turned away."""
    raw = await read_body(request, LARGEST)
    if raw is None:
        return _answer(TOO_LARGE)
    # Blank fields are signed too, so they must be kept.
    form = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{office.settings.public_base_url}{request.url.path}{query}"
    if not signature_holds(office.settings, url, form, request.headers.get("X-Twilio-Signature", "")):
        return _answer(403)
    # An office without Twilio: everybody knows what this setting holds until somebody has put a secret there.
    known = office.settings.twilio_auth_token.get_secret_value() == NO_SECRET
    return _answer(403) if known and not await run_in_threadpool(_plays, office) else form


def _plays(office: Office) -> bool:
    with reading(office.engine) as connection:
        return Mode(alert_store.instance(connection).mode) is Mode.SANDBOX


async def _receipt(office: Office, request: Request, read: Read) -> Response:
    form = await _signed(office, request)
    if isinstance(form, Response):
        return form
    word = read(request.query_params.get("d", ""), form)
    if word is None:
        return _answer(REFUSED)
    return _answer(KEPT if await _kept(office, word) else BUSY)


async def _digit(office: Office, request: Request, form: Form) -> Response:
    query = request.query_params
    asks = query.get("a", "") == "1"
    word = read_digit(query.get("d", ""), form, asks=asks)
    if word is None:
        return _answer(REFUSED)
    language, turn = query.get("l", ""), int(query["n"]) if DELIVERY.fullmatch(query.get("n", "")) else 1
    if asks and word.status == "read":
        said = await run_in_threadpool(inbox.press, office, word, form.get("Digits", ""))
        if said is Answer.UNCLEAR:  # nobody is told that they are noted as safe who is not
            return _say(twiml.thanks(language))
        if said is not None:
            return _say(twiml.answered(language, help_wanted=said is Answer.HELP))
    if await _kept(office, word) and word.status == "read":
        return _say(twiml.thanks(language))
    # A wrong key, or a database that is busy: then the key must come once more, or it would be lost.
    if turn >= twiml.ROUNDS:
        return _say(twiml.goodbye(language))
    more = urlencode({"d": query.get("d", ""), "l": language, "n": turn + 1} | ({"a": "1"} if asks else {}))
    return _say(twiml.again(language, f"{office.settings.public_base_url}{DIGIT_PATH}?{more}", ask=asks))


async def _reply(office: Office, form: Form) -> Response:
    reply = read_reply(form)
    if reply is None:
        return _answer(REFUSED)
    try:
        taken = await run_in_threadpool(inbox.take, office, reply)
    except OSError:  # no disk either
        return _answer(BUSY)
    if taken is not None:
        log.warning("somebody wrote back", message=reply.provider_id, delivery=taken.delivery_id, stopped=taken.stopped,
                    resumed=taken.resumed)  # fmt: skip
    return _answer(KEPT)


async def _kept(office: Office, word: Word) -> bool:
    """Keep a receipt and apply it; False if the database is busy."""
    try:
        known = await run_in_threadpool(_keep, office, word)
    except StoreBusy:
        return False
    if not known:
        log.warning("receipt of no delivery we know", delivery=word.delivery_id)
    told = meaning(word.error_code)
    if told.effect in FOR_THE_OFFICE:
        log.error("provider trouble", delivery=word.delivery_id, code=word.error_code, meaning=told.words)
    return True


def _keep(office: Office, word: Word) -> bool:
    with writing(office.engine) as connection:
        return receipts.accept(connection, word, office.keys, office.clock.now())


def _answer(status: int) -> Response:
    """Return an answer without words. After a 503 Twilio tries once more; if that is lost too, the poller asks."""
    return Response(status_code=status, headers={"Retry-After": "5"} if status == BUSY else None)


def _say(words: str) -> Response:
    return Response(words, media_type="application/xml")
