"""`/safe/…`: the page behind the personal link of a notice that asks "are you safe?". Opening it changes nothing.

The token in the address is all the proof there is, so the answer takes no form token: a phone that keeps no cookies can answer
too. Nothing of the person is shown but the first character of their name, so that whom a link was passed on to does not answer for
somebody else.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from console.bodies import read_body
from console.pages.application import application, fault
from console.pages.frame import Frame, frame_of
from console.pages.safe.asked import Asked, find, said_by
from core.i18n import t
from core.languages import words_in
from notify.safety import inbox
from notify.safety.links import PATH
from notify.safety.model import Answer
from registry.cells import visible

routes = APIRouter()
LARGEST = 16_000
LONGEST = 300
"""Characters of the one line of words."""


def mount(app: FastAPI, frame: Frame) -> None:
    """Hang the page into the application."""
    made = application(frame)
    made.include_router(routes)
    app.mount(PATH, made)


@routes.get("/{token}")
def show(request: Request, token: str) -> Response:
    """Show who asks, about what, and two buttons."""
    found = find(frame_of(request).office, token)
    return _gone(request, found) if found.by is None else _question(request, token, found)


@routes.post("/{token}")
async def answer(request: Request, token: str) -> Response:
    """Take an answer. Repeatable."""
    body = await read_body(request, LARGEST)
    if body is None:
        return fault(request, 413)
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20))
    return await run_in_threadpool(_answer, request, token, fields)


def _answer(request: Request, token: str, fields: dict[str, str]) -> Response:
    frame = frame_of(request)
    request.state.chosen_language = fields.get("lang", "")
    found = find(frame.office, token)
    if found.by is None:
        return _gone(request, found)
    words, pressed = visible(fields.get("words", "")).strip()[:LONGEST], fields.get("answer", "")
    if pressed not in {Answer.SAFE, Answer.HELP}:
        return _question(request, token, found, words=words, error=t("Press one of the two buttons."))
    said = said_by(found.by, Answer(pressed), words, frame.office.clock.now())
    people = [one.number for one in found.people if one.ref == fields.get("who", "")]
    if len(found.people) == 1 or (not people and said.answer is Answer.HELP):
        people = [one.number for one in found.people]  # whoever calls for help is not asked for their name first
    if not people:
        return _question(
            request, token, found, words=words, error=t("Say who is speaking: several people share this address.")
        )
    late = inbox.say(frame.office, found.by.alert_id, people, said)
    return frame.render(
        request, "safe/noted.html", token=token, help_wanted=said.answer is Answer.HELP, late=late, others=len(found.people) > 1,
        phone=frame.office.settings.office_phone, drill=found.drill,
    )  # fmt: skip


def _question(request: Request, token: str, found: Asked, *, words: str = "", error: object = None) -> Response:
    frame = frame_of(request)
    if (
        not getattr(request.state, "chosen_language", "")
        and "lang" not in request.query_params
        and found.by is not None
    ):
        request.state.chosen_language = words_in(found.by.language)
    return frame.render(
        request, "safe/question.html", 200 if error is None else 422, token=token, found=found, words=words, error=error,
        longest=LONGEST, phone=frame.office.settings.office_phone,
    )  # fmt: skip


def _gone(request: Request, found: Asked) -> Response:
    """Show a calm page: the link is none of ours, or the alert is long over. Whoever needs help finds whom to call."""
    frame = frame_of(request)
    status = 410 if found.is_known else 404
    return frame.render(
        request, "safe/gone.html", status, known=found.is_known, phone=frame.office.settings.office_phone
    )
