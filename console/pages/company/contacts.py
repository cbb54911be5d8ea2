"""`/company/contacts`: whom the office calls at the company, and who may sign in for it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.visit import Visit, Visitor, go
from console.pages.company.words import DUTIES
from console.pages.digest import OPTIONS, value_of
from console.pages.forms import FieldError, Posted
from console.pages.liaison_form import read_liaison
from core.database import writing
from core.errors import BadInput
from core.i18n import t
from notify.digest import store
from registry.contacts import add_contact, end_contact, list_contacts

routes = APIRouter()
FIELDS = ("name", "duty", "phone", "mail", "language")


@routes.get("/contacts")
def contacts_page(who: Visitor) -> Response:
    """Show the contacts. The look is in the audit."""
    return page(who)


@routes.post("/contacts")
def add(who: Visitor, form: Posted) -> Response:
    """Write a contact."""
    new, errors = read_liaison(form)
    if not errors:
        try:
            with writing(who.office.engine) as connection:
                employer = who.employer.employer_id
                add_contact(connection, who.actor, employer, new, keys=who.keys, now=who.now)
            return go("/contacts", "contact-added")
        except BadInput as error:
            errors.append(FieldError("phone", error.message))
    return page(who, {name: form.text(name, 200) for name in FIELDS}, errors)


@routes.post("/contacts/{id}/end")
def end(who: Visitor, id: str, form: Posted) -> Response:
    """End a contact; their sessions end with it. The last one who can sign in stays: nobody shuts everybody out by a slip."""
    number = who.ids.read(Kind.CONTACT, id)
    with writing(who.office.engine) as connection:
        there = list_contacts(connection, who.actor, who.employer.employer_id, keys=who.keys, now=who.now)
        others = [one for one in there if one.mail and one.contact_id != number]
        last = not others and any(one.contact_id == number for one in there)
        if not last:
            end_contact(connection, who.actor, number, now=who.now)
    if last:
        told = t("This is the last contact with a mail address. Add another one first.")
        return page(who, errors=[FieldError("", told)])
    return go("/contacts", "contact-ended")


def page(who: Visit, typed: dict[str, str] | None = None, errors: list[FieldError] | None = None) -> Response:
    """Return the page: with what was typed and is wrong, if something is."""
    with writing(who.office.engine) as connection:  # a look at contacts leaves a line in the audit
        found = list_contacts(connection, who.actor, who.employer.employer_id, keys=who.keys, now=who.now)
        digest = store.standing(connection, employer_id=who.employer.employer_id)
    return who.render(
        "contacts.html", 422 if errors else 200, contacts=found, duties=DUTIES, me=who.session.whose.contact_id,
        typed=typed or {}, errors=errors or [], options=OPTIONS, rhythm=value_of(digest),
    )  # fmt: skip
