"""`/office/people/coverage`: can we reach our people before anything happens? By country, and whom to mend first."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError
from console.pages.office.people.listing import Choice, narrowed
from console.pages.office.people.words import FAULTS, stop_words
from console.pages.office.visit import Visit, Worker, partial
from core.i18n import t
from core.places.names import codes
from registry.accounts.companies import names_of_employers
from registry.coverage import Cover, ToMend, by_country
from registry.employers import EmployerView
from registry.scope.coverage import cover, to_mend, without_place
from registry.scope.listing import countries_with_people
from registry.scope.people import names_of

routes = APIRouter()
MOST = 100


@dataclass(frozen=True)
class Reach:
    """What is found of the people asked for: sums by country, and by name whom to mend (only of one country or company)."""

    covers: tuple[Cover, ...]
    mend: tuple[ToMend, ...] = ()
    lost: tuple[ToMend, ...] = ()


@routes.get("/people/coverage")
def coverage_page(who: Worker, country: str = "", company: str = "", part: str = "") -> Response:
    """Show how well people can be reached. Of the whole register it takes a while: the script of the page asks for it apart."""
    choice = Choice(country=country if country in codes() else "", company=company.strip()[:100])
    with who.reading() as connection:
        wanted, companies = narrowed(who, connection, choice)
        countries = countries_with_people(connection, who.actor)
    errors = []
    if wanted is None:
        errors.append(
            FieldError("company", t("No company, or more than one, has this code or these words in its name."))
        )
    chosen = companies[0] if wanted is not None and companies else None
    whole = not choice.country and chosen is None
    reach = None if errors or (whole and part != "figures") else _reach(who, choice, chosen)
    template = "people/coverage-figures.html" if partial(who.request) and part else "people/coverage.html"
    names = _names(who, reach) if reach is not None else {}
    return who.render(
        template, 422 if errors else 200, reach=reach, choice=choice, chosen=chosen, whole=whole, countries=countries,
        companies=companies, faults=FAULTS, stop=stop_words, names=names, employers=_employers(who, reach), errors=errors,
        most=MOST,
    )  # fmt: skip


def _reach(who: Visit, choice: Choice, chosen: EmployerView | None) -> Reach:
    country, employer = choice.country or None, chosen.employer_id if chosen is not None else None
    with who.reading() as connection:
        covers = cover(connection, who.actor, who.day, country=country, employer=employer)
        if country is None and employer is None:
            return Reach(by_country(covers))
        mend = to_mend(connection, who.actor, who.day, country=country, employer=employer, limit=MOST)
        lost = without_place(connection, who.actor, employer=employer, limit=MOST) if employer is not None else ()
    return Reach(by_country(covers), mend, lost)


def _names(who: Visit, reach: Reach) -> dict[int, str]:
    people = sorted({one.registrant_id for one in (*reach.mend, *reach.lost)})
    if not people:
        return {}
    with who.writing() as connection:
        who.viewed(connection, people)
        return names_of(connection, who.actor, people, who.keys)


def _employers(who: Visit, reach: Reach | None) -> dict[int, str]:
    def read(connection: Connection, found: Reach) -> dict[int, str]:
        return names_of_employers(
            connection, sorted({one.employer_id for one in found.mend if one.employer_id is not None})
        )

    if reach is None:
        return {}
    with who.reading() as connection:
        return read(connection, reach)
