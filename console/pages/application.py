"""A room of pages as an application of its own: its refusals are pages, and every answer carries the security headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.pages.forms import TOKEN, FormRefused
from console.pages.frame import HEADERS, Frame, frame_of
from core import i18n
from core.errors import BadInput, LingbaoError, NotAllowed, NotFound, StoreBusy
from core.i18n import t

FAULTS: Mapping[int, tuple[i18n.Message, i18n.Message]] = {
    400: (
        t("This could not be read"),
        t("The request is not in the form that a browser sends. Go back and try again."),
    ),
    403: (t("Not allowed"), t("This page is not for you.")),
    404: (
        t("Not found"),
        t("There is no such page, or not any more. Look at the address, or begin at the start page."),
    ),
    405: (
        t("Not found"),
        t("There is no such page, or not any more. Look at the address, or begin at the start page."),
    ),
    413: (t("Too large"), t("At most 20 MB can be sent as a file, and 64 kB as a form. Nothing was changed.")),
    415: (
        t("This could not be read"),
        t("The request is not in the form that a browser sends. Go back and try again."),
    ),
    422: (t("Please check"), t("Something in the request is not as it should be. Go back and try again.")),
    429: (t("Too many tries"), t("Please wait a while, and try again. Nothing was changed.")),
    500: (
        t("Something broke here"),
        t(
            "It is written into the log of the office's program. Look whether what you did was done before you do it again."
        ),
    ),
    503: (t("Just a moment"), t("The register is busy. Nothing was changed. Please try again in a minute.")),
}
LONGEST_PATH = 2000
"""Characters; no page of ours has a longer address. A number of more than 4,300 digits is one that Python does not read."""
FOR_FILES = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable"}
STATUS: tuple[tuple[type[LingbaoError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (BadInput, 422),
    (StoreBusy, 503),
)


def application(frame: Frame) -> FastAPI:
    """Return an empty application for pages: routes are added by the room. Without descriptions: there is nothing to call."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.frame = frame
    app.add_exception_handler(HTTPException, _no_page)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(FormRefused, _again)
    app.add_exception_handler(LingbaoError, _refused)
    app.add_exception_handler(Exception, _broken)
    app.add_middleware(Guarded)
    return app


class Guarded:
    """ASGI: the security headers on every answer, unless a page says otherwise; and nothing behind an address that is none."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] == "http" and len(scope["path"]) > LONGEST_PATH:
            await fault(Request(scope), 404)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)


class Static(StaticFiles):
    """Files that stay as they are: a changed one has another address (`console.pages.frame.asset`)."""

    def file_response(self, *given: Any, **more: Any) -> Response:
        """Return a file, for a year."""
        answer = super().file_response(*given, **more)
        answer.headers.update(FOR_FILES)
        return answer


def fault(request: Request, status: int, message: i18n.Message | None = None) -> Response:
    """Return the page of a refusal: what is the matter, and what to do."""
    title, told = FAULTS.get(status, FAULTS[422])
    return frame_of(request).render(request, "fault.html", status, title=title, message=message or told)


def _no_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    return fault(request, error.status_code)


def _unreadable(request: Request, error: Exception) -> Response:
    return fault(request, 422)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LingbaoError)
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 422)
    return fault(request, status, error.message if status == 422 else None)


def _broken(request: Request, error: Exception) -> Response:
    """Say so; the error itself goes on to the server's log (Starlette raises it again after this page)."""
    return fault(request, 500)


def _again(request: Request, error: Exception) -> Response:
    """Show what was typed once more, with a button that sends it again: a page left open overnight must not cost the work."""
    assert isinstance(error, FormRefused)
    kept = [] if error.form is None else [
        (name, value) for name, values in error.form.fields.items() for value in values if name != TOKEN
    ]  # fmt: skip
    return frame_of(request).render(request, "again.html", 403, kept=kept, here=error.form is not None)
