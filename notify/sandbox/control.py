"""The sandbox's own door: what reached it, for machines below `/_sandbox/` and for people at `/`."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import json
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import orjson
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.clock import Clock, iso
from core.errors import BadInput, WrongSetting
from core.i18n import Message as Sentence
from core.i18n import t
from notify import sms
from notify.sandbox import faults
from notify.sandbox.callbacks import Callbacks, reply_fields
from notify.sandbox.checks import E164, is_url
from notify.sandbox.checks_call import said
from notify.sandbox.dials import Dials
from notify.sandbox.life import Message, Status, now_at
from notify.sandbox.life_call import Call, call_now
from notify.sandbox.records import Mail, Query
from notify.sandbox.store import Store

SHOWN = 200
"""Messages and mails on the page for people."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


def words() -> Mapping[str, Sentence]:
    """Return the sentences of the page."""
    return {
        "title": t("Sandbox"),
        "promise": t("Nothing on this page has left this machine: these messages reached nobody."),
        "counts": t("Totals"),
        "messages": t("Text messages"),
        "calls": t("Calls"),
        "calls_duplicates": t("Called more than once"),
        "duplicates": t("Sent more than once"),
        "inbound": t("Replies"),
        "mail": t("Mail"),
        "mail_duplicates": t("Mail sent more than once"),
        "callbacks": t("Status callbacks"),
        "newest": t("Newest first, at most {count} of each.", count=SHOWN),
        "time": t("Time (UTC)"),
        "to": t("To"),
        "status": t("Status"),
        "parts": t("Parts"),
        "digits": t("Keys"),
        "text": t("Text"),
        "subject": t("Subject"),
        "nothing": t("Nothing yet."),
    }


@dataclasses.dataclass(frozen=True)
class Reply:
    """A reply to play: to which webhook, from and to which number, saying what."""

    url: str
    sender: str
    to: str
    body: str


class Control:
    """The handlers of the control routes."""

    def __init__(self, *, store: Store, dials: Dials, callbacks: Callbacks, clock: Clock, account: str) -> None:
        """Show what is in `store`, turn `dials`, play replies with `callbacks`."""
        self._store = store
        self._dials = dials
        self._callbacks = callbacks
        self._clock = clock
        self._account = account

    async def health(self, request: Request) -> Response:
        """Say that the sandbox is up."""
        return _json({"status": "ok", "sandbox": True})

    async def stats(self, request: Request) -> Response:
        """Return the counts."""
        return _json(dataclasses.asdict(self._store.stats()))

    async def messages(self, request: Request) -> Response:
        """Return the messages, oldest first; `?to=` for one number."""
        now = self._clock.now()
        found = self._store.messages(Query(now=now, to=request.query_params.get("to", "")))
        return _json([self._seen(message) for message in reversed(found)])

    async def calls(self, request: Request) -> Response:
        """Return the calls, oldest first; `?to=` for one number."""
        found = self._store.calls(Query(now=self._clock.now(), to=request.query_params.get("to", "")))
        return _json([self._heard(call) for call in reversed(found)])

    async def mail(self, request: Request) -> Response:
        """Return the mails with their texts decoded, oldest first; `?to=` for one recipient."""
        to = request.query_params.get("to", "")
        return _json([_letter(one) for one in reversed(self._store.mails()) if not to or to in one.recipients])

    async def callbacks(self, request: Request) -> Response:
        """Return what became of each status callback, oldest first."""
        rows = [dataclasses.asdict(one) | {"at": iso(one.at)} for one in self._store.callbacks()]
        return _json(rows)

    async def faults(self, request: Request) -> Response:
        """Turn the faults to the spec in the body."""
        try:
            self._dials.faults = faults.parse((await request.body()).decode("utf-8", "replace"))
        except WrongSetting as wrong:
            return _wrong(wrong.message)
        return _json({"status": "ok"})

    async def reset(self, request: Request) -> Response:
        """Forget every message, mail and callback, and start counting requests anew; the faults stay as they are."""
        self._callbacks.stop_all()
        self._store.clear()
        self._dials.requests, self._dials.free_at = 0, 0.0
        self._dials.stopped.clear()
        return _json({"status": "ok"})

    async def inbound(self, request: Request) -> Response:
        """Play a reply: JSON with `url`, `from`, `to`, `body`."""
        try:
            reply = _reply(await request.body())
        except BadInput as bad:
            return _wrong(bad.message)
        message = Message(
            seq=self._store.next_number(),
            sid=f"SM{uuid4().hex}",
            to=reply.to,
            sender=reply.sender,
            service="",
            body=reply.body,
            created=self._clock.now(),
            parts=sms.count(reply.body).parts,
            first=Status.RECEIVED,
        )
        await self._store.add(message)
        self._dials.reply(reply.sender, reply.body)
        outcome = await self._callbacks.post(reply.url, reply_fields(message, self._account))
        return _json({"sid": message.sid, "outcome": outcome})

    async def page(self, request: Request) -> Response:
        """Show what reached the sandbox."""
        now = self._clock.now()
        found = self._store.messages(Query(now=now, limit=SHOWN))
        html = PAGES.get_template("page.html").render(
            words=words(),
            stats=dataclasses.asdict(self._store.stats()),
            messages=[self._seen(message) for message in found],
            calls=[self._heard(call) for call in self._store.calls(Query(now=now, limit=SHOWN))],
            mails=[_letter(one) for one in self._store.mails(newest=SHOWN)],
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})

    def _seen(self, message: Message) -> Mapping[str, object]:
        moment = now_at(message, self._clock.now())
        return {
            "sid": message.sid,
            "to": message.to,
            "from": message.sender,
            "service": message.service,
            "body": message.body,
            "parts": message.parts,
            "status": moment.status,
            "error_code": moment.error,
            "created": iso(message.created),
            "callback": message.callback,
        }

    def _heard(self, call: Call) -> Mapping[str, object]:
        return {
            "sid": call.sid,
            "to": call.to,
            "from": call.sender,
            "said": said(call.twiml),
            "twiml": call.twiml,
            "status": call_now(call, self._clock.now()).status,
            "digits": call.digits,
            "created": iso(call.created),
            "callback": call.callback,
        }


def control(handlers: Control) -> Starlette:
    """Return the application with all control routes."""
    routes = [
        Route("/", handlers.page),
        Route("/_sandbox/health", handlers.health),
        Route("/_sandbox/stats", handlers.stats),
        Route("/_sandbox/messages", handlers.messages),
        Route("/_sandbox/calls", handlers.calls),
        Route("/_sandbox/mail", handlers.mail),
        Route("/_sandbox/callbacks", handlers.callbacks),
        Route("/_sandbox/faults", handlers.faults, methods=["POST"]),
        Route("/_sandbox/reset", handlers.reset, methods=["POST"]),
        Route("/_sandbox/inbound", handlers.inbound, methods=["POST"]),
    ]
    return Starlette(routes=routes)


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


def _wrong(sentence: Sentence) -> Response:
    return _json({"error": sentence.render("en"), "error_zh": sentence.render("zh")}, 400)


def _reply(raw: bytes) -> Reply:
    """Read a reply.

    Raises:
        BadInput: it is no JSON object, or a field is missing or not of its kind.
    """
    try:
        fields = json.loads(raw)
        reply = Reply(fields["url"], fields["from"], fields["to"], fields["body"])
        fine = is_url(reply.url) and bool(E164.fullmatch(reply.sender)) and bool(E164.fullmatch(reply.to))
        fine = fine and isinstance(reply.body, str)
    except (ValueError, KeyError, TypeError, AttributeError):
        fine = False
    if not fine:
        raise BadInput(t("A reply needs url, from, to and body: an address, two numbers and a text."))
    return reply


def _letter(mail: Mail) -> Mapping[str, object]:
    parsed = email.message_from_bytes(mail.raw, policy=email.policy.default)
    return {
        "received": iso(mail.received),
        "from": mail.sender,
        "to": list(mail.recipients),
        "message_id": mail.message_id,
        "subject": str(parsed.get("Subject", "")),
        "headers": {name: str(value) for name, value in parsed.items()},
        "text": _part(parsed, "plain"),
        "html": _part(parsed, "html"),
        "size": len(mail.raw),
    }


def _part(parsed: EmailMessage, kind: str) -> str:
    """Return the text of the first part of `kind` with plain line ends; empty if there is none to be read."""
    part = parsed.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):
        return ""
