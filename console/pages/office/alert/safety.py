"""`/office/alerts/{id}/safety`: the roll call. Who needs help, who is silent, the rounds so far; people marked, by what was heard."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.responses import Response

from console.media import XLSX
from console.pages.forms import FieldError, Posted
from console.pages.office.alert.page import NO_NEWS
from console.pages.office.alert.seen import After, Seen, common, look, numbers
from console.pages.office.visit import Visit, Worker, go, partial
from console.pictures.ring import Group, roll_call_ring
from core.errors import BadInput
from core.i18n import Message, t
from core.places.names import codes, display
from notify.safety.board import Board, board
from notify.safety.export import people_of, way, write_xlsx
from notify.safety.heard import newest_words
from notify.safety.model import Answer, Voice
from notify.safety.phone_list import STEP_WORDS
from notify.safety.rounds.outlook import Outlook, outlook
from notify.safety.rounds.plan import Step
from notify.safety.rounds.run import run
from notify.safety.take import LONGEST_NOTE, Mark, mark
from notify.safety.tally import STATE_WORDS, Entry, State
from registry.employers import list_employers
from registry.scope.people import names_of

routes = APIRouter()
DONE = {
    "safety-safe": t("Written down: safe."), "safety-help": t("Written down: needs help. The officer on duty is called."),
    "safety-unclear": t("Written down."), "safety-rounds": t("The steps that are due are being taken."),
}  # fmt: skip
SHOWN = 40
TAGS = {State.HELP: "bad", State.SILENT: "warn", State.UNCLEAR: "warn", State.SAFE: "good"}
COMING: Mapping[str, Message] = {
    Step.AGAIN: t("they are asked again over their other ways"), Step.COMPANY: t("their company is told"),
    Step.HOME: t("their contact at home is told"), Step.PHONE: t("they go onto the telephone list"),
}  # fmt: skip
NOBODY = 0
"""The number of a company that is none."""


@dataclass(frozen=True)
class Filter:
    """Which part of the board is listed; empty: all. `company`: a number, `0` for those of none."""

    state: str = ""
    country: str = ""
    company: str = ""

    def takes(self, one: Entry) -> bool:
        """Tell whether somebody is listed."""
        place = one.place
        return (
            (not self.state or one.state == self.state)
            and (not self.country or place.country == self.country)
            and (not self.company or str(place.employer_id or NOBODY) == self.company)
        )


@dataclass(frozen=True)
class Line:
    """One person of the board. `said`: what they wrote last. `since`: they wrote again after the word that stands."""

    number: int
    name: str = field(repr=False)
    country: str
    company: str
    state: State
    at: datetime | None
    way: Message | None
    by: Message | str
    late: bool
    unasked: bool
    said: str = field(repr=False)
    since: bool


@routes.get("/alerts/{id:int}/safety")
def safety_page(
    who: Worker, id: int, state: str = "", country: str = "", company: str = "", after: After = 0, seen_mark: str = ""
) -> Response:
    """Show the board: figures by themselves for a script that asks, else with the people. The look is in the audit."""
    if partial(who.request):
        return _part(who, id, seen_mark)
    return _page(who, id, Filter(state, country, company), after)


@routes.post("/alerts/{id:int}/safety")
def say(who: Worker, id: int, form: Posted) -> Response:
    """Write down what an officer knows of people: safe, in need of help, or unclear."""
    answer, chosen = form.text("answer", 20), numbers(form.every("person"))
    errors = []
    if answer not in set(Answer):
        errors.append(FieldError("", t("Say whether they are safe or need help.")))
    if not chosen:
        errors.append(FieldError("people", t("Choose whom you speak of.")))
    if errors:
        return _page(who, id, Filter(), 0, errors, frozenset(chosen), form.text("note", LONGEST_NOTE))
    made = Mark(id, chosen, Answer(answer), form.text("note", LONGEST_NOTE), phoned="phoned" in form)
    with who.writing() as connection:
        mark(connection, made, who.acting, who.keys)
    return go(f"/alerts/{id}/safety", f"safety-{answer}")


@routes.post("/alerts/{id:int}/safety/rounds")
def rounds(who: Worker, id: int, form: Posted) -> Response:
    """Take the steps of the rounds that are due, at once and not when the dispatcher comes by."""
    with who.reading() as connection:
        look(connection, who, id)
    answer = go(f"/alerts/{id}/safety", "safety-rounds")
    answer.background = BackgroundTask(run, who.office, id)
    return answer


@routes.post("/alerts/{id:int}/safety/export")
def export(who: Worker, id: int, form: Posted) -> Response:
    """Return the board as the workbook for the ministry. Names and words of everybody: in the audit before anybody has it."""
    handle = io.BytesIO()
    with who.writing() as connection:
        found = board(connection, id, who.actor)
        people = people_of(connection, found, who.acting, who.keys)
    write_xlsx(handle, found, people, zone=who.office.settings.zone, language=who.language, now=who.now)
    mark_of_drill = "DRILL-" if found.drill else ""
    told = {"Content-Disposition": f'attachment; filename="{mark_of_drill}safety-{id}-{who.day:%Y%m%d}.xlsx"'}
    return Response(handle.getvalue(), media_type=XLSX, headers=told)


def _part(who: Visit, id: int, known: str) -> Response:
    with who.reading() as connection:
        values = _figures(connection, who, look(connection, who, id), board(connection, id, who.actor))
    if values["mark"] == known:
        return Response(status_code=NO_NEWS)
    return who.render("alert/safety_live.html", **values | {"again": True, "errors": []})


def _page(
    who: Visit, id: int, wanted: Filter, after: int, errors: Sequence[FieldError] = (),
    chosen: frozenset[int] = frozenset(), note: str = "",
) -> Response:  # fmt: skip
    with who.writing() as connection:
        seen, found = look(connection, who, id), board(connection, id, who.actor)
        if not found.entries and seen.told is None:
            raise BadInput(t("Nobody was asked after this alert: it has not been sent."))
        listed = [one for one in found.entries if wanted.takes(one)]
        lines = _lines(connection, who, id, listed[after : after + SHOWN])
        values = _figures(connection, who, seen, found)
    shown = f"state={wanted.state}&country={wanted.country}&company={wanted.company}"
    return who.render("alert/safety.html", 422 if errors else 200, **values | {
        "lines": lines, "wanted": wanted, "errors": list(errors), "chosen": chosen, "note": note, "again": False, "listed": len(listed),
        "more": f"?{shown}&after={after + SHOWN}" if len(listed) > after + SHOWN else "", "state_words": STATE_WORDS, "tags": TAGS,
        "states": list(State), "ended": who.now >= found.ended_at,
    })  # fmt: skip


def _figures(connection: Connection, who: Visit, seen: Seen, found: Board) -> dict[str, Any]:
    silence = timedelta(minutes=who.office.settings.safe_silence)
    ahead = outlook(connection, found.alert_id, silence, who.now)
    companies = _companies(connection, who)
    state = (found.total, found.by_country, found.by_employer, ahead, seen.mark)
    return common(who, seen) | {
        "found": found, "ahead": ahead, "ring": _ring(who, found, companies), "steps": STEP_WORDS, "coming": COMING,
        "mark": hashlib.sha256(repr(state).encode()).hexdigest()[:16], "now_open": _open(ahead),
    }  # fmt: skip


def _open(ahead: Outlook) -> bool:
    return ahead.going and ahead.next_at is not None


def _ring(who: Visit, found: Board, companies: Mapping[int, str]) -> Any:
    here = f"/office/alerts/{found.alert_id}/safety"
    groups = [
        Group(
            display(code, who.language) if code in codes() else code or t("not known"),
            one,
            f"{here}?country={code}#people",
        )
        for code, one in found.by_country.items()
    ]
    groups += [
        Group(companies.get(number, "") or t("of no company"), one, f"{here}?company={number}#people")
        for number, one in found.by_employer.items()
    ]
    return roll_call_ring("roll", found.total, groups, who.language)


def _companies(connection: Connection, who: Visit) -> dict[int, str]:
    return {one.employer_id: one.name for one in list_employers(connection, who.actor)}


def _lines(connection: Connection, who: Visit, id: int, entries: Sequence[Entry]) -> list[Line]:
    people = [one.place.registrant_id for one in entries]
    names, companies = names_of(connection, who.actor, people, who.keys), _companies(connection, who)
    words = newest_words(connection, id, people, who.actor, who.keys)
    who.viewed(connection, people)
    return [_line(one, names, companies, words) for one in entries]


def _line(one: Entry, names: Mapping[int, str], companies: Mapping[int, str], words: Mapping[int, str]) -> Line:
    said, place = one.stands, one.place
    by: Message | str = "" if said is None else t("themselves") if said.voice is Voice.PERSON else said.by
    return Line(
        place.registrant_id, names.get(place.registrant_id, ""), place.country, companies.get(place.employer_id or 0, ""),
        one.state, said.at if said else None, way(said), by, bool(said and said.late), not place.asked,
        words.get(place.registrant_id, ""), one.said_since is not None,
    )  # fmt: skip
