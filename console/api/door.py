"""The door of the API: no call gets further without a token of a company, within its limit, and with a body of measure.

It stands before the routes, so that an address that does not exist tells a stranger as little as one that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api.call import Call
from console.api.language import language_of
from console.api.problems import Answer, Problem, problem_of, respond
from core.database import reading, writing
from core.errors import LingbaoError, NotAllowed
from core.i18n import Language, t
from notify.office import Office
from registry.accounts import calls
from registry.enrol import index_key
from registry.tables import Role
from registry.users import Holder, holder_of, note_use

SPECIFICATION = "/openapi.json"
LARGEST_FILE = 20_000_000
LARGEST = 64_000
"""Bytes of a request: of a roster, and of anything else."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Budget:
    """How many calls are left in this minute, and the seconds until the next one."""

    limit: int
    left: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell it (draft-ietf-httpapi-ratelimit-headers-06)."""
        figures = {"Limit": self.limit, "Remaining": self.left, "Reset": self.reset}
        return {f"RateLimit-{name}": str(value) for name, value in figures.items()}


class Door:
    """ASGI: lets a call in, or answers it."""

    def __init__(self, app: ASGIApp, office: Office) -> None:
        """Stand before `app`."""
        self._app, self._office = app, office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path == SPECIFICATION:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        language = language_of(headers.get("accept-language", ""))
        try:
            call, budget = await run_in_threadpool(admit, self._office, headers.get("authorization", ""), language)
        except LingbaoError as error:
            await respond(problem_of(error), language)(scope, receive, _with(send, {"Cache-Control": "no-store"}))
            return
        scope["state"] = {**scope.get("state", {}), "call": call}
        largest = LARGEST_FILE if path == "/rosters" else LARGEST
        told = budget.headers() | {"Cache-Control": "no-store"}
        await self._app(scope, _measured(receive, largest), _with(send, told))


def admit(office: Office, authorization: str, language: Language) -> tuple[Call, Budget]:
    """Prove the token and count the call. Who is refused has written nothing, and has kept no writer waiting.

    Raises:
        Problem: 401 without a token that holds, 403 if it is of no company, 429 over the limit.
    """
    now = office.clock.now()
    minute = now.replace(second=0, microsecond=0)
    with reading(office.engine) as connection:
        holder = _holder(connection, authorization)
        user, employer = holder.actor.user_id, holder.actor.employer_id
        if holder.actor.role != Role.COMPANY or employer is None or user is None:
            raise Problem(
                403, "company-only", t("This interface is for tokens of companies. The office has the command.")
            )
        _refuse_over(office, calls.calls_in(connection, user, minute), minute, now)
        secret = index_key(connection, office.keys)
    with writing(office.engine) as connection:
        count = calls.count_call(connection, user, minute)
        note_use(connection, holder, now)
    budget = _refuse_over(office, count - 1, minute, now)
    return Call(office, holder.actor, user, employer, secret, language), budget


def _holder(connection: Connection, authorization: str) -> Holder:
    scheme, _, token = authorization.partition(" ")
    try:
        return holder_of(connection, token.strip() if scheme.lower() == "bearer" else "")
    except NotAllowed as error:
        answer = Answer({"WWW-Authenticate": "Bearer"})
        message = t(
            "Send the header `Authorization: Bearer TOKEN`, with a token that the office issued and did not revoke."
        )
        raise Problem(401, "token", message, answer) from error


def _refuse_over(office: Office, before: int, minute: datetime, now: datetime) -> Budget:
    limit = office.settings.api_calls_per_minute
    reset = max(1, int((minute + MINUTE - now).total_seconds()))
    budget = Budget(limit, max(0, limit - before - 1), reset)
    if before >= limit:
        message = t("At most {limit} calls a minute. Try again in {seconds} seconds.", limit=limit, seconds=reset)
        raise Problem(429, "too-many", message, Answer({"Retry-After": str(reset), **budget.headers()}))
    return budget


def _measured(receive: Receive, largest: int) -> Receive:
    """Stop reading as soon as a body is too large."""
    size = 0

    async def measured() -> Message:
        """Give the next part, and count it."""
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise HTTPException(413)
        return message

    return measured


def _with(send: Send, headers: Mapping[str, str]) -> Send:
    async def told(message: Message) -> None:
        """Send on, the head of the answer with the headers."""
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return told
