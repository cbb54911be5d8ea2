"""Companions: one more is registered, one is taken out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.forms import Form, Posted
from console.pages.frame import frame_of
from console.pages.resident.mine import MINE
from console.pages.resident.reading import Faults, read_name
from console.pages.resident.reads import chosen, offered
from console.pages.resident.showing import people, person
from console.pages.resident.visiting import InVisit, Visiting
from core.database import writing
from core.errors import BadInput, NotFound
from core.i18n import t
from registry.signup.change import add_companion, take_out

routes = APIRouter()


@routes.get("/mine/companion")
def fresh(request: Request, here: InVisit) -> Response:
    """Show an empty form for one more companion."""
    return _form(request, here, Form())


@routes.post("/mine/companion")
def add(request: Request, here: InVisit, form: Posted) -> Response:
    """Register one more companion: same stays, same addresses."""
    if "lang" in form:
        return _form(request, here, form)
    faults = Faults()
    name = read_name(form, faults)
    if "asked" not in form:
        faults.add("asked", t("Ask your companions first, and confirm here that they agree."))
    if faults:
        return _form(request, here, form, faults)
    me = next((one for one in people(here) if one.me and one.ours), None)
    if me is None:
        raise NotFound(t("Your company registered you. Please tell its contact, or call the office."))
    try:
        with writing(here.office.engine) as connection:
            add_companion(
                connection, here.actor, me.held.registrant_id, name, language=chosen(form), sealer=here.sealer
            )
    except BadInput as error:
        faults.add("name", error.message)
        return _form(request, here, form, faults)
    return RedirectResponse(f"{MINE}?done=companion", 303)


@routes.get("/mine/companion/{ref}")
def leaving(request: Request, here: InVisit, ref: str) -> Response:
    """Ask whether a companion is to be taken out, and say what that means."""
    one = person(here, _companion(here, ref))
    return frame_of(request).render(request, "resident/take_out.html", one=one, errors=[])


@routes.post("/mine/companion/{ref}")
def take(here: InVisit, ref: str, form: Posted) -> Response:
    """Take a companion out."""
    number = _companion(here, ref)
    with writing(here.office.engine) as connection:
        take_out(connection, here.actor, number, erase="erase" in form, sealer=here.sealer)
    return RedirectResponse(f"{MINE}?done=taken-out", 303)


def _companion(here: Visiting, ref: str) -> int:
    number = here.read(Kind.PERSON, ref)
    if number not in here.visit.companions:
        raise NotFound(t("There is no such companion."))
    return number


def _form(request: Request, here: Visiting, form: Form, faults: Faults | None = None) -> Response:
    errors = faults.errors if faults else []
    return frame_of(request).render(
        request, "resident/companion.html", 422 if errors else 200, form=form, errors=errors, offered=offered(here.office)
    )  # fmt: skip
