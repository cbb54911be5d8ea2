"""Consent to providers abroad, given or withdrawn; and leaving the register, with or without companions."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.frame import frame_of, language_for
from console.pages.resident.mine import MINE
from console.pages.resident.showing import people, sections
from console.pages.resident.visiting import COOKIE, InVisit, Visiting
from core.database import reading, writing
from core.i18n import t
from registry import scope
from registry.scope.residents import lent_addresses
from registry.signup import visit as visits
from registry.signup.leave import Left, leave_proven
from registry.signup.model import Refusal
from registry.signup.texts import consent_text, current
from registry.signup.wishes import agree_proven

routes = APIRouter()


@routes.get("/mine/consent")
def consent(request: Request, here: InVisit) -> Response:
    """Show what was agreed to, the text in use, and both answers."""
    return _consent(request, here, [])


@routes.post("/mine/consent")
def agree(request: Request, here: InVisit, form: Posted) -> Response:
    """Write the person's own word; it holds wherever they stand, and for their companions."""
    said = form.text("foreign", 10)
    if "lang" in form:
        return _consent(request, here, [])
    if said not in {"yes", "no"}:
        return _consent(request, here, [FieldError("foreign", t("Say yes or no."))])
    if said == "yes" and form.text("version", 20) != current():
        return _consent(request, here, [FieldError("foreign", t("The text was changed. Please read it once more."))])
    with writing(here.office.engine) as connection:
        agree_proven(
            connection, here.visit.address_id, foreign=said == "yes", text_version=current(), sealer=here.sealer
        )  # fmt: skip
    return RedirectResponse(f"{MINE}?done=consent", 303)


@routes.get("/mine/leave")
def leaving(request: Request, here: InVisit) -> Response:
    """Say what leaving means, and ask who leaves."""
    return _leaving(request, here, Form(), [])


@routes.post("/mine/leave")
def leave(request: Request, here: InVisit, form: Posted) -> Response:
    """Leave: every stay is over. The page says who stays registered, and whether anything still reaches them.

    Whoever would leave companions behind whom nothing reaches is told so first, and must say it twice.
    """
    who = form.text("who", 20)
    if here.visit.companions and who not in {"me", "everybody"}:
        return _leaving(request, here, form, [FieldError("who", t("Say whether your companions leave too."))])
    cut_off = [] if who == "everybody" or "erase" not in form or "keep" in form else _cut_off(here)
    if cut_off and "sure" not in form:
        return _leaving(request, here, form, [FieldError("keep", t(
            "Nothing would reach {names} any more. Let them keep your number, give them another address first, or let them "
            "leave too. To leave all the same, press the button once more.", names=t(", ").render(language_for(request)).join(cut_off),
        ))], sure=True)  # fmt: skip
    with writing(here.office.engine) as connection:
        done = leave_proven(
            connection, here.visit.address_id, now=here.now, companions=who == "everybody", erase="erase" in form,
            keep_number="keep" in form,
        )  # fmt: skip
        staying = () if isinstance(done, Refusal) else done.staying
        names = scope.names_of(connection, here.actor, [one.registrant_id for one in staying], here.office.keys)
        if isinstance(done, Left):
            visits.end(connection, here.visit, now=here.now)
    if isinstance(done, Refusal):
        return _leaving(request, here, form, [FieldError("", done.message)])
    return _left(request, here, done, names)


def _cut_off(here: Visiting) -> list[str]:
    """Return the names of the companions whom nothing reaches but the addresses of the visitor."""
    with reading(here.office.engine) as connection:
        lent = lent_addresses(connection, here.actor, here.visit.mine)
        only = [one for one, ways in lent.items() if not ways.has_own]
        return list(scope.names_of(connection, here.actor, only, here.office.keys).values())


def _left(request: Request, here: Visiting, done: Left, names: dict[int, str]) -> Response:
    staying = [(names.get(one.registrant_id, ""), one) for one in done.staying]
    page = frame_of(request).render(
        request, "resident/left.html", done=done, staying=staying, phone=here.office.settings.office_phone
    )  # fmt: skip
    page.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return page


def _consent(request: Request, here: Visiting, errors: list[FieldError]) -> Response:
    language, office = language_for(request), here.office
    name = office.name.en if language == "en" else office.name.zh
    return frame_of(request).render(
        request, "resident/consent.html", 422 if errors else 200, errors=errors, people=people(here), version=current(),
        text=sections(consent_text(current(), language, name)),
    )  # fmt: skip


def _leaving(request: Request, here: Visiting, form: Form, errors: list[FieldError], *, sure: bool = False) -> Response:
    return frame_of(request).render(
        request, "resident/leave.html", 422 if errors else 200, errors=errors, people=people(here), form=form, sure=sure
    )  # fmt: skip
