"""Addresses of somebody: a new one is used after its code came back, an old one is stopped."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.forms import FieldError, Form, Posted
from console.pages.frame import frame_of
from console.pages.resident.limits import count_caller
from console.pages.resident.mine import MINE
from console.pages.resident.reading import Faults, read_way
from console.pages.resident.showing import people, person
from console.pages.resident.visiting import InVisit, Visiting
from core.database import writing
from core.errors import BadInput
from core.i18n import t
from notify.codes import send_code
from notify.service import why_not
from registry.actors import RESIDENT
from registry.masks import mask_address
from registry.signup.model import Pending, Refusal
from registry.signup.ways import begin_address, stop_way, take_address

routes = APIRouter()


@routes.get("/mine/way/{ref}")
def fresh(request: Request, here: InVisit, ref: str) -> Response:
    """Show an empty form for a new address of a person."""
    return _form(request, here, ref, Form())


@routes.post("/mine/way/{ref}")
def begin(request: Request, here: InVisit, ref: str, form: Posted) -> Response:
    """Send a code to a new address."""
    faults = Faults()
    way = read_way(form, "address", faults)
    if "lang" in form:
        return _form(request, here, ref, form)
    one = person(here, here.read(Kind.PERSON, ref))
    tools = here.office.tools()
    if not faults and why_not(tools.settings, tools.channels, way.channel, foreign=one.foreign):
        faults.add("address", t(
            "No code can be sent to this phone without your consent to providers abroad. Give that first, or a mail address, or "
            "call the office."
        ))  # fmt: skip
    if faults:
        return _form(request, here, ref, form, faults)
    try:
        with writing(here.office.engine) as connection:
            count_caller(connection, request, here.secret)
            pending = begin_address(connection, here.actor, one.held.registrant_id, way, sealer=here.sealer)
    except BadInput as error:
        faults.add("address", error.message)
        return _form(request, here, ref, form, faults)
    if not _sent(here, pending, faults):
        return _form(request, here, ref, form, faults)
    return _code(request, here, Form({
        "ticket": (pending.ticket,), "to": (mask_address(way.value),), "person": (ref,), "also": form.every("also"),
    }))  # fmt: skip


@routes.post("/mine/way")
def take(request: Request, here: InVisit, form: Posted) -> Response:
    """Take the code of a new address: from now on it is used."""
    if "lang" in form:
        return _code(request, here, form)
    also = [here.read(Kind.PERSON, one) for one in form.every("also")]
    with writing(here.office.engine) as connection:
        done = take_address(
            connection, here.actor, form.text("ticket", 200), form.text("code", 20), also=also, sealer=here.sealer
        )  # fmt: skip
    if isinstance(done, Refusal):
        return _code(request, here, form, [FieldError("code", done.message)])
    return RedirectResponse(f"{MINE}?done=way", 303)


@routes.post("/mine/stop/{ref}")
def stop(request: Request, here: InVisit, ref: str, form: Posted) -> Response:
    """Stop an address, but never the last one."""
    number = here.read(Kind.ADDRESS, form.text("way", 40))
    with writing(here.office.engine) as connection:
        stop_way(connection, here.actor, here.read(Kind.PERSON, ref), number, sealer=here.sealer)
    return RedirectResponse(f"{MINE}?done=stopped", 303)


def _sent(here: Visiting, pending: Pending, faults: Faults) -> bool:
    assert pending.code is not None
    handed = send_code(here.office, pending.code, by=RESIDENT.name)
    if not handed.sent:
        faults.add("address", handed.words)
    return handed.sent


def _form(request: Request, here: Visiting, ref: str, form: Form, faults: Faults | None = None) -> Response:
    one = person(here, here.read(Kind.PERSON, ref))
    others = [other for other in people(here) if other.ours and not other.me] if one.me else []
    also = form.every("also") if form.fields else tuple(other.ref for other in others)
    errors = faults.errors if faults else []
    return frame_of(request).render(
        request, "resident/way.html", 422 if errors else 200, one=one, form=form, errors=errors, others=others, also=also
    )  # fmt: skip


def _code(request: Request, here: Visiting, form: Form, errors: list[FieldError] | None = None) -> Response:
    return frame_of(request).render(
        request, "resident/way_code.html", 422 if errors else 200, form=form, errors=errors or [],
        phone=here.office.settings.office_phone,
    )  # fmt: skip
