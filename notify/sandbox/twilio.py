"""Twilio's API as an ASGI application: the door, and faults on demand. What lies behind is in `twilio_messages`, `twilio_calls`."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from core.clock import Clock
from notify.sandbox.callbacks import Callbacks
from notify.sandbox.checks import Refusal
from notify.sandbox.dials import Account, Dials
from notify.sandbox.faults import AFTER, Fault, Plan, plan_request
from notify.sandbox.magic import Magic, When
from notify.sandbox.resource import VERSION
from notify.sandbox.store import Store
from notify.sandbox.twilio_calls import Calls
from notify.sandbox.twilio_messages import Messages
from notify.sandbox.twilio_resource import Made, Resource, missing, refuse
from notify.sandbox.wire import Answer, as_json, basic, gone, header, read_body, send_answer

PATH = re.compile(rf"/{VERSION}/Accounts/([^/]+)/(Messages|Calls)(?:/([^/]+))?\.json")
FAULT_OF = {When.STORED: Fault.ERROR_AFTER, When.HANG: Fault.HANG_AFTER, When.RESET: Fault.RESET_AFTER,
            When.GARBLED: Fault.GARBLED_AFTER}  # fmt: skip

Cut = Callable[[Scope], None]
"""Resets the connection of a request."""


class Twilio:
    """The application for everything below `/2010-04-01/`."""

    def __init__(
        self, *, account: Account, dials: Dials, store: Store, callbacks: Callbacks, clock: Clock, cut: Cut
    ) -> None:
        """Keep messages and calls in `store`, tell their fate with `callbacks`; `cut` resets a connection."""
        self._account = account
        self._dials = dials
        self._callbacks = callbacks
        self._cut = cut
        self._authorization = basic(account.sid, account.token)
        self._kinds: dict[str, Resource] = {
            "Messages": Messages(account=account, dials=dials, store=store, callbacks=callbacks, clock=clock),
            "Calls": Calls(account=account, dials=dials, store=store, clock=clock),
        }

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
            await send_answer(send, refuse(Refusal(20429, 429, "Too Many Requests")))
            return
        if plan.fault is not Fault.NONE and plan.fault not in AFTER:
            await self._play(plan.fault, scope, receive, send)
            return
        found = PATH.fullmatch(scope["path"])
        kind, sid = (self._kinds[found.group(2)], found.group(3)) if found else (self._kinds["Messages"], "")
        if scope["method"] == "POST" and not sid:
            await self._create(kind.take(body), plan, scope, receive, send)
        elif scope["method"] == "POST":
            await send_answer(send, kind.change(sid, body))
        else:
            await send_answer(send, kind.fetch(sid) if sid else kind.page(scope))

    def _door(self, scope: Scope) -> Answer | None:
        """Return why the request is turned away at the door, or None to let it in."""
        found = PATH.fullmatch(scope["path"])
        if not hmac.compare_digest(header(scope, b"authorization"), self._authorization):
            return refuse(Refusal(20003, 401, "Authenticate"))
        if not found or found.group(1) != self._account.sid:
            return missing(scope["path"])
        if scope["method"] not in {"GET", "POST"}:
            return refuse(Refusal(20004, 405, "Method not allowed"))
        form = b"application/x-www-form-urlencoded"
        if scope["method"] == "POST" and not header(scope, b"content-type").startswith(form):
            return refuse(Refusal(20415, 415, "Unsupported media type: send a form"))
        return None

    async def _create(self, made: Made | Refusal, plan: Plan, scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(made, Refusal):
            await send_answer(send, refuse(made))
            return
        await made.keep()
        dues = list(made.dues)
        if plan.early and dues:
            await self._callbacks.tell(dues.pop(0))
        fault = FAULT_OF.get(made.trick.when, plan.fault)
        if fault is Fault.NONE:
            await send_answer(send, as_json(201, made.answer))
            self._callbacks.follow(made.sid, dues)
        else:
            self._callbacks.follow(made.sid, dues)
            await self._play(fault, scope, receive, send, made.trick)

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, send: Send, trick: Magic | None = None) -> None:
        """Let `fault` happen to a request."""
        if fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER}:
            code, http = (trick.code, trick.http) if trick and trick.http else (20500, 500)
            await send_answer(send, refuse(Refusal(code, http, "Internal Server Error")))
        elif fault is Fault.GARBLED_AFTER:
            await send_answer(send, Answer(201, b'{"sid": "SM'))
        else:
            if fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
                self._cut(scope)
            await gone(receive)
