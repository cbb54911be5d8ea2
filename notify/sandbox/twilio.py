"""Twilio's Messages API, as an ASGI application: create, fetch, list and cancel, with faults on demand."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from uuid import uuid4

from starlette.types import Receive, Scope, Send

from core.clock import Clock
from core.errors import NotFound
from notify import sms
from notify.sandbox import checks, paging
from notify.sandbox.callbacks import Callbacks
from notify.sandbox.checks import Refusal, Wanted
from notify.sandbox.dials import Account, Dials
from notify.sandbox.faults import AFTER, Fault, Plan, Told, plan_callbacks, plan_request
from notify.sandbox.life import LONGEST_QUEUE, Message, Moment, Status, now_at, timeline
from notify.sandbox.magic import Magic, When, magic
from notify.sandbox.resource import VERSION, Wire, current, error, resource
from notify.sandbox.store import Store
from notify.sandbox.wire import Answer, as_json, as_page, basic, gone, header, pairs, read_body, send_answer

POOL_SENDER = "+15005550006"
"""The number a Messaging Service sends from; Twilio's own test number for a valid sender."""

RETRY_AFTER = 1
PATH = re.compile(rf"/{VERSION}/Accounts/([^/]+)/Messages(?:/([^/]+))?\.json")
FAULT_OF = {When.STORED: Fault.ERROR_AFTER, When.HANG: Fault.HANG_AFTER, When.RESET: Fault.RESET_AFTER,
            When.GARBLED: Fault.GARBLED_AFTER}  # fmt: skip

Cut = Callable[[Scope], None]
"""Resets the connection of a request."""


class Twilio:
    """The application for everything below `/2010-04-01/`."""

    def __init__(
        self, *, account: Account, dials: Dials, store: Store, callbacks: Callbacks, clock: Clock, cut: Cut
    ) -> None:
        """Keep messages in `store`, tell their fate with `callbacks`; `cut` resets a connection."""
        self._account = account
        self._dials = dials
        self._store = store
        self._callbacks = callbacks
        self._clock = clock
        self._cut = cut
        self._authorization = basic(account.sid, account.token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._dials.in_flight += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self._dials.in_flight -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        refusal = self._door(scope)
        if refusal is not None:
            await send_answer(send, refusal)
            return
        self._dials.requests += 1
        plan = plan_request(self._dials.faults, self._dials.seed, self._dials.requests)
        if plan.delay:
            await asyncio.sleep(plan.delay)
        most = self._dials.faults.max_concurrency
        if plan.fault is Fault.RATE_LIMIT or (most and self._dials.in_flight > most):
            await send_answer(send, _refuse(Refusal(20429, 429, "Too Many Requests")))
            return
        if plan.fault is not Fault.NONE and plan.fault not in AFTER:
            await self._play(plan.fault, scope, receive, send)
            return
        found = PATH.fullmatch(scope["path"])
        sid = found.group(2) if found else ""
        if scope["method"] == "POST" and not sid:
            await self._create(body, plan, scope, receive, send)
        elif scope["method"] == "POST":
            await send_answer(send, self._cancel(sid, body))
        else:
            await send_answer(send, self._fetch(sid) if sid else self._list(scope))

    def _door(self, scope: Scope) -> Answer | None:
        """Return why the request is turned away at the door, or None to let it in."""
        found = PATH.fullmatch(scope["path"])
        if not hmac.compare_digest(header(scope, b"authorization"), self._authorization):
            return _refuse(Refusal(20003, 401, "Authenticate"))
        if not found or found.group(1) != self._account.sid:
            return _missing(scope["path"])
        if scope["method"] not in {"GET", "POST"}:
            return _refuse(Refusal(20004, 405, "Method not allowed"))
        form = b"application/x-www-form-urlencoded"
        if scope["method"] == "POST" and not header(scope, b"content-type").startswith(form):
            return _refuse(Refusal(20415, 415, "Unsupported media type: send a form"))
        return None

    async def _create(self, body: bytes, plan: Plan, scope: Scope, receive: Receive, send: Send) -> None:
        taken = self._take(body)
        if isinstance(taken, Refusal):
            await send_answer(send, _refuse(taken))
            return
        message, trick = taken
        await self._store.add(message)
        told = self._told(message)
        if plan.early and told:
            await self._callbacks.tell(message, told.pop(0))
        fault = FAULT_OF.get(trick.when, plan.fault)
        if fault is Fault.NONE:
            first = Moment(message.created, message.first)
            await send_answer(send, as_json(201, resource(message, self._account.sid, first, message.created)))
            self._callbacks.follow(message, told)
        else:
            self._callbacks.follow(message, told)
            await self._play(fault, scope, receive, send, trick)

    def _told(self, message: Message) -> list[Told]:
        if not message.callback:
            return []
        return list(plan_callbacks(self._dials.faults, self._dials.seed, message.seq, timeline(message)[1:]))

    def _take(self, body: bytes) -> tuple[Message, Magic] | Refusal:
        """Check a create call and make a message of it, not stored yet; or say why it is refused."""
        now = self._clock.now()
        wanted = checks.read(pairs(body), now)
        if isinstance(wanted, Refusal):
            return wanted
        trick = magic(wanted.to)
        if trick.when is When.REFUSED:
            return Refusal(trick.code, trick.http, trick.meaning)
        if wanted.to in self._dials.stopped:
            return Refusal(21610, 400, "Attempt to send to unsubscribed recipient")
        parts = sms.count(wanted.body).parts
        wait = self._queue(parts, now.timestamp())
        if wait > LONGEST_QUEUE:
            return Refusal(21611, 400, "The queue of the sender is full")
        return self._message(wanted, trick, parts, wait), trick

    def _queue(self, parts: int, now: float) -> float:
        """Return how long a message of `parts` waits in the sender's queue, in seconds, and give it its place."""
        if not self._dials.faults.mps:
            return 0.0
        wait = max(0.0, self._dials.free_at - now)
        if wait <= LONGEST_QUEUE:
            self._dials.free_at = now + wait + parts / self._dials.faults.mps
        return wait

    def _message(self, wanted: Wanted, trick: Magic, parts: int, wait: float) -> Message:
        first = Status.ACCEPTED if wanted.service else Status.QUEUED
        return Message(
            seq=self._store.next_number(),
            sid=f"SM{uuid4().hex}",
            to=wanted.to,
            sender=wanted.sender or POOL_SENDER,
            service=wanted.service,
            body=wanted.body,
            created=self._clock.now(),
            parts=parts,
            first=Status.SCHEDULED if wanted.held else first,
            step=self._dials.faults.step,
            held=wanted.held,
            wait=LONGEST_QUEUE + 1 if trick.code == 30036 else wait,
            validity=wanted.validity,
            outcome=trick.status,
            error=trick.code if trick.when is When.CALLBACK else 0,
            callback=wanted.callback,
        )

    def _fetch(self, sid: str) -> Answer:
        try:
            return as_json(200, current(self._store.find(sid), self._account.sid, self._clock.now()))
        except NotFound:
            return _missing(f"/{VERSION}/Accounts/{self._account.sid}/Messages/{sid}.json")

    def _list(self, scope: Scope) -> Answer:
        now = self._clock.now()
        asked = paging.read(pairs(scope["query_string"]), self._store, now)
        if isinstance(asked, Refusal):
            return _refuse(asked)
        messages = self._store.messages(asked.query)
        wires = [current(message, self._account.sid, now) for message in messages]
        return as_json(200, paging.envelope(asked, wires, scope["path"]))

    def _cancel(self, sid: str, body: bytes) -> Answer:
        now = self._clock.now()
        try:
            message = self._store.find(sid)
        except NotFound:
            return _missing(f"/{VERSION}/Accounts/{self._account.sid}/Messages/{sid}.json")
        if pairs(body).get("Status") != "canceled":
            return _refuse(Refusal(20001, 400, "The sandbox only plays Status=canceled"))
        if now_at(message, now).status is not Status.SCHEDULED:
            return _refuse(Refusal(30409, 400, "This message cannot be canceled"))
        self._store.cancel(sid, now)
        canceled = replace(message, canceled=now)
        self._callbacks.stop(sid)
        self._callbacks.follow(canceled, [Told(Moment(now, Status.CANCELED))])
        return as_json(200, self._wire(canceled))

    def _wire(self, message: Message) -> Wire:
        return current(message, self._account.sid, self._clock.now())

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, send: Send, trick: Magic | None = None) -> None:
        """Let `fault` happen to a request."""
        if fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER}:
            code, http = (trick.code, trick.http) if trick and trick.http else (20500, 500)
            await send_answer(send, _refuse(Refusal(code, http, "Internal Server Error")))
        elif fault is Fault.GARBLED_AFTER:
            await send_answer(send, Answer(201, b'{"sid": "SM'))
        else:
            if fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
                self._cut(scope)
            await gone(receive)


def _refuse(refusal: Refusal) -> Answer:
    if not refusal.code:
        return as_page(refusal.http, HTTPStatus(refusal.http).phrase)
    headers = [(b"retry-after", str(RETRY_AFTER).encode())] if refusal.http == 429 else []
    return as_json(refusal.http, error(refusal.code, refusal.http, refusal.message), headers)


def _missing(path: str) -> Answer:
    return _refuse(Refusal(20404, 404, f"The requested resource {path} was not found"))
