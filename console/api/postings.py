"""`/people/{id}/postings` and `/confirmations`: a further stay, and the word that nothing has changed (无变化)."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from console.api import models
from console.api.call import Caller
from console.api.described import refusals
from console.api.ids import Kind
from console.api.once import Key, once
from console.api.people import JSON, PersonId, new_posting, sealer, show_person, tagged
from core.database import writing
from registry.asking.rounds import confirm_unchanged
from registry.edit import add_stay

routes = APIRouter(tags=["people"])


@routes.post("/people/{id}/postings", status_code=201, responses=refusals(409, 413, 415), dependencies=JSON)
def add(call: Caller, id: PersonId, posting: models.PostingIn, key: Key, response: Response) -> models.Person:
    """Register one more stay of a person."""
    number = call.ids.read(Kind.PERSON, id)

    def work(connection: Connection, now: datetime) -> int:
        """Register once; the key answers for repeats."""
        return add_stay(connection, call.actor, number, new_posting(posting), sealer=sealer(call))

    once(call, key, ["POST /people/postings", str(number), posting.model_dump_json()], work)
    with writing(call.office.engine) as connection:
        return tagged(call, show_person(connection, call, number), response)


@routes.post("/confirmations", status_code=201, responses=refusals(409))
def confirm(call: Caller, key: Key) -> models.Confirmation:
    """Say that nothing has changed: every stay counts as confirmed today, but for those the company was asked about by name."""

    def work(connection: Connection, now: datetime) -> int:
        return confirm_unchanged(connection, call.actor, call.employer_id, now)

    return models.Confirmation(confirmed=once(call, key, ["POST /confirmations"], work).result)
