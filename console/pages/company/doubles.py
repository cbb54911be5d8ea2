"""`/company/doubles`: people of the company who may be one person twice. Asked of who knows; nothing is merged."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.visit import Visit, Visitor, go
from console.pages.company.words import STATUS
from console.pages.forms import FieldError, Posted
from core.database import writing
from core.i18n import t
from registry.doubles import answer_double
from registry.people import PersonView
from registry.scope.api import Wish, page_of_people
from registry.scope.doubles import Alike, Likeness, Said, alike_within

routes = APIRouter()
MOST = 200
SHOWN = 25


@dataclass(frozen=True)
class Pair:
    """Two people who may be one. `ids`: public. `named`: they have the name in common, else a number. `same`: said to be one."""

    ids: tuple[str, str]
    people: tuple[PersonView, PersonView]
    named: bool
    same: bool


@routes.get("/doubles")
def doubles_page(who: Visitor) -> Response:
    """Show the pairs that nobody has answered for first. The look is in the audit."""
    return _page(who)


@routes.post("/doubles/{id}/{other}")
def answer(who: Visitor, id: str, other: str, form: Posted) -> Response:
    """Take the company's word that two are two people, or one and the same."""
    said = form.text("said", 20)
    if said not in list(Said):
        return _page(who, [FieldError("", t("Say whether they are two people or one."))])
    one, two = who.ids.read(Kind.PERSON, id), who.ids.read(Kind.PERSON, other)
    with writing(who.office.engine) as connection:
        answer_double(connection, who.actor, one, two, Said(said), who.now)
    return go("/doubles", "double-same" if said == Said.SAME else "double-two")


def count_doubles(connection: Connection, who: Visit) -> int:
    """Return how many pairs there are; `MOST` stands for more, too."""
    return len(alike_within(connection, who.actor, employer=who.employer.employer_id, limit=MOST))


def _page(who: Visit, errors: list[FieldError] | None = None) -> Response:
    with writing(who.office.engine) as connection:
        found = alike_within(connection, who.actor, employer=who.employer.employer_id, limit=MOST)
        shown = sorted(found, key=lambda one: one.said is not None)[:SHOWN]
        among = tuple(sorted({number for one in shown for number in one.registrant_ids}))
        wish = Wish(among=among)
        views = page_of_people(connection, who.actor, who.keys, wish, now=who.now, limit=2 * SHOWN) if among else []
    people = {one.registrant_id: one for one in views}
    return who.render(
        "doubles.html", 422 if errors else 200, pairs=[_pair(who, one, people) for one in shown],
        more=max(0, len(found) - SHOWN), words=STATUS, errors=errors or [],
    )  # fmt: skip


def _pair(who: Visit, one: Alike, people: dict[int, PersonView]) -> Pair:
    first, last = one.registrant_ids
    ids = (who.show("person", first), who.show("person", last))
    return Pair(ids, (people[first], people[last]), one.likeness is Likeness.NAME, one.said is Said.SAME)
