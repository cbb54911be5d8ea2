"""`/me`: whose token this is."""

from __future__ import annotations

from fastapi import APIRouter

from console.api.call import Caller
from console.api.described import refusals
from console.api.models import Me
from core.database import reading
from registry.employers import own_employer
from registry.scope.api import count_people

routes = APIRouter(tags=["me"])


@routes.get("/me", responses=refusals())
def me(call: Caller) -> Me:
    """Say whose token this is, and how many people of the company are registered."""
    with reading(call.office.engine) as connection:
        employer = own_employer(connection, call.actor)
        people = count_people(connection, call.actor)
    return Me(
        user=call.actor.name, employer_code=employer.code, employer_name=employer.name, people=people,
        calls_per_minute=call.office.settings.api_calls_per_minute,
    )  # fmt: skip
