"""Stays of somebody and of those they registered along: moved, put right, added, ended."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from console.pages.forms import Form, Posted
from console.pages.frame import frame_of, language_for
from console.pages.resident.mine import MINE
from console.pages.resident.reading import KINDS, Faults, read_stay
from console.pages.resident.showing import Person, StayLine, country_names, office_day, people
from console.pages.resident.visiting import InVisit, Visiting
from core.database import writing
from core.errors import NotFound
from core.i18n import Language, t
from core.places.names import display
from registry.signup.change import add_stays, change_stays, end_stays
from registry.tables import PostingStatus

routes = APIRouter()


@routes.get("/mine/stay")
def fresh(request: Request, here: InVisit) -> Response:
    """Show an empty form for one more stay."""
    return _form(request, here, Form())


@routes.post("/mine/stay")
def add(request: Request, here: InVisit, form: Posted) -> Response:
    """Add a stay, for companions too if that is wished."""
    faults = Faults()
    stay = read_stay(form, office_day(here.office), faults)
    if faults or "lang" in form:
        return _form(request, here, form, faults)
    everybody = [one for one in people(here) if one.ours and (one.me or one.ref in form.every("also"))]
    with writing(here.office.engine) as connection:
        add_stays(
            connection, here.actor, [one.held.registrant_id for one in _once(everybody)], stay, sealer=here.sealer
        )  # fmt: skip
    return RedirectResponse(f"{MINE}?done=new-stay", 303)


@routes.get("/mine/stay/{ref}")
def edit(request: Request, here: InVisit, ref: str) -> Response:
    """Show a stay, to be changed or ended."""
    line, _ = _found(here, ref)
    return _form(request, here, _typed(line, language_for(request)), ref=ref)


@routes.post("/mine/stay/{ref}")
def change(request: Request, here: InVisit, ref: str, form: Posted) -> Response:
    """Change a stay, or end it, for companions too if that is wished."""
    faults, (line, others) = Faults(), _found(here, ref)
    ids = [line.stay.posting_id, *(one.stay.posting_id for who, one in others if who.ref in form.every("also"))]
    if "end" in form:
        with writing(here.office.engine) as connection:
            end_stays(connection, here.actor, ids, sealer=here.sealer)
        return RedirectResponse(f"{MINE}?done=ended", 303)
    stay = read_stay(form, office_day(here.office), faults)
    if faults or "lang" in form:
        return _form(request, here, form, faults, ref=ref)
    with writing(here.office.engine) as connection:
        change_stays(connection, here.actor, ids, stay, day=office_day(here.office), sealer=here.sealer)
    later = stay.country != line.stay.country and stay.status == PostingStatus.PLANNED
    return RedirectResponse(f"{MINE}?done={'moving' if later else 'stay'}", 303)


def _found(here: Visiting, ref: str) -> tuple[StayLine, list[tuple[Person, StayLine]]]:
    """Return a stay, and the stays of the others in the same country.

    Raises:
        NotFound: it is over, none, not of this visit, or a company's word.
    """
    everybody = [one for one in people(here) if one.ours]
    for owner in everybody:
        for line in owner.there:
            if line.ref == ref:
                same = [(one, other) for one in everybody if one is not owner for other in one.there[:]
                        if other.stay.country == line.stay.country]  # fmt: skip
                return line, same
    raise NotFound(t("This stay is over, or there is none."))


def _once(everybody: list[Person]) -> list[Person]:
    """Return people without the second registration of the visitor: one stay is enough for them."""
    me = [one for one in everybody if one.me][:1]
    return me + [one for one in everybody if not one.me]


def _typed(line: StayLine, language: Language) -> Form:
    stay = line.stay
    told = {
        "country": display(stay.country, language), "city": stay.city, "site": stay.site, "kind": stay.kind,
        "date_from": stay.date_from.isoformat() if stay.date_from else "",
        "date_to": stay.date_to.isoformat() if stay.date_to else "",
    }  # fmt: skip
    return Form({name: (value,) for name, value in told.items()})


def _form(request: Request, here: Visiting, form: Form, faults: Faults | None = None, *, ref: str = "") -> Response:
    others = _found(here, ref)[1] if ref else [(one, None) for one in people(here) if one.ours and not one.me]
    errors = faults.errors if faults and "lang" not in form else []
    asked = request.method == "POST"
    also = form.every("also") if asked else tuple(one.ref for one, _ in others)
    return frame_of(request).render(
        request, "resident/stay.html", 422 if errors else 200, form=form, errors=errors, ref=ref,
        others=[one for one, _ in others], also=also, kinds=KINDS, countries=country_names(language_for(request)),
    )  # fmt: skip
