"""One shape for every refusal: RFC 9457 `application/problem+json`, in Chinese or English.

What is not there and what is another company's are one and the same answer, byte for byte. Nothing that was sent comes back
in it, and no number of a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from console.api.faults import Fault, faults_of
from console.api.language import language_of
from core.errors import LingbaoError, NotAllowed, NotFound, StoreBusy, WrongUse
from core.i18n import Language, Message, t

MEDIA_TYPE = "application/problem+json"
BUSY_SECONDS = 5
TITLES = {
    400: t("The request cannot be read"), 401: t("Who is calling?"), 403: t("Not allowed"), 404: t("Not found"),
    405: t("No such method here"), 409: t("This does not fit what is there"), 412: t("Changed meanwhile"),
    413: t("Too large"), 415: t("Of a kind that is not read"), 422: t("Something in it is wrong"),
    428: t("A condition is missing"), 429: t("Too many calls"), 500: t("A fault of ours"), 503: t("Busy"),
}  # fmt: skip
SENTENCES = {
    404: t("There is nothing at this address, or not for this token."),
    405: t("This address does not take this method; see the header Allow."),
    413: t("The request is larger than what is read here."),
}


@dataclass(frozen=True)
class Answer:
    """What a refusal says beyond its sentence.

    Attributes:
        faults: fields that are wrong, each with a sentence.
        more: further members of the answer, such as the id of what stands in the way.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    more: Mapping[str, str] = field(default_factory=dict)


class Problem(LingbaoError):
    """A refusal with its HTTP status. `code` is for machines and never changes; the sentence is for people."""

    def __init__(self, status: int, code: str, message: Message, answer: Answer | None = None) -> None:
        """Refuse with `status`."""
        super().__init__(message)
        self.status, self.code, self.answer = status, code, answer or Answer()


def not_found() -> Problem:
    """Return the one answer for what is not there, and for what is there for others."""
    return Problem(404, "not-found", SENTENCES[404])


def respond(problem: Problem, language: Language) -> JSONResponse:
    """Return a refusal in the language of the caller."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[problem.status].render(language),
        "status": problem.status,
        "detail": problem.message.render(language),
        "code": problem.code,
        **problem.answer.more,
    }
    if problem.answer.faults:
        body["errors"] = [{"at": one.at, "detail": one.message.render(language)} for one in problem.answer.faults]
    headers = {"Content-Language": "en" if language == "en" else "zh-CN", **problem.answer.headers}
    return JSONResponse(body, problem.status, headers, MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """Return how an error of ours is told to a caller. Its own sentence may name rows, so another one takes its place."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotFound):
        return not_found()
    if isinstance(error, NotAllowed):
        return Problem(403, "not-allowed", t("This token may not do this."))
    if isinstance(error, StoreBusy):
        wait = Answer({"Retry-After": str(BUSY_SECONDS)})
        return Problem(503, "busy", t("The register cannot be reached now. Nothing was changed; try again."), wait)
    if isinstance(error, WrongUse) or not isinstance(error, LingbaoError):
        return Problem(500, "fault", t("Something went wrong on our side. Nothing was changed."))
    return Problem(422, "refused", t("This cannot be done as it was asked for."))


def _allowed(app: FastAPI, request: Request) -> str:
    """Return the methods of an address: all of them, while a route by itself knows only its own."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    methods = [
        method.upper()
        for template, operations in app.openapi()["paths"].items()
        if compile_path(template)[0].match(path)
        for method in operations
    ]
    return ", ".join(sorted(methods))


def install(app: FastAPI) -> None:
    """Let every refusal of the application have the one shape."""

    async def ours(request: Request, error: Exception) -> JSONResponse:
        return respond(problem_of(error), language_of(request.headers.get("Accept-Language", "")))

    async def wrong(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = Answer(faults=faults_of(error.errors()))
        problem = Problem(422, "invalid", t("The request does not fit the description of the interface."), found)
        return await ours(request, problem)

    async def by_status(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        status = error.status_code if error.status_code in TITLES else 400
        message = SENTENCES.get(status, t("The request cannot be understood."))
        code = {404: "not-found", 405: "method", 413: "too-large"}.get(status, "unreadable")
        headers = {"Allow": _allowed(app, request)} if status == 405 else dict(error.headers or {})
        return await ours(request, Problem(status, code, message, Answer(headers)))

    app.add_exception_handler(RequestValidationError, wrong)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(LingbaoError, ours)
    app.add_exception_handler(Exception, ours)
