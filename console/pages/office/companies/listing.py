"""`/office/companies`: companies page by page, with their people, their list and their contacts; and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.companies.words import OF
from console.pages.office.people.listing import Number
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput
from registry.accounts.companies import Asked, Of, count_employers, last_lists, page_of_employers
from registry.employers import EmployerView, add_employer
from registry.scope.companies import Called, Standing, called_by_employer, standing_by_employer

routes = APIRouter()
PAGE = 50
OLD = timedelta(days=45)
"""A list that is older than a month and a half missed the monthly question."""
FIELDS = ("code", "name", "district", "sector")


@dataclass(frozen=True)
class Line:
    """A company in the list. `listed_at`: when a list of its own was last applied; None: never. `old`: that is too long ago."""

    company: EmployerView
    people: Standing
    called: Called
    listed_at: datetime | None
    old: bool


@routes.get("/companies")
def list_page(who: Worker, text: str = "", of: str = "", after: Number = 0) -> Response:
    """Show companies, page by page."""
    asked = Asked(text.strip()[:100], Of(of) if of in {one.value for one in Of} else Of.ALL)
    with who.reading() as connection:
        found = page_of_employers(connection, asked, after=after, limit=PAGE + 1)
        count = count_employers(connection, asked)
        shown = found[:PAGE]
        ids = [one.employer_id for one in shown]
        people = standing_by_employer(connection, who.actor, ids, who.day)
        called, lists = called_by_employer(connection, who.actor, ids), last_lists(connection, ids)
    lines = [
        Line(
            one,
            people.get(one.employer_id, Standing()),
            called.get(one.employer_id, Called()),
            *_listed(lists, one, who.now),
        )
        for one in shown
    ]
    query = {"text": asked.text, "of": asked.of.value}
    return who.render(
        "companies/list.html", lines=lines, count=count, asked=asked, of=OF, first=not after, query=query,
        after=shown[-1].employer_id if len(found) > PAGE else 0,
    )  # fmt: skip


@routes.get("/companies/new")
def new_page(who: Worker) -> Response:
    """Show the form for a new company."""
    return _new(who, {}, [])


@routes.post("/companies/new")
def add(who: Worker, form: Posted) -> Response:
    """Write a company down."""
    typed = {name: form.text(name, 200) for name in FIELDS}
    try:
        with who.writing() as connection:
            number = add_employer(
                connection, who.actor, code=typed["code"], name=typed["name"], now=who.now,
                district=typed["district"][:80], sector=typed["sector"][:80],
            )  # fmt: skip
    except BadInput as error:
        field = "name" if not typed["name"] and typed["code"] else "code"
        return _new(who, typed, [FieldError(field, error.message)])
    return go(f"/companies/{number}", "company-added")


def _new(who: Visit, typed: dict[str, str], errors: list[FieldError]) -> Response:
    return who.render("companies/new.html", 422 if errors else 200, typed=typed, errors=errors)


def _listed(lists: dict[int, datetime], one: EmployerView, now: datetime) -> tuple[datetime | None, bool]:
    at = lists.get(one.employer_id)
    return at, at is None or at < now - OLD
