"""Status callbacks and replies, signed as Twilio signs them, and only ever to this machine.

One retry if no connection can be had, 15 s in all, 5 s to connect (Twilio, "Webhook connection overrides"); an
error answer is not tried again. The fragment of an address is for Twilio itself: it is neither signed nor sent.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urldefrag, urlsplit
from uuid import uuid4

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from core.clock import Clock
from notify.sandbox.checks_call import gather_action
from notify.sandbox.faults import Told
from notify.sandbox.life import Message, Moment, Status
from notify.sandbox.records import Called
from notify.sandbox.resource import VERSION
from notify.sandbox.store import Store

TOTAL = 15.0
CONNECT = 5.0
TRIES = 2
AT_ONCE = 64

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Due:
    """One callback that is to be made: when, about what (`sid`, `status`), where to and with which form.

    Attributes:
        lost: it is noted, but never posted.
        keys: of a call: keys to press, one for each question; the answer says what is asked next.
    """

    at: datetime
    sid: str
    url: str
    status: str
    fields: Fields
    lost: bool = False
    keys: str = ""


def is_loopback(url: str) -> bool:
    """Tell whether `url` points to this machine, by an address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def of_message(message: Message, account: str, told: Sequence[Told]) -> list[Due]:
    """Return the status callbacks of a message; none if it gave no address for them."""
    if not message.callback:
        return []
    return [
        Due(one.moment.at, message.sid, message.callback, str(one.moment.status),
            status_fields(message, account, one.moment, extra=one.extra), one.lost)
        for one in told
    ]  # fmt: skip


def status_fields(message: Message, account: str, moment: Moment, *, extra: bool) -> Fields:
    """Return the form of a status callback; with `extra` it has a field nobody has heard of, as Twilio may add one."""
    status = str(moment.status)
    fields = {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "To": message.to,
    }
    if message.service:
        fields["MessagingServiceSid"] = message.service
    if moment.error:
        fields["ErrorCode"] = str(moment.error)
    if moment.status in {Status.DELIVERED, Status.UNDELIVERED}:
        fields["RawDlrDoneDate"] = moment.at.strftime("%y%m%d%H%M")
    if extra:
        fields["SandboxNewField"] = "新"
    return fields


def reply_fields(message: Message, account: str) -> Fields:
    """Return the form of an inbound message; some of its fields are empty, as they are at Twilio."""
    return {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "Body": message.body,
        "From": message.sender,
        "FromCity": "",
        "FromCountry": "",
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(message.parts),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCity": "",
        "ToCountry": "",
    }


class Callbacks:
    """Makes the callbacks of messages and calls while they live. What was due while the sandbox was down stays untold."""

    def __init__(self, *, session: aiohttp.ClientSession, store: Store, clock: Clock, token: str) -> None:
        """Post with `session`, sign with `token`, note what became of each in `store`."""
        self._session = session
        self._store = store
        self._clock = clock
        self._validator = RequestValidator(token)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, sid: str, dues: Sequence[Due]) -> None:
        """Make the callbacks of one message or call at their time, in the background; replaces an earlier call for it."""
        if dues:
            self.stop(sid)
            task = asyncio.create_task(self._tell_all(dues))
            self._tasks[sid] = task
            task.add_done_callback(lambda done: self._forget(sid, done))

    def stop(self, sid: str) -> None:
        """Tell nothing more about a message or call."""
        if sid in self._tasks:
            self._tasks.pop(sid).cancel()

    def stop_all(self) -> None:
        """Tell nothing more about any message or call."""
        for sid in list(self._tasks):
            self.stop(sid)

    async def tell(self, due: Due) -> None:
        """Make one callback and note what became of it; if keys are pressed, one for each question that is asked."""
        if not due.keys:
            outcome = "lost" if due.lost else await self.post(due.url, due.fields)
            await self._note(due, due.status, outcome)
            return
        for key in due.keys:
            outcome, answer = await self._ask(due.url, {**due.fields, "Digits": key, "msg": "Gather End"})
            await self._note(due, f"digit {key}", outcome)
            due = replace(due, url=gather_action(answer) if outcome == "http 200" else "")
            if not due.url:
                return

    async def post(self, url: str, fields: Fields) -> str:
        """Post a signed form; return what became of it, in the words of `Called.outcome`."""
        return (await self._ask(url, fields))[0]

    async def _note(self, due: Due, status: str, outcome: str) -> None:
        await self._store.add_callback(Called(due.sid, due.url, status, self._clock.now(), outcome))

    async def _ask(self, url: str, fields: Fields) -> tuple[str, str]:
        if not is_loopback(url):
            return "refused", ""
        target, _ = urldefrag(url)
        headers = {
            "X-Twilio-Signature": self._validator.compute_signature(target, dict(fields)),
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        }
        try:
            async with asyncio.timeout(TOTAL):
                return await self._try(target, fields, headers)
        except TimeoutError:
            return "timeout", ""

    async def _try(self, url: str, fields: Fields, headers: Mapping[str, str]) -> tuple[str, str]:
        failure = ""
        for _ in range(TRIES):
            try:
                # The address goes out as it was given: what is signed must be what the receiver sees.
                async with self._session.post(
                    URL(url, encoded=True), data=dict(fields), headers=headers, allow_redirects=False
                ) as answer:
                    body = await answer.read()
                    return f"http {answer.status}", body.decode("utf-8", "replace")
            except aiohttp.ClientError as error:
                failure = type(error).__name__
        return failure, ""

    async def _tell_all(self, dues: Sequence[Due]) -> None:
        for one in dues:
            await asyncio.sleep(max(0.0, (one.at - self._clock.now()).total_seconds()))
            await self.tell(one)

    def _forget(self, sid: str, done: asyncio.Task[None]) -> None:
        if self._tasks.get(sid) is done:
            del self._tasks[sid]
