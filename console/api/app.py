"""The API of companies as an application of its own, mounted under `/api/v1`: its refusals and its description are its own."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.api import me, notices, people, postings, rosters
from console.api.described import description
from console.api.door import SPECIFICATION, Door
from console.api.language import language_of
from console.api.problems import install, not_found, respond
from notify.office import Office

PATH = "/api/v1"


def build(office: Office) -> FastAPI:
    """Build the API for an office. The description is open to everybody: it holds no data. No page shows it, because such a
    page would load scripts from other hosts.
    """
    app = _routes()
    install(app)
    app.add_middleware(Door, office=office)
    return app


def specification() -> dict[str, Any]:
    """Return the description of the API (OpenAPI 3.1), as `GET /api/v1/openapi.json` gives it. Needs no office."""
    return _routes().openapi()


def _routes() -> FastAPI:
    app = FastAPI(
        title="Lingbao API", version="1", openapi_url=SPECIFICATION, docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    for room in (me, people, postings, rosters, notices):
        app.include_router(room.routes)
    app.openapi = description(app)  # type: ignore[method-assign]
    return app


def mount(app: FastAPI, office: Office) -> None:
    """Mount the API into the web application."""

    async def nowhere(request: Request, error: Exception) -> Response:
        """Answer in the API's own form what has no address there."""
        # An address with a line end in it is no address under the mount, and yet one of the API.
        assert isinstance(error, HTTPException)
        if request.url.path.startswith(PATH):
            answer = respond(not_found(), language_of(request.headers.get("Accept-Language", "")))
            answer.headers["Cache-Control"] = "no-store"
            return answer
        return await http_exception_handler(request, error)

    app.mount(PATH, build(office))
    app.add_exception_handler(404, nowhere)
