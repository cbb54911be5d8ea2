"""A person's own rights, worked off by the office: everything held of them as a file to take away, and erasure for good."""

from __future__ import annotations

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.people.person import Kept, Person, held, page
from console.pages.office.visit import Administrator, Worker, go
from core.database import empty_log
from core.i18n import t
from notify.erasure import erase_people
from notify.personal import everything_held
from registry.matching import plain_name
from registry.rights.model import RequestKind

routes = APIRouter()


@routes.post("/people/{id}/export")
def export(who: Worker, id: Person, form: Posted) -> Response:
    """Return everything that is held of a person as JSON, for them to take away (PIPL art. 45). The request is written down."""
    with who.writing() as connection:
        found = everything_held(connection, who.acting, id, keys=who.keys, kind=RequestKind.EXPORT)
    told = {"Content-Disposition": f'attachment; filename="person-{id}.json"'}
    return Response(orjson.dumps(found, option=orjson.OPT_INDENT_2), media_type="application/json", headers=told)


@routes.post("/people/{id}/erase")
def erase(who: Administrator, id: Person, form: Posted) -> Response:
    """Erase a person for good, once their name is typed. Whoever a notice is on its way to is erased when it is at its end."""
    typed = form.text("whole_name", 80)
    with who.reading() as connection:
        person = held(connection, who, id)
    if plain_name(typed) != plain_name(person.name):
        error = FieldError("whole_name", t("Type the whole name of this person: nobody is erased by a slip."))
        return page(who, id, Kept("erase", {"whole_name": typed}, (error,)), 422)
    with who.writing() as connection:
        done = erase_people(connection, who.actor, [id], kind=RequestKind.ERASURE, now=who.now)
    empty_log(who.office.engine)
    return go(f"/people/{id}", "person-waits") if done.waiting else go("/people", "person-erased")
