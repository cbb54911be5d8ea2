"""The Calls of Twilio's API: create with inline TwiML, fetch and list. Keys are pressed by magic numbers."""

from __future__ import annotations

from uuid import uuid4

from starlette.types import Scope

from core.clock import Clock
from core.errors import NotFound
from notify.sandbox import paging
from notify.sandbox.callbacks_call import of_call
from notify.sandbox.checks import Refusal
from notify.sandbox.checks_call import WantedCall, read_call
from notify.sandbox.dials import Account, Dials
from notify.sandbox.faults import plan_callbacks
from notify.sandbox.life_call import Call, call_timeline, wished
from notify.sandbox.magic import When, call_magic, magic
from notify.sandbox.resource_call import call_resource, current_call
from notify.sandbox.store import Store
from notify.sandbox.twilio_resource import Made, missing, path_of, refuse
from notify.sandbox.wire import Answer, as_json, pairs


class Calls:
    """The calls of the one account."""

    def __init__(self, *, account: Account, dials: Dials, store: Store, clock: Clock) -> None:
        """Keep calls in `store`."""
        self._account = account.sid
        self._dials = dials
        self._store = store
        self._clock = clock

    def take(self, body: bytes) -> Made | Refusal:
        """Check a create call and make a telephone call of it, not stored yet; or say why it is refused."""
        wanted = read_call(body)
        if isinstance(wanted, Refusal):
            return wanted
        trick = magic(wanted.to)
        if trick.when is When.REFUSED:
            return Refusal(trick.code, trick.http, trick.meaning)
        call = self._call(wanted)
        told = plan_callbacks(self._dials.faults, self._dials.seed, call.seq, wished(call))
        first = call_resource(call, self._account, call_timeline(call)[0], call.created)
        return Made(call.sid, trick, first, lambda: self._store.add_call(call), of_call(call, self._account, told))

    def _call(self, wanted: WantedCall) -> Call:
        who = call_magic(wanted.to)
        return Call(
            seq=self._store.next_number(),
            sid=f"CA{uuid4().hex}",
            to=wanted.to,
            sender=wanted.sender,
            twiml=wanted.twiml,
            created=self._clock.now(),
            step=self._dials.faults.step,
            outcome=who.outcome,
            answered_by=who.answered_by if wanted.detects else "",
            digits=who.digits,
            callback=wanted.callback,
            events=wanted.events,
            machine_callback=wanted.machine_callback,
        )

    def fetch(self, sid: str) -> Answer:
        """Answer with one call as it is now."""
        try:
            return as_json(200, current_call(self._store.find_call(sid), self._account, self._clock.now()))
        except NotFound:
            return missing(path_of(self._account, "Calls", sid))

    def page(self, scope: Scope) -> Answer:
        """Answer with a page of the list, newest first; of the filters, To and From are played."""
        now = self._clock.now()
        asked = paging.read(pairs(scope["query_string"]), lambda sid: self._store.find_call(sid).seq, now)
        if isinstance(asked, Refusal):
            return refuse(asked)
        wires = [current_call(call, self._account, now) for call in self._store.calls(asked.query)]
        return as_json(200, paging.envelope(asked, "calls", wires, scope["path"]))

    def change(self, sid: str, body: bytes) -> Answer:
        """Refuse: a call that has begun is not changed here."""
        return refuse(Refusal(20001, 400, "The sandbox does not change calls"))
