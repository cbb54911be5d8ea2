"""`/company/alerts/{id}/safety`: which of the company's people are safe after an alert, and the company's own word for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.visit import Visit, Visitor, go, namer
from console.pages.forms import FieldError, Posted
from core.audit import record
from core.database import writing
from core.i18n import Message, t
from notify.safety.board import board
from notify.safety.export import way
from notify.safety.model import Answer, Voice, Word
from notify.safety.take import LONGEST_NOTE, Mark, mark
from notify.safety.tally import STATE_WORDS, Entry, State
from registry.scope.people import names_of

routes = APIRouter()
SHOWN = 300
"""People on one page, those who need help and the silent first."""
TAGS = {State.HELP: "bad", State.SILENT: "warn", State.UNCLEAR: "warn", State.SAFE: "good"}
COMPANY_SAYS = (Answer.SAFE, Answer.HELP)


@dataclass(frozen=True)
class Line:
    """One person of the company. `id`: public. `tag`: colour of the state, beside its word."""

    id: str
    name: str
    country: str
    state: Message
    tag: str
    at: datetime | None
    way: Message | None
    by: Message | str
    late: bool


@routes.get("/alerts/{id}/safety")
def safety_page(who: Visitor, id: str) -> Response:
    """Show the company's own people, those who need help and the silent first. The look is in the audit."""
    return _page(who, id)


@routes.post("/alerts/{id}/safety")
def say(who: Visitor, id: str, form: Posted) -> Response:
    """Take the company's word for some of its people: safe, or in need of help."""
    answer = form.text("answer", 20)
    people = [who.ids.read(Kind.PERSON, one) for one in form.every("person")]
    if answer not in COMPANY_SAYS:
        return _page(who, id, [FieldError("", t("Say whether they are safe or need help."))])
    if not people:
        return _page(who, id, [FieldError("people", t("Choose whom you speak of."))])
    made = Mark(who.ids.read(Kind.ALERT, id), people, Answer(answer), form.text("note", LONGEST_NOTE))
    with writing(who.office.engine) as connection:
        mark(connection, made, who.office.acting(who.actor), who.keys)
    return go(f"/alerts/{id}/safety", f"said-{answer}")


def _page(who: Visit, id: str, errors: list[FieldError] | None = None) -> Response:
    with writing(who.office.engine) as connection:
        found = board(connection, who.ids.read(Kind.ALERT, id), who.actor)
        shown = found.entries[:SHOWN]
        people = [one.place.registrant_id for one in shown]
        names = names_of(connection, who.actor, people, who.keys)
        record(connection, actor=who.actor.name, action="people.view", subject="registrant", now=who.now,
               detail=",".join(str(one) for one in people))  # fmt: skip
        named = namer(who, connection)
    lines = [_line(who, one, names.get(one.place.registrant_id, ""), named) for one in shown]
    title = found.title_en if who.call.language == "en" else found.title_zh
    return who.render(
        "safety.html", 422 if errors else 200, id=id, title_of=title, found=found, lines=lines, errors=errors or [],
        more=len(found.entries) - len(shown), ended=who.now >= found.ended_at,
    )  # fmt: skip


def _line(who: Visit, one: Entry, name: str, named: Callable[[str], Message | str]) -> Line:
    said = one.stands
    return Line(
        who.show(Kind.PERSON, one.place.registrant_id), name, one.place.country, STATE_WORDS[one.state], TAGS[one.state],
        said.at if said else None, way(said), _by(said, named), bool(said and said.late),
    )  # fmt: skip


def _by(said: Word | None, named: Callable[[str], Message | str]) -> Message | str:
    if said is None:
        return ""
    return t("themselves") if said.voice is Voice.PERSON else named(said.by)
