"""Status callbacks and replies, signed as Twilio signs them, and only ever to this machine.

One retry if no connection can be had, 15 s in all, 5 s to connect (Twilio, "Webhook connection overrides"); an
error answer is not tried again. The fragment of an address is for Twilio itself: it is neither signed nor sent.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urldefrag, urlsplit
from uuid import uuid4

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from core.clock import Clock
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


def is_loopback(url: str) -> bool:
    """Tell whether `url` points to this machine, by an address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
    """Makes the callbacks of messages while they live. What was due while the sandbox was down stays untold."""

    def __init__(self, *, session: aiohttp.ClientSession, store: Store, clock: Clock, account: str, token: str) -> None:
        """Post with `session`, sign with `token`, note what became of each in `store`."""
        self._session = session
        self._store = store
        self._clock = clock
        self._account = account
        self._validator = RequestValidator(token)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, message: Message, told: Sequence[Told]) -> None:
        """Tell the status changes of `message` at their time, in the background; replaces an earlier call for it."""
        if told:
            self.stop(message.sid)
            task = asyncio.create_task(self._tell_all(message, told))
            self._tasks[message.sid] = task
            task.add_done_callback(lambda done: self._forget(message.sid, done))

    def stop(self, sid: str) -> None:
        """Tell nothing more about a message."""
        if sid in self._tasks:
            self._tasks.pop(sid).cancel()

    def stop_all(self) -> None:
        """Tell nothing more about any message."""
        for sid in list(self._tasks):
            self.stop(sid)

    async def tell(self, message: Message, one: Told) -> None:
        """Make one status callback and note what became of it."""
        url = message.callback
        fields = status_fields(message, self._account, one.moment, extra=one.extra)
        outcome = "lost" if one.lost else await self.post(url, fields)
        await self._store.add_callback(Called(message.sid, url, str(one.moment.status), self._clock.now(), outcome))

    async def post(self, url: str, fields: Fields) -> str:
        """Post a signed form; return what became of it, in the words of `Called.outcome`."""
        if not is_loopback(url):
            return "refused"
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
            return "timeout"

    async def _try(self, url: str, fields: Fields, headers: Mapping[str, str]) -> str:
        failure = ""
        for _ in range(TRIES):
            try:
                # The address goes out as it was given: what is signed must be what the receiver sees.
                async with self._session.post(
                    URL(url, encoded=True), data=dict(fields), headers=headers, allow_redirects=False
                ) as answer:
                    await answer.read()
                    return f"http {answer.status}"
            except aiohttp.ClientError as error:
                failure = type(error).__name__
        return failure

    async def _tell_all(self, message: Message, told: Sequence[Told]) -> None:
        for one in told:
            await asyncio.sleep(max(0.0, (one.moment.at - self._clock.now()).total_seconds()))
            await self.tell(message, one)

    def _forget(self, sid: str, done: asyncio.Task[None]) -> None:
        if self._tasks.get(sid) is done:
            del self._tasks[sid]
