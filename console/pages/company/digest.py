"""`/company/digest`: how often the contacts of a company get the digest of general advice; it is shown beside the contacts."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.company import contacts
from console.pages.company.visit import Visitor, go
from console.pages.digest import CHOOSE_ONE, FIELD, is_choice, rhythm_of
from console.pages.forms import FieldError, Posted
from core.database import writing
from notify.digest.choose import Who, choose

routes = APIRouter()


@routes.post("/digest")
def choose_digest(who: Visitor, form: Posted) -> Response:
    """Write the choice of the company."""
    if not is_choice(form):
        return contacts.page(who, errors=[FieldError(FIELD, CHOOSE_ONE)])
    with writing(who.office.engine) as connection:
        choose(connection, who.actor, Who(employer_id=who.employer.employer_id), rhythm_of(form), who.now)
    return go("/contacts", "digest-chosen")
