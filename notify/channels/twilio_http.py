"""The line to Twilio: the SDK's own HTTP client replaced, because of what was measured with it.

The SDK's async client ignores its `timeout=` and, given `max_retries`, sends a POST again after a 5xx: a notice twice. The
answer headers (`Retry-After`) do not reach its exceptions. This client has real timeouts, never retries, keeps the headers, and
says whether a fault struck before anything was written (`LineDown`: certainly not sent) or after (`LineLost`: in doubt).
"""

from __future__ import annotations

import base64
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

log = logging.getLogger(__name__)
LONGEST_WAIT = 900.0


class LineDown(Exception):
    """The request was not written: no address, no connection, no TLS."""


class LineLost(Exception):
    """The request may have been written, and there is no answer that can be read."""


@dataclass(frozen=True)
class AnswerHeaders:
    """The two headers of an answer that we act on or keep."""

    retry_after: float | None = None
    request_id: str = ""


last_answer: ContextVar[AnswerHeaders] = ContextVar("last_answer", default=AnswerHeaders())  # noqa: B039  (it is frozen)
"""Headers of the last answer in this task: the SDK's exceptions do not carry them."""


@dataclass(frozen=True)
class Line:
    """Where Twilio is, and how long we wait.

    Attributes:
        base_url: replaces scheme and host of every address; empty: as the SDK has it.
        connect, total: longest waits in seconds.
        limit: connections at the same time.
    """

    base_url: str
    connect: float
    total: float
    limit: int


class TwilioLine(AsyncHttpClient):  # type: ignore[misc]  # the SDK has no types
    """An HTTP client for the Twilio SDK. Its session is opened in the first request, inside the running loop."""

    def __init__(self, line: Line) -> None:
        """Use `line`; nothing is opened yet."""
        super().__init__(log, True, line.total)
        self._line = line
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  (the SDK's signature)
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request, once.

        Raises:
            LineDown: nothing was written.
            LineLost: something may have been written.
        """
        try:
            sent = dict(headers or {}) | ({"Authorization": _basic(*auth)} if auth is not None else {})
            call: Any = {"params": params, "data": data, "headers": sent, "allow_redirects": False}
            async with self._open().request(method.upper(), rebase(uri, self._line.base_url), **call) as answer:
                text = await answer.text()
                last_answer.set(_headers(answer))
                return Response(answer.status, text, answer.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise LineDown(f"{type(error).__name__}: {error}") from error
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
            raise LineLost(f"{type(error).__name__}: {error}") from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            waits = aiohttp.ClientTimeout(total=self._line.total, sock_connect=self._line.connect)
            self._session = aiohttp.ClientSession(
                timeout=waits, connector=aiohttp.TCPConnector(limit=self._line.limit), auto_decompress=True
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def rebase(uri: str, base_url: str) -> str:
    """Put scheme and host of `base_url` in place of those of `uri`."""
    if not base_url:
        return uri
    base, old = urlsplit(base_url), urlsplit(uri)
    return urlunsplit((base.scheme, base.netloc, old.path, old.query, ""))


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _headers(answer: aiohttp.ClientResponse) -> AnswerHeaders:
    try:
        # Out of range (negative, not a number, a year) is brought into it: at worst we ask a little early or late. The order
        # matters: `max(nan, 0.0)` would be nan.
        told = float(answer.headers.get("Retry-After", ""))
        wait: float | None = min(max(0.0, told), LONGEST_WAIT)
    except ValueError:
        wait = None
    return AnswerHeaders(wait, answer.headers.get("Twilio-Request-Id", ""))
