"""The door of the sandbox's providers at home: reads requests, plays faults, keeps what is taken, pushes receipts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from starlette.types import Receive, Scope, Send

from core.clock import Clock
from core.errors import NotFound
from notify import sms
from notify.channels import signing
from notify.sandbox import bots, domestic
from notify.sandbox import home_keys as keys
from notify.sandbox.asked import Asked, Taken
from notify.sandbox.callbacks import is_loopback
from notify.sandbox.dials import Dials
from notify.sandbox.faults import AFTER, Fault, Plan, Told, plan_callbacks, plan_request
from notify.sandbox.life import Message, Moment, Status, timeline
from notify.sandbox.records import Called, Query
from notify.sandbox.store import Store
from notify.sandbox.twilio import Cut
from notify.sandbox.wire import Answer, as_json, as_page, gone, pairs, read_body, send_answer

PUSHES = "/_sandbox/pushes"
TOKENS = "/_sandbox/tokens"
ONCE = "-once"
HASH = "#"
REPEAT_WINDOW = 1_800


class Home:
    """The application for every path of a provider at home.

    Where receipts are pushed is said as in the console of a cloud: `POST /_sandbox/pushes` with an address for each provider.
    """

    def __init__(self, *, dials: Dials, store: Store, session: aiohttp.ClientSession, clock: Clock, cut: Cut) -> None:
        """Keep messages in `store`, push with `session`; `cut` resets a connection."""
        self._dials, self._store, self._session, self._clock, self._cut = dials, store, session, clock, cut
        self._chats = bots.Chats()
        self._pushes: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # What the gateway has by reference, also from before a kill.
        every = store.messages(Query(now=clock.now()))
        self._references = {one.sid.partition(HASH)[2]: one.sid for one in every if HASH in one.sid}

    def handles(self, scope: Scope) -> bool:
        """Tell whether a request is for a provider at home."""
        path = scope["path"]
        ours = path.startswith((*bots.PATHS, keys.GATEWAY_PATH)) or path in {PUSHES, TOKENS}
        return bool(ours or (path == "/" and scope["method"] == "POST"))

    def stop_all(self) -> None:
        """Push nothing more."""
        for task in self._tasks:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = await self._read(scope, receive)
        if asked.path in {PUSHES, TOKENS}:
            await send_answer(send, self._control(asked))
            return
        self._dials.requests += 1
        plan = plan_request(self._dials.faults, self._dials.seed, self._dials.requests)
        if plan.delay:
            await asyncio.sleep(plan.delay)
        if plan.fault is Fault.RATE_LIMIT:
            await send_answer(send, bots.throttled(asked.path) if _is_chat(asked) else domestic.throttled(asked))
        elif plan.fault is not Fault.NONE and plan.fault not in AFTER:
            await self._play(plan.fault, scope, receive, send)
        else:
            await self._serve(asked, plan, scope, receive, send)

    async def _serve(self, asked: Asked, plan: Plan, scope: Scope, receive: Receive, send: Send) -> None:
        reply = self._answer(asked)
        if isinstance(reply, Answer):
            await send_answer(send, reply)
            return
        answer = await self._keep(reply, asked)
        if reply.trick or plan.fault is not Fault.NONE:
            await self._play(plan.fault if plan.fault is not Fault.NONE else Fault.ERROR_AFTER, scope, receive, send)
        else:
            await send_answer(send, answer)

    def _answer(self, asked: Asked) -> Taken | Answer:
        if _is_chat(asked):
            return self._chats.answer(asked)
        if asked.path.startswith(keys.GATEWAY_PATH):
            return domestic.gateway(asked, self._kept)
        if "x-tc-action" in asked.headers:
            return domestic.tencent(asked, self._kept)
        return domestic.aliyun(asked, self._kept)

    def _kept(self, whom: str) -> Sequence[Message]:
        """Return the messages to a number, or of the gateway under a reference (`#…`), newest first."""
        if whom.startswith(HASH):
            with contextlib.suppress(NotFound, KeyError):  # A reset forgets messages.
                return [self._store.find(self._references[whom.removeprefix(HASH)])]
            return []
        return self._store.messages(Query(now=self._clock.now(), to=whom))

    async def _keep(self, taken: Taken, asked: Asked) -> Answer:
        """Store what was taken, and push its fate later; a repeat that the provider drops is stored once."""
        if taken.provider.endswith(ONCE):
            for had in self._kept(taken.to):
                if had.body == taken.body and (asked.now - had.created).total_seconds() <= REPEAT_WINDOW:
                    return taken.answer(had.sid)
        seq = self._store.next_number()
        outcome = Status.UNDELIVERED if taken.failure else Status.SENT if taken.final else Status.DELIVERED
        message = Message(
            seq=seq, sid=taken.name(seq), to=taken.to, sender=taken.sender, service=taken.provider.removesuffix(ONCE),
            body=taken.body, created=asked.now, parts=sms.count(taken.body).parts, first=Status.QUEUED,
            step=self._dials.faults.step, outcome=outcome,
        )  # fmt: skip
        await self._store.add(message)
        if HASH in message.sid:
            self._references[message.sid.partition(HASH)[2]] = message.sid
        if not taken.final:
            self._follow(message)
        return taken.answer(message.sid)

    def _follow(self, message: Message) -> None:
        url = self._pushes.get(message.service, "")
        last = timeline(message)[-1:]
        for told in plan_callbacks(self._dials.faults, self._dials.seed, message.seq, last) if url else ():
            task = asyncio.create_task(self._push(message, told, url))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _push(self, message: Message, told: Told, url: str) -> None:
        moment: Moment = told.moment
        await asyncio.sleep(max(0.05, (moment.at - self._clock.now()).total_seconds()))
        outcome = "lost" if told.lost else await self._post(url, domestic.push_body(message.service, message, moment))
        await self._store.add_callback(Called(message.sid, url, str(moment.status), self._clock.now(), outcome))

    async def _post(self, url: str, body: bytes) -> str:
        at = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json", "X-Lingbao-Timestamp": at,
            "X-Lingbao-Signature": signing.gateway(keys.SECRET, at, body),
        }  # fmt: skip
        try:
            async with asyncio.timeout(5.0), self._session.post(url, data=body, headers=headers) as answer:
                await answer.read()
                return f"http {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    def _control(self, asked: Asked) -> Answer:
        """Set where receipts are pushed, only ever on this machine; or let WeCom's tokens run out."""
        if asked.path == TOKENS:
            self._chats.expire()
            return as_json(200, {"status": "ok"})
        wanted: Mapping[str, object] = asked.fields
        urls = {name: url for name, url in wanted.items() if isinstance(url, str)}
        if not all(is_loopback(url) and urlsplit(url).scheme == "http" for url in urls.values()):
            return as_json(400, {"error": "only addresses of this machine"})
        self._pushes = urls
        return as_json(200, {"status": "ok"})

    async def _read(self, scope: Scope, receive: Receive) -> Asked:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await read_body(receive)
        return Asked(scope["method"], scope["path"], pairs(scope["query_string"]), headers, body, self._clock.now())

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `fault` happen to a request."""
        if fault in {Fault.ERROR_BEFORE, Fault.ERROR_AFTER}:
            await send_answer(send, as_page(500, HTTPStatus(500).phrase))
        elif fault is Fault.GARBLED_AFTER:
            await send_answer(send, Answer(200, b'{"errcode": '))
        else:
            if fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
                self._cut(scope)
            await gone(receive)


def _is_chat(asked: Asked) -> bool:
    return asked.path.startswith(bots.PATHS)
