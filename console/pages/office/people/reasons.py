"""`/office/people/{id}/why/{alert}`: why a person was told of an alert, or was not: the chain of rules, each with its word."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.office.people.person import Person
from console.pages.office.visit import Worker
from core.i18n import Message, t
from notify.why import Asked, Fate, why_alert
from registry.scope.people import names_of

routes = APIRouter()
FATES: Mapping[Fate, Message] = {
    Fate.TOLD: t("told"), Fate.WAITING: t("waits"), Fate.DOUBT: t("in doubt"), Fate.NOT_TOLD: t("not told"),
}  # fmt: skip


@routes.get("/people/{id}/why/{alert}")
def why_page(who: Worker, id: Person, alert: Person) -> Response:
    """Show the chain. The look is in the audit."""
    asked = Asked(who.office, who.acting, id)
    with who.writing() as connection:
        asked.begin(connection, f"alert/{alert}")
        name = names_of(connection, who.actor, [id], who.keys)[id]
    with who.reading() as connection:
        found = why_alert(connection, asked, alert)
    return who.render("people/why.html", id=id, person=name, alert=alert, found=found, fates=FATES)
