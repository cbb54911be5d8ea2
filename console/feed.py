"""`/feeds`: our alerts for everybody, as an Atom feed of CAP 1.2 messages. Nothing is here unless `cap_public` is on."""

from __future__ import annotations

import hashlib
import re
from email.utils import format_datetime

from fastapi import APIRouter, Request, Response

from core.errors import NotFound, StoreBusy
from notify.cap.publish import Document, feed, message
from notify.cap.write import ATOM_TYPE, CAP_TYPE
from notify.office import Office

FRESH = 60
"""Seconds for which a reader may keep what it got."""
_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def router(office: Office) -> APIRouter:
    """Return the routes of the feed. They show nothing of people, and need no session."""
    routes = APIRouter(prefix="/feeds")

    @routes.api_route("/alerts.atom", methods=["GET", "HEAD"])
    def alerts(request: Request) -> Response:
        """Return the feed; 404 where the office publishes nothing, 304 if the reader has it."""
        if not office.settings.cap_public:
            return Response(status_code=404)
        return _served(request, office, None)

    @routes.api_route("/cap/{name}.xml", methods=["GET", "HEAD"])
    def one(request: Request, name: str) -> Response:
        """Return one message; 404 if there is none of that name, 304 if the reader has it."""
        return _served(request, office, name) if _NAME.fullmatch(name) else Response(status_code=404)

    return routes


def _served(request: Request, office: Office, name: str | None) -> Response:
    """Answer with a message, or without a name with the feed."""
    try:
        document = feed(office) if name is None else message(office, name)
    except NotFound:
        return Response(status_code=404)
    except StoreBusy:
        return Response(status_code=503, headers={"Retry-After": "30"})
    return _answer(request, document, ATOM_TYPE if name is None else CAP_TYPE)


def _answer(request: Request, document: Document, kind: str) -> Response:
    mark = f'"{hashlib.sha256(document.body).hexdigest()[:32]}"'
    headers = {
        "ETag": mark, "Last-Modified": format_datetime(document.changed, usegmt=True),
        "Cache-Control": f"public, max-age={FRESH}", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if mark in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(document.body, media_type=f"{kind}; charset=utf-8", headers=headers)
