"""The portal of a company (`/company`): its own people, and nobody else's."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from console.pages.application import application, fault
from console.pages.company import (
    access,
    alerts,
    contacts,
    digest,
    doubles,
    exports,
    lists,
    mending,
    overview,
    people,
    person,
    safety,
    sign_in,
)
from console.pages.company.visit import PATH, SignInNeeded, sign_in_first
from console.pages.frame import Frame
from registry.accounts.drafts import DraftGone


def mount(app: FastAPI, frame: Frame) -> None:
    """Mount the portal into the web application."""
    made = application(frame)
    made.add_exception_handler(SignInNeeded, sign_in_first)
    made.add_exception_handler(DraftGone, _list_gone)
    rooms = (
        sign_in, overview, lists, mending, people, person, doubles, alerts, safety, contacts, digest, access, exports,
    )  # fmt: skip
    for room in rooms:
        made.include_router(room.routes)
    app.mount(PATH, made)


def _list_gone(request: Request, error: Exception) -> Response:
    assert isinstance(error, DraftGone)
    return fault(request, 404, error.message)
