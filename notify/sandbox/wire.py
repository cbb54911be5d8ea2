"""The few things of ASGI the sandbox needs on its fast path."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope, Send

JSON = b"application/json"
HTML = b"text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whole."""

    status: int
    body: bytes
    kind: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


def as_json(status: int, value: object, headers: Iterable[tuple[bytes, bytes]] = ()) -> Answer:
    """Return `value` as a JSON answer."""
    return Answer(status, orjson.dumps(value), JSON, tuple(headers))


def as_page(status: int, text: str) -> Answer:
    """Return a plain page, such as a proxy puts in front of a broken server."""
    return Answer(status, f"<html><body><h1>{status} {text}</h1></body></html>".encode(), HTML)


async def send_answer(send: Send, answer: Answer) -> None:
    """Send `answer`."""
    length = str(len(answer.body)).encode()
    headers = [(b"content-type", answer.kind), (b"content-length", length), *answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def read_body(receive: Receive) -> bytes:
    """Return the body of a request, whole."""
    chunks = []
    while True:
        event = await receive()
        chunks.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(chunks)


async def gone(receive: Receive) -> None:
    """Wait until the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def pairs(text: bytes) -> Mapping[str, str]:
    """Read a form or a query; blanks are kept, and of a repeated name the last counts."""
    return dict(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True))


def header(scope: Scope, name: bytes) -> bytes:
    """Return a header of the request, empty if it is not there. `name` is in small letters."""
    return next((value for key, value in scope["headers"] if key == name), b"")


def basic(user: str, password: str) -> bytes:
    """Return the Authorization header of this user."""
    return b"Basic " + base64.b64encode(f"{user}:{password}".encode())
