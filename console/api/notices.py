"""`/notices` and `/alerts`: what the office told the people of the company, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from console.api import models, views
from console.api.call import Caller
from console.api.described import refusals
from console.api.ids import Kind
from console.api.people import Cursor, Limit
from console.api.problems import not_found
from core.database import reading
from notify.store.companies import Wanted, alerts_in_force, countries_of, notices
from registry.scope.api import own_people

routes = APIRouter(tags=["notices"])


class Filter(models.Strict):
    """Which notices are wanted."""

    alert: Annotated[str, Query(max_length=16, description="Id of an alert.")] = ""
    person: Annotated[str, Query(max_length=16, description="Id of a person.")] = ""
    limit: Limit = 50
    after: Cursor = ""


@routes.get("/notices", responses=refusals())
def list_notices(call: Caller, wanted: Annotated[Filter, Query()]) -> models.NoticesPage:
    """Return what became of each alert for each person of the company, the newest first. Texts are in `/alerts`."""
    before = call.ids.place(wanted.after)
    if before is None:
        raise not_found()
    query = Wanted(
        own_people(call.actor),
        call.employer_id,
        before,
        alert_id=call.ids.read(Kind.ALERT, wanted.alert) if wanted.alert else None,
        registrant_id=call.ids.read(Kind.PERSON, wanted.person) if wanted.person else None,
    )
    with reading(call.office.engine) as connection:
        rows = notices(connection, query, wanted.limit + 1)
    shown, more = rows[: wanted.limit], len(rows) > wanted.limit
    last = call.ids.mark(shown[-1].recipient_id, shown[-1].delivery_id) if more else None
    return models.NoticesPage(items=[views.notice(row, call) for row in shown], next=last)


@routes.get("/alerts", responses=refusals())
def list_alerts(call: Caller) -> models.Alerts:
    """Return the alerts in force that were for people of the company, with their newest text."""
    with reading(call.office.engine) as connection:
        rows = alerts_in_force(connection, own_people(call.actor), call.employer_id, call.now)
        places = {row.id: countries_of(connection, row.id) for row in rows}
    return models.Alerts(items=[views.alert(row, places[row.id], call) for row in rows])
