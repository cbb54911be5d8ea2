"""The description of the API (OpenAPI): every refusal is described, in the one shape refusals have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from console.api.models import Problem
from console.api.problems import MEDIA_TYPE

ALWAYS = (400, 401, 403, 404, 422, 429, 503)
MEANINGS = {
    400: "The request cannot be understood.",
    401: "No token, or one that does not hold.",
    403: "The token is not one of a company, or may not do this.",
    404: "Not there, or another company's: the answer is the same.",
    409: "It does not fit what is there.",
    412: "Somebody changed it meanwhile; read it again.",
    413: "The body is too large.",
    415: "The body is of a media type that is not read here.",
    422: "A field is wrong, or it cannot be done.",
    428: "The header If-Match is missing.",
    429: "Too many calls in this minute; see Retry-After.",
    503: "The register cannot be reached now; try again.",
}
TEXT = """\
For the personnel systems of companies. A company sees its own people and nothing else; ids are opaque, and an id of another
company is not there (404). Every answer that is a refusal is `application/problem+json` (RFC 9457), in Chinese or English as
`Accept-Language` says. `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` tell how many calls are left in this
minute."""


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the refusals of a route, those that every route has included."""
    return {one: {"description": MEANINGS[one], "model": Problem} for one in sorted({*ALWAYS, *statuses})}


def description(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return the function that describes `app`; made once."""

    def describe() -> dict[str, Any]:
        """Describe it the first time, and remember."""
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, description=TEXT, routes=app.routes, servers=app.servers
            )
            for operations in found["paths"].values():
                for operation in operations.values():
                    _mend(operation)
            app.openapi_schema = found
        return app.openapi_schema

    return describe


def _mend(operation: dict[str, Any]) -> None:
    """Give refusals their media type: FastAPI takes every answer for plain JSON."""
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
