"""`/office/silences`: what is kept quiet for a time, whose wish it is, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.visit import Approver, Visit, Worker, go
from core.errors import BadInput, LingbaoError
from core.i18n import Message, t
from notify.duty.shifts import read_moment
from notify.manual import read_countries
from notify.rules import silences
from notify.rules.silences import NewSilence, is_on
from notify.rules.tables import Silence
from notify.rules.words import conditions, state_of
from notify.store import silences as store
from sources.difference import HAZARDS
from sources.model import Hazard

routes = APIRouter()
DONE = {
    "silenced": t("Written down. What it keeps quiet stands in the morning brief."),
    "agreed": t("Agreed: it keeps even level 4 quiet now."),
    "spoken": t("The silence is ended."),
}
TYPED = ("owner", "reason", "countries", "hazard", "source", "route", "since", "until", "even_4")


@dataclass(frozen=True)
class Line:
    """One silence as the page shows it. `on`: it holds now. `waits`: for a second person, who is not the reader."""

    one: Silence
    state: Message
    what: str
    on: bool
    waits: bool


@routes.get("/silences")
def silences_page(who: Worker) -> Response:
    """Show the silences, those that hold first, and the form for another one."""
    return _page(who, {})


@routes.post("/silences")
def add(who: Worker, form: Posted) -> Response:
    """Write a silence."""
    typed = {name: form.text(name, 1000) for name in TYPED}
    try:
        wanted = _read(who, form)
        with who.writing() as connection:
            silences.add(connection, wanted, who.actor, who.now)
    except LingbaoError as error:
        return _page(who, typed, [FieldError(_field_of(form), error.message)])
    return go("/silences", "silenced")


@routes.post("/silences/{id}/agree")
def agree(who: Approver, id: int, form: Posted) -> Response:
    """Agree, as the second person, that even level 4 is kept quiet."""
    with who.writing() as connection:
        silences.agree(connection, id, who.actor, who.now)
    return go("/silences", "agreed")


@routes.post("/silences/{id}/end")
def end(who: Worker, id: int, form: Posted) -> Response:
    """End a silence now."""
    with who.writing() as connection:
        silences.end(connection, id, who.actor, who.now)
    return go("/silences", "spoken")


def _page(who: Visit, typed: dict[str, str], errors: list[FieldError] | None = None) -> Response:
    with who.reading() as connection:
        found = store.every(connection)
    lines = [
        Line(one, state_of(one, who.now), conditions(one, who.language), is_on(one, who.now),
             one.even_4 and one.agreed_at is None and one.created_by != who.actor.name and one.ends_at > who.now)
        for one in found
    ]  # fmt: skip
    lines.sort(key=lambda line: (not line.on, -(line.one.id or 0)))
    return who.render(
        "silences.html", 422 if errors else 200, lines=lines, typed=dict.fromkeys(TYPED, "") | typed, errors=errors or [],
        hazards=[(one.value, HAZARDS[one]) for one in Hazard],
        sources=[(one, one) for one in sorted(who.office.sources)],
        routes=[(one.name, one.name) for one in who.office.policy.route],
    )  # fmt: skip


def _read(who: Visit, form: Form) -> NewSilence:
    hazard, source, route = form.text("hazard", 40), form.text("source", 40), form.text("route", 80)
    countries = [one for one in form.text("countries").replace("，", ",").replace("、", ",").split(",") if one.strip()]
    known = {one.name for one in who.office.policy.route}
    if (hazard and hazard not in {one.value for one in Hazard}) or (source and source not in who.office.sources):
        raise BadInput(t("Choose from the list."))
    if route and route not in known:
        raise BadInput(t("There is no route {name} in the policy that holds.", name=route))
    return NewSilence(
        form.text("owner", 100), form.text("reason"), _moment(who, form.text("since", 40), who.now),
        _moment(who, form.text("until", 40), None), read_countries(countries) if countries else (),
        (Hazard(hazard),) if hazard else (), (source,) if source else (), (route,) if route else (), "even_4" in form,
    )  # fmt: skip


def _moment(who: Visit, text: str, otherwise: datetime | None) -> datetime:
    if not text and otherwise is not None:
        return otherwise
    return read_moment(text.replace("T", " "), who.office.settings.zone)


def _field_of(form: Form) -> str:
    """Return the field to which an error most likely belongs: the first that is needed and empty, else the end. Pure."""
    return next((name for name in ("owner", "reason", "until") if not form.text(name)), "until")
