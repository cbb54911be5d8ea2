"""`/office/companies/{id}/doubles`: people of one company who may be one person twice. Asked of who knows; nothing is merged."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.companies.company import Number
from console.pages.office.people.words import STATUS
from console.pages.office.visit import Visit, Worker, go
from core.i18n import t
from registry.doubles import answer_double
from registry.employers import employer_numbered
from registry.people import PersonView
from registry.scope.doubles import Alike, Likeness, Said, alike_within
from registry.scope.people import people_numbered

routes = APIRouter()
MOST, SHOWN = 200, 25


@dataclass(frozen=True)
class Pair:
    """Two people who may be one. `named`: they have the name in common, else a number. `same`: said to be one."""

    people: tuple[PersonView, PersonView]
    named: bool
    same: bool


@routes.get("/companies/{id}/doubles")
def doubles_page(who: Worker, id: Number) -> Response:
    """Show the pairs, those that nobody has answered for first. The look is in the audit."""
    return _page(who, id)


@routes.post("/companies/{id}/doubles/{one}/{two}")
def answer(who: Worker, id: Number, one: Number, two: Number, form: Posted) -> Response:
    """Take the office's word that two are two people, or one and the same."""
    said = form.text("said", 20)
    if said not in list(Said):
        return _page(who, id, [FieldError("", t("Say whether they are two people or one."))])
    with who.writing() as connection:
        answer_double(connection, who.actor, one, two, Said(said), who.now)
    return go(f"/companies/{id}/doubles", "double-same" if said == Said.SAME else "double-two")


def _page(who: Visit, number: int, errors: list[FieldError] | None = None) -> Response:
    with who.reading() as connection:
        company = employer_numbered(connection, who.actor, number)
        found = alike_within(connection, who.actor, employer=number, limit=MOST)
    shown = sorted(found, key=lambda one: one.said is not None)[:SHOWN]
    with who.writing() as connection:
        among = sorted({person for one in shown for person in one.registrant_ids})
        views = {one.registrant_id: one for one in people_numbered(connection, who.actor, who.keys, among)}
        who.viewed(connection, sorted(views))
    return who.render(
        "companies/doubles.html", 422 if errors else 200, company=company, pairs=[_pair(one, views) for one in shown],
        more=max(0, len(found) - SHOWN), words=STATUS, errors=errors or [],
    )  # fmt: skip


def _pair(one: Alike, people: dict[int, PersonView]) -> Pair:
    first, last = one.registrant_ids
    return Pair((people[first], people[last]), one.likeness is Likeness.NAME, one.said is Said.SAME)
