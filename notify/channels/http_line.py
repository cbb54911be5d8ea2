"""The HTTP line of the channels at home: one session a channel, real time limits, no retries, bounded answers.

What comes of a call is told apart where it matters: nothing was written (certainly not sent), or something may have been
(in doubt). Addresses hold keys of webhooks, so no address is ever part of what is told: only the host.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from yarl import URL

from core.settings import Settings
from notify.channels.base import InDoubt, NotSent, Rejected

LARGEST = 64_000
"""Bytes of an answer that are read; no provider says more about one message."""

LONGEST_WAIT = 900.0
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class Call:
    """One request."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Reply:
    """An answer that could be read: a JSON object, whatever its status."""

    status: int
    fields: Mapping[str, Any]
    retry_after: float | None = None


class HttpLine:
    """Makes calls. Its session is opened in the first one, inside the running loop."""

    def __init__(self, settings: Settings) -> None:
        """Take time limits and the number of connections from the settings."""
        self._waits = aiohttp.ClientTimeout(total=settings.send_timeout, sock_connect=settings.connect_timeout)
        self._limit = settings.dispatch_concurrency
        self._session: aiohttp.ClientSession | None = None

    async def call(self, call: Call) -> Reply | NotSent | InDoubt | Rejected:
        """Make one request, once. What is no JSON object is told as what it means for a notice."""
        url, sent = URL(call.url, encoded=True), dict(call.headers)
        try:
            async with self._open().request(
                call.method, url, data=call.body or None, headers=sent, allow_redirects=False
            ) as answer:
                return _reply(answer, await _read(answer))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return NotSent("connect", f"{type(error).__name__}: {host_of(call.url)}")
        except (aiohttp.ClientError, TimeoutError) as error:
            return InDoubt("answer", f"{type(error).__name__}: {host_of(call.url)}")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            # No proxy and no .netrc of the environment: where numbers go is said in our settings alone.
            self._session = aiohttp.ClientSession(
                timeout=self._waits,
                connector=aiohttp.TCPConnector(limit=self._limit),
                trust_env=False,
                skip_auto_headers=("Content-Type",),  # a type nobody set would not be signed
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for part in answer.content.iter_any():
        raw += part
        if len(raw) > LARGEST:
            break
    return bytes(raw)


def _reply(answer: aiohttp.ClientResponse, raw: bytes) -> Reply | NotSent | InDoubt | Rejected:
    fields: object = None
    if len(raw) <= LARGEST:
        with contextlib.suppress(ValueError, RecursionError):
            fields = json.loads(raw)
    wait = _retry_after(answer.headers.get("Retry-After", ""))
    if isinstance(fields, dict):
        return Reply(answer.status, fields, wait)
    return by_status(answer.status, wait)


def by_status(http: int, retry_after: float | None = None, detail: str = "") -> NotSent | InDoubt | Rejected:
    """Say what an HTTP status means when the answer says nothing we know.

    A 4xx that is not the provider's own (a proxy, a wrong address) would come for everybody: it stops the channel.
    """
    if http == 429:
        return NotSent("429", detail, retry_after, throttled=True, http_status=http)
    if 400 <= http < 500 and http != 408:
        return Rejected(str(http), detail, http, stops_channel=True)
    return InDoubt(str(http), detail or "no answer that can be read", http)


def _retry_after(told: str) -> float | None:
    try:
        # Out of range (negative, not a number, a year) is brought into it: at worst we ask a little early or late. The order
        # matters: `max(nan, 0.0)` would be nan.
        return min(max(0.0, float(told)), LONGEST_WAIT)
    except ValueError:
        return None


def as_json(value: Mapping[str, object]) -> bytes:
    """Return a body in JSON, in UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode()


def host_of(url: str) -> str:
    """Return the host of an address: all of it that may be shown."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def rebase(url: str, base_url: str) -> str:
    """Put scheme and host of `base_url` in place of those of `url`; nothing if `base_url` is empty."""
    if not base_url:
        return url
    base, old = urlsplit(base_url), urlsplit(url)
    return urlunsplit((base.scheme, base.netloc, old.path, old.query, ""))


def word(value: object) -> str:
    """Return a field of an answer as text; what is no text or number is empty, not its Python form."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def redacted(words: str, *secrets: str) -> str:
    """Return a provider's words without these secrets, should it quote them."""
    for secret in secrets:
        words = words.replace(secret, "…") if len(secret) > 3 else words
    return words
