"""The city's own gateway, by a signed webhook: the way to an official account (`wechat`), or to an SMS gateway (`sms_cn`).

The contract is ours, and written down for the city's own people in docs/how-to/send-in-china.md. One call hands over one
notice; the same `Idempotency-Key` is the same notice, which must never reach anybody twice.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from urllib.parse import quote

from core.clock import Clock
from core.settings import Settings
from notify.channels import signing
from notify.channels.base import (
    RANKS,
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Found,
    InDoubt,
    NoLookup,
    Outgoing,
    ProviderStatus,
    Result,
)
from notify.channels.http_line import Call, HttpLine, Reply, by_status, host_of, redacted, word
from notify.channels.meanings import Meaning, told

FRESH = 300
"""Seconds for which a signature holds, both ways."""

CODES = {
    "bad_address": Meaning.BAD_ADDRESS,
    "opted_out": Meaning.OPTED_OUT,
    "stop": Meaning.STOPS,
    "later": Meaning.WAIT,
}
"""Our words for `error`; any other refuses this one notice."""


class Webhook:
    """The channel. One instance per process and channel; safe for many calls at once in one event loop."""

    provider = "gateway"

    def __init__(self, name: str, settings: Settings, clock: Clock, base_url: str = "") -> None:
        """Carry the channel `name` over the gateway of the settings; `base_url` takes its place."""
        self.name = name
        self._url, self._clock, self._line = base_url or settings.gateway_url, clock, HttpLine(settings)
        self._secret, self._can_ask = settings.gateway_secret.get_secret_value(), settings.gateway_lookup
        self.asks_by_address = settings.gateway_lookup

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return host_of(self._url)

    async def send(self, notice: Outgoing) -> Result:
        """Hand one notice over."""
        value = {
            "id": str(notice.delivery_id), "attempt": notice.attempt, "channel": self.name, "to": notice.address,
            "template": notice.template, "variables": dict(notice.variables), "subject": notice.subject,
            "body": notice.body, "ref": notice.ref, "language": notice.language, "alert": notice.alert,
            "valid_seconds": notice.valid_seconds,
        }  # fmt: skip
        body = json.dumps(value, ensure_ascii=False).encode()
        reply = await self._line.call(self._signed(self._url, body, notice.ref, "POST"))
        return self._read(reply) if isinstance(reply, Reply) else reply

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Ask for the notice under our reference, if the settings say that this gateway can be asked."""
        if not self._can_ask:
            return NoLookup()
        reply = await self._line.call(self._signed(f"{self._url}/{quote(notice.ref)}", b"", notice.ref, "GET"))
        if not isinstance(reply, Reply):
            return CannotTell("the gateway gave no answer that can be read")
        number, status = word(reply.fields.get("id")), word(reply.fields.get("status"))
        if reply.status == 404 and status == "absent":
            # The word must be there: a 404 alone is what a wrong address answers, too.
            return Absent()
        if reply.status == 200 and number and status in RANKS:
            return Found(number, status, word(reply.fields.get("error"))[:40])
        return CannotTell(f"answer {reply.status}")

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """The gateway pushes receipts, and can be asked by our reference only."""
        return CannotTell("the gateway pushes receipts")

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    def _signed(self, url: str, body: bytes, ref: str, method: str) -> Call:
        at = str(int(self._clock.now().timestamp()))
        words = body if method == "POST" else ref.encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8", "X-Lingbao-Timestamp": at, "Idempotency-Key": ref,
            "X-Lingbao-Signature": signing.gateway(self._secret, at, words),
        }  # fmt: skip
        return Call(url, body, headers, method)

    def _read(self, reply: Reply) -> Result:
        number, status = word(reply.fields.get("id")), word(reply.fields.get("status"))
        code = word(reply.fields.get("error"))
        said_no = reply.status < 300 and code in CODES and not number
        if not said_no and (reply.status < 300 or reply.status == 409):
            return _taken(number, status, code, reply.status)
        # Many a gateway answers 200 to everything: one of our words without an id is a refusal all the same.
        if not said_no and (not code or reply.status == 429 or not 400 <= reply.status < 500):
            return by_status(reply.status, reply.retry_after, code)
        detail = redacted(word(reply.fields.get("detail")), self._secret)
        # What the gateway refuses with a word of its own is about this notice, unless the word says more.
        meaning = CODES.get(code, Meaning.STOPS if reply.status in {401, 403} else Meaning.REFUSED)
        return told(meaning, code, detail, http=reply.status, wait=reply.retry_after)


def _taken(number: str, status: str, error: str, http: int) -> Result:
    """Read an answer that says taken. With an error and no status of ours beside it, nobody knows which of the two holds."""
    if not number:
        return InDoubt("answer", error[:40] or "no id", http)
    if error and status not in RANKS:
        return InDoubt("answer", f"an id and the error {error[:40]}", http)
    return Accepted(number, status if status in RANKS else "accepted", http)


def signature_holds(secret: str, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Tell whether a push is the gateway's: signed with our common secret, and made within the last five minutes."""
    if not secret or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    fresh = abs(now.timestamp() - int(timestamp)) <= FRESH
    return fresh and hmac.compare_digest(signing.gateway(secret, timestamp, body).encode(), signature.encode())
