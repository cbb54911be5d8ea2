"""`/office/people`: people by company, country and state, page by page; or by exact name or number, with one field for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.people.finding import meant_by
from console.pages.office.people.words import SHOWN, STATUS
from console.pages.office.visit import Visit, Worker, go
from core.i18n import Message, t
from core.places.names import codes
from registry.accounts.companies import Asked, names_of_employers, page_of_employers
from registry.employers import EmployerView
from registry.people import PersonView
from registry.scope.listing import Narrowed, Show, Wanted, count_of, countries_with_people, numbers_of
from registry.scope.people import people_numbered

routes = APIRouter()
PAGE, MOST_COMPANIES = 50, 20
LARGEST = 2**53
Number = Annotated[int, Query(ge=0, le=LARGEST)]


@dataclass(frozen=True)
class Line:
    """A person in the list. `company`: its name; empty for a resident of none."""

    view: PersonView
    company: str
    stale: bool


@dataclass(frozen=True)
class Choice:
    """What the list is narrowed by, as chosen on the page. `company`: its code, or a part of its name as typed."""

    show: Show = Show.AWAY
    country: str = ""
    company: str = ""
    alone: bool = False

    @property
    def query(self) -> dict[str, str]:
        """Return the same as it stands in an address."""
        found = {
            "show": self.show.value,
            "country": self.country,
            "company": self.company,
            "alone": "1" if self.alone else "",
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Found:
    """People on a page, with how many there are in all. `after`: begin of the next page; 0: this is the last."""

    lines: tuple[Line, ...]
    count: int
    after: int


@routes.get("/people")
def list_page(
    who: Worker, show: str = "", country: str = "", company: str = "", *, alone: str = "", after: Number = 0
) -> Response:
    """Show people, page by page. Each look is in the audit."""
    return _page(who, _choice(show, country, company, alone), after=after)


@routes.post("/people/find")
def find(who: Worker, form: Posted) -> Response:
    """Find a person, a company or a country. Sent as a form: a name has no place in an address, where machines write it down."""
    text = form.text("q", 100)
    if not text:
        return _page(
            who, Choice(), errors=[FieldError("search", t("Type a whole name, a number, a company or a country."))]
        )
    with who.reading() as connection:
        meant = meant_by(connection, who.actor, text, who.index_key)
        numbers = numbers_of(connection, who.actor, meant.exactly, limit=PAGE + 1)
        count = count_of(connection, who.actor, meant.exactly) if len(numbers) > PAGE else len(numbers)
    if not numbers and not meant.person:
        if len(meant.companies) == 1 and not meant.countries:
            return go(f"/companies/{meant.companies[0].employer_id}")
        if len(meant.countries) == 1 and not meant.companies:
            return go(f"/countries/{meant.countries[0]}")
    wanted = sorted({*numbers[:PAGE], meant.person} - {0})
    return who.render(
        "people/found.html", q=text, lines=lines_of(who, wanted), count=count, companies=meant.companies,
        countries=meant.countries, words=STATUS,
    )  # fmt: skip


def narrowed(who: Visit, connection: Connection, choice: Choice) -> tuple[Narrowed | None, tuple[EmployerView, ...]]:
    """Return who is wanted by a choice, and the companies that its words fit; nobody, if these are not exactly one."""
    found = page_of_employers(connection, Asked(choice.company), limit=MOST_COMPANIES) if choice.company else ()
    exact = tuple(one for one in found if one.code == choice.company.upper())
    found = exact or found
    wanted = Narrowed(choice.show, who.day, choice.country, alone=choice.alone)
    if not choice.company:
        return wanted, ()
    return (replace(wanted, employer=found[0].employer_id, alone=False), found) if len(found) == 1 else (None, found)


def read_choice(form: Form) -> Choice:
    """Return a choice that came with a form."""
    return _choice(form.text("show"), form.text("country"), form.text("company", 100), form.text("alone"))


def _choice(show: str, country: str, company: str, alone: str) -> Choice:
    known = show in {one.value for one in Show}
    return Choice(
        Show(show) if known else Show.AWAY, country if country in codes() else "", company.strip()[:100], alone == "1"
    )


def _page(who: Visit, choice: Choice, *, after: int = 0, errors: list[FieldError] | None = None) -> Response:
    with who.reading() as connection:
        wanted, companies = narrowed(who, connection, choice)
        countries = countries_with_people(connection, who.actor)
    found = Found((), 0, 0) if wanted is None or errors else _found(who, wanted, after)
    problems = list(errors or [])
    if wanted is None:
        problems.append(FieldError("company", _which(companies)))
    return who.render(
        "people/list.html", 422 if problems else 200, found=found, choice=choice, companies=companies, shown=SHOWN,
        countries=countries, words=STATUS, first=not after, errors=problems, asked=not errors,
    )  # fmt: skip


def _which(companies: tuple[EmployerView, ...]) -> Message:
    if companies:
        return t("Several companies fit. Choose one of those below.")
    return t("No company has this code, or these words in its name.")


def _found(who: Visit, wanted: Wanted, after: int) -> Found:
    with who.reading() as connection:
        numbers = numbers_of(connection, who.actor, wanted, after=after, limit=PAGE + 1)
        whole = not after and len(numbers) <= PAGE  # then they are counted already
        count = len(numbers) if whole else count_of(connection, who.actor, wanted)
    shown = numbers[:PAGE]
    return Found(lines_of(who, shown), count, shown[-1] if len(numbers) > PAGE else 0)


def lines_of(who: Visit, numbers: list[int]) -> tuple[Line, ...]:
    """Return these people as lines of a list; the look is in the audit."""
    if not numbers:
        return ()
    with who.writing() as connection:
        views = people_numbered(connection, who.actor, who.keys, numbers)
        who.viewed(connection, [one.registrant_id for one in views])
        names = names_of_employers(
            connection, sorted({one.employer_id for one in views if one.employer_id is not None})
        )
    return tuple(
        Line(one, names.get(one.employer_id or 0, ""), any(stay.stale_on(who.day) for stay in one.postings))
        for one in views
    )
