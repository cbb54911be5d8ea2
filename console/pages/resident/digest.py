"""`/register/mine/digest`: how often somebody gets the digest of general advice about where they are."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from console.pages.digest import CHOOSE_ONE, FIELD, OPTIONS, is_choice, rhythm_of, value_of
from console.pages.forms import FieldError, Posted
from console.pages.frame import frame_of
from console.pages.resident.mine import MINE
from console.pages.resident.showing import Person, people
from console.pages.resident.visiting import InVisit, Visiting
from core.database import reading, writing
from notify.digest import store
from notify.digest.choose import Who, choose
from notify.digest.tables import DigestReader
from registry.people import Channel

routes = APIRouter()


@routes.get("/mine/digest")
def look(request: Request, here: InVisit) -> Response:
    """Show what stands, and what can be chosen."""
    return _page(request, here)


@routes.post("/mine/digest")
def write(request: Request, here: InVisit, form: Posted) -> Response:
    """Write the choice: of the entry whose mail address is used; every other entry of the same person gets none."""
    if "lang" in form:
        return _page(request, here, said=form.text(FIELD, 20))
    if not is_choice(form):
        return _page(request, here, errors=[FieldError(FIELD, CHOOSE_ONE)])
    rhythm, reader = rhythm_of(form), _reader(people(here)).held.registrant_id
    with writing(here.office.engine) as connection:
        for one in here.visit.mine:
            choose(connection, here.actor, Who(registrant_id=one), rhythm if one == reader else None, here.now)
    return RedirectResponse(f"{MINE}?done=digest", 303)


def _page(request: Request, here: Visiting, *, said: str = "", errors: Sequence[FieldError] = ()) -> Response:
    found = people(here)
    return frame_of(request).render(
        request, "resident/digest.html", 422 if errors else 200, errors=errors, options=OPTIONS,
        value=said or value_of(_standing(here)), mails=_mails(_reader(found)),
    )  # fmt: skip


def _standing(here: Visiting) -> list[DigestReader]:
    with reading(here.office.engine) as connection:
        return [row for one in here.visit.mine for row in store.standing(connection, registrant_id=one)]


def _reader(found: Sequence[Person]) -> Person:
    """Return the entry that gets the digest: the visitor's first with a mail address, by the order of the page; else the first."""
    mine = [one for one in found if one.me]
    return next((one for one in mine if _mails(one)), mine[0])


def _mails(one: Person) -> list[str]:
    return [line.way.value for line in one.ways if line.way.channel == Channel.EMAIL]
