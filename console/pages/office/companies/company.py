"""`/office/companies/{id}`: one company: its people by country, its lists, whom the office calls there, and who may sign in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.liaison_form import read_liaison
from console.pages.office.companies.words import DUTIES, not_sent
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput, NotFound
from core.i18n import t
from notify.invite import invite as invite_contact
from registry.accounts.companies import count_tokens_of
from registry.asking.rounds import OpenRound, list_open
from registry.contacts import add_contact, end_contact, list_contacts
from registry.employers import employer_numbered, verify_employer
from registry.roster.undo import imports_of
from registry.scope.companies import Standing, countries_of_employer, standing_by_employer
from registry.scope.coverage import without_place
from registry.scope.listing import Narrowed, Show, count_of

routes = APIRouter()
Number = Annotated[int, Path(ge=1, le=2**53)]
FIELDS = ("name", "duty", "phone", "mail", "language")
MOST_LISTS = 12


@routes.get("/companies/{id}")
def company_page(who: Worker, id: Number) -> Response:
    """Show one company. The look at its contacts is in the audit."""
    return _page(who, id)


@routes.post("/companies/{id}/verify")
def verify(who: Worker, id: Number, form: Posted) -> Response:
    """Write down that the office has checked the company, and who speaks for it."""
    with who.writing() as connection:
        verify_employer(connection, who.actor, employer_numbered(connection, who.actor, id).code, now=who.now)
    return go(f"/companies/{id}", "company-verified")


@routes.post("/companies/{id}/contacts")
def add(who: Worker, id: Number, form: Posted) -> Response:
    """Write a contact down."""
    new, errors = read_liaison(form)
    if not errors:
        try:
            with who.writing() as connection:
                employer_numbered(connection, who.actor, id)
                add_contact(connection, who.actor, id, new, keys=who.keys, now=who.now)
            return go(f"/companies/{id}", "company-contact-added")
        except BadInput as error:
            errors.append(FieldError("phone", error.message))
    return _page(who, id, {name: form.text(name, 200) for name in FIELDS}, errors)


@routes.post("/companies/{id}/contacts/{contact}/end")
def end(who: Worker, id: Number, contact: Number, form: Posted) -> Response:
    """End a contact; their sessions end with it."""
    with who.writing() as connection:
        _own_contact(connection, who, id, contact)
        end_contact(connection, who.actor, contact, now=who.now)
    return go(f"/companies/{id}", "company-contact-ended")


@routes.post("/companies/{id}/contacts/{contact}/invite")
def invite(who: Worker, id: Number, contact: Number, form: Posted) -> Response:
    """Write to a contact that they may sign in, and where."""
    with who.reading() as connection:
        company = employer_numbered(connection, who.actor, id)
    handed = invite_contact(who.office, who.actor, id, contact, company.name)
    if handed.sent:
        return go(f"/companies/{id}", "company-invited" if handed.outcome == "accepted" else "company-invited-perhaps")
    return _page(who, id, errors=[FieldError("", not_sent(handed))])


def _own_contact(connection: Connection, who: Visit, company: int, contact: int) -> None:
    there = list_contacts(connection, who.actor, company, keys=who.keys, now=who.now)
    if not any(one.contact_id == contact for one in there):
        raise NotFound(t("There is no contact {number} of a company.", number=contact))


def _page(
    who: Visit, number: int, typed: Mapping[str, str] | None = None, errors: list[FieldError] | None = None
) -> Response:
    with who.reading() as connection:
        company = employer_numbered(connection, who.actor, number)
        people = standing_by_employer(connection, who.actor, [number], who.day).get(number, Standing())
        countries = countries_of_employer(connection, who.actor, number)
        everybody = count_of(connection, who.actor, Narrowed(Show.ALL, who.day, employer=number))
        lost = len(without_place(connection, who.actor, employer=number))
        lists, month = imports_of(connection, who.actor, number)[:MOST_LISTS], _month(connection, who, number)
        tokens = count_tokens_of(connection, number)
    with who.writing() as connection:  # a look at contacts leaves a line in the audit
        contacts = list_contacts(connection, who.actor, number, keys=who.keys, now=who.now)
    return who.render(
        "companies/company.html", 422 if errors else 200, company=company, people=people, countries=countries,
        everybody=everybody, lost=lost, lists=lists, month=month, tokens=tokens, contacts=contacts, duties=DUTIES,
        typed=typed or {}, errors=errors or [],
    )  # fmt: skip


def _month(connection: Connection, who: Visit, number: int) -> OpenRound | None:
    theirs = [one for one in list_open(connection, who.actor, who.now) if one.employer_id == number]
    return max(theirs, key=lambda one: one.month, default=None)
