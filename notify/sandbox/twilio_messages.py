"""The Messages of Twilio's API: SMS and WhatsApp. Create, fetch, list and cancel."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from starlette.types import Scope

from core.clock import Clock
from core.errors import NotFound
from notify import sms
from notify.sandbox import checks, paging
from notify.sandbox.callbacks import Callbacks, of_message
from notify.sandbox.checks import Refusal, Wanted
from notify.sandbox.dials import Account, Dials
from notify.sandbox.faults import Told, plan_callbacks
from notify.sandbox.life import LONGEST_QUEUE, Message, Moment, Status, now_at, timeline
from notify.sandbox.magic import Magic, When, magic
from notify.sandbox.resource import current, resource
from notify.sandbox.store import Store
from notify.sandbox.twilio_resource import Made, missing, path_of, refuse
from notify.sandbox.wire import Answer, as_json, pairs

POOL_SENDER = "+15005550006"
"""The number a Messaging Service sends from; Twilio's own test number for a valid sender."""


class Messages:
    """The messages of the one account."""

    def __init__(self, *, account: Account, dials: Dials, store: Store, callbacks: Callbacks, clock: Clock) -> None:
        """Keep messages in `store`; `callbacks` tells that one was canceled."""
        self._account = account.sid
        self._dials = dials
        self._store = store
        self._callbacks = callbacks
        self._clock = clock

    def take(self, body: bytes) -> Made | Refusal:
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
        message = self._message(wanted, trick, parts, wait)
        told = plan_callbacks(self._dials.faults, self._dials.seed, message.seq, timeline(message)[1:])
        first = resource(message, self._account, Moment(message.created, message.first), message.created)
        return Made(
            message.sid, trick, first, lambda: self._store.add(message), of_message(message, self._account, told)
        )

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

    def fetch(self, sid: str) -> Answer:
        """Answer with one message as it is now."""
        try:
            return as_json(200, current(self._store.find(sid), self._account, self._clock.now()))
        except NotFound:
            return missing(path_of(self._account, "Messages", sid))

    def page(self, scope: Scope) -> Answer:
        """Answer with a page of the list, newest first."""
        now = self._clock.now()
        asked = paging.read(pairs(scope["query_string"]), lambda sid: self._store.find(sid).seq, now)
        if isinstance(asked, Refusal):
            return refuse(asked)
        wires = [current(message, self._account, now) for message in self._store.messages(asked.query)]
        return as_json(200, paging.envelope(asked, "messages", wires, scope["path"]))

    def change(self, sid: str, body: bytes) -> Answer:
        """Cancel a message that is scheduled."""
        now = self._clock.now()
        try:
            message = self._store.find(sid)
        except NotFound:
            return missing(path_of(self._account, "Messages", sid))
        if pairs(body).get("Status") != "canceled":
            return refuse(Refusal(20001, 400, "The sandbox only plays Status=canceled"))
        if now_at(message, now).status is not Status.SCHEDULED:
            return refuse(Refusal(30409, 400, "This message cannot be canceled"))
        self._store.cancel(sid, now)
        canceled = replace(message, canceled=now)
        self._callbacks.stop(sid)
        self._callbacks.follow(sid, of_message(canceled, self._account, [Told(Moment(now, Status.CANCELED))]))
        return as_json(200, current(canceled, self._account, self._clock.now()))
