"""ASGI: a number for every request, in its answer and in every log line that is written for it."""

from __future__ import annotations

import re
import secrets

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
SANE = re.compile(r"(?=.*[A-Fa-f])[0-9A-Fa-f][0-9A-Fa-f-]{15,63}")
"""What proxies give: hexadecimal digits, or a UUID. It goes into logs, so it must be able to hold neither a name nor a number."""


class Numbered:
    """Takes the number that a proxy gave, if it is one, or draws one; and gives it back."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        number = given if SANE.fullmatch(given) else secrets.token_hex(16)

        async def numbered(message: Message) -> None:
            """Put the number on the answer."""
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        # Not taken off again: what breaks is logged by the server after us, and each request is a task of its own.
        structlog.contextvars.bind_contextvars(request=number)
        await self._app(scope, receive, numbered)
