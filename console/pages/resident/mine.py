"""`/register/mine`: everything that is kept of somebody, for themselves: to see, to take away, and the way to each change."""

from __future__ import annotations

from dataclasses import asdict

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.digest import WRITTEN
from console.pages.forms import Form, Posted
from console.pages.frame import frame_of
from console.pages.resident import visiting
from console.pages.resident.reading import Faults, read_name
from console.pages.resident.reads import chosen, offered
from console.pages.resident.showing import office_day, people, person
from console.pages.resident.visiting import InVisit, Visiting
from core.database import writing
from core.i18n import Message, t
from notify import ledger
from registry.rights.access import give_file
from registry.rights.correct import correct
from registry.rights.model import Correction, RequestKind
from registry.signup import visit as visits

routes = APIRouter()
NOTICE = (
    "alert_id",
    "level",
    "title_zh",
    "country",
    "channel",
    "state",
    "reason",
    "provider_status",
    "note",
    "accepted_at",
    "updated_at",
)
"""What a person is told of a notice to them. Who drafted and released it is the office's own affair."""
MINE = "/register/mine"
SAID: dict[str, Message] = {
    "stay": t("The stay is changed. Warnings follow it from now on."),
    "moving": t("The new stay is written down. Where you are now you are warned until it begins."),
    "new-stay": t("The stay is added. Warnings for it come from now on."),
    "ended": t("The stay is over. You get no warnings for it any more."),
    "way": t("The new address is in use."),
    "stopped": t("Nothing is sent to that address any more."),
    "companion": t("Your companion is registered."),
    "taken-out": t("Your companion is registered no more."),
    "me": t("Name and language are changed."),
    "digest": WRITTEN,
    "consent": t("Your word on providers abroad is written down."),
}
"""What was just done, by the word in the address: no personal data stand there."""


@routes.get("/mine")
def mine(request: Request, here: InVisit, done: str = "") -> Response:
    """Show everything; the look is in the audit."""
    return frame_of(request).render(
        request, "resident/mine.html", people=people(here), said=SAID.get(done), until=here.visit.expires_at,
        today=office_day(here.office),
    )  # fmt: skip


@routes.get("/mine/person/{ref}")
def edit(request: Request, here: InVisit, ref: str) -> Response:
    """Show name and language, to be changed."""
    return _edit(request, here, ref, Form())


@routes.post("/mine/person/{ref}")
def change(request: Request, here: InVisit, ref: str, form: Posted) -> Response:
    """Change name and language."""
    faults, number = Faults(), here.read(Kind.PERSON, ref)
    name = read_name(form, faults)
    if faults or "lang" in form:
        return _edit(request, here, ref, form, faults)
    wanted = Correction(name=name, language=chosen(form))
    with writing(here.office.engine) as connection:
        correct(connection, here.actor, number, wanted, sealer=here.sealer)
    return RedirectResponse(f"{MINE}?done=me", 303)


@routes.post("/mine/file")
def export(here: InVisit, form: Posted) -> Response:
    """Give everything that is kept as a file to take away, with the notices that were sent."""
    found = []
    with writing(here.office.engine) as connection:
        for one in (*here.visit.mine, *here.visit.companions):
            held = give_file(
                connection, here.actor, one, keys=here.office.keys, now=here.now, kind=RequestKind.EXPORT
            )  # fmt: skip
            rows = ledger.rows(connection, here.office.acting(here.actor), registrant_id=one, keys=here.office.keys)
            found.append(asdict(held) | {"notices": [{name: row[name] for name in NOTICE} for row in rows]})
    body = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
    headers = {"Content-Disposition": 'attachment; filename="my-registration.json"'}
    return Response(body, media_type="application/json", headers=headers)


@routes.post("/mine/out")
def out(request: Request, here: InVisit, form: Posted) -> Response:
    """End the visit."""
    with writing(here.office.engine) as connection:
        visits.end(connection, here.visit, now=here.now)
    return visiting.over(request)


def _edit(request: Request, here: Visiting, ref: str, form: Form, faults: Faults | None = None) -> Response:
    one = person(here, here.read(Kind.PERSON, ref))
    typed = form if form.fields else Form({"name": (one.held.name,), "reads": (one.held.language,)})
    errors = faults.errors if faults and "lang" not in form else []
    return frame_of(request).render(
        request, "resident/person.html", 422 if errors else 200, one=one, form=typed, errors=errors,
        offered=offered(here.office, one.held.language),
    )  # fmt: skip
