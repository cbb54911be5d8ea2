"""What an officer does with a source: read it now, let held changes go on, or close them."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.sources.card import publisher_of, show
from console.pages.office.visit import Worker, go
from core.errors import BadInput
from core.i18n import Message, t
from notify import floods, reading_now

routes = APIRouter()
DONE: Mapping[str, Message] = {
    "reading": t("The reading has begun. This page shows what comes of it."),
    "reading-already": t("This source is being read already: it was not begun a second time."),
    "released": t("The changes go on to the policy: the next run decides each of them."),
    "dismissed": t("The changes are closed. Nobody is told of them."),
}


@routes.post("/sources/{id}/read")
def read_now(who: Worker, id: str, form: Posted) -> Response:
    """Begin to read a source, once; the reading goes on when this is answered."""
    begun = reading_now.begin(who.office, who.actor, publisher_of(who, id).CARD.id)
    answer = go(f"/sources/{id}", "reading" if begun.mine else "reading-already")
    if begun.mine:
        answer.background = BackgroundTask(reading_now.work, who.office, begun, by=who.actor.name)
    return answer


@routes.post("/sources/{id}/held")
def settle(who: Worker, id: str, form: Posted) -> Response:
    """Let held changes go on to the policy, or close them; only those that were shown."""
    source = publisher_of(who, id).CARD.id
    action = form.text("action", 20)
    if action not in {"release", "dismiss"}:
        return show(who, source, [FieldError("held", t("Release the changes, or dismiss them."))])
    try:
        floods.settle(who.office, who.actor, source, form.text("mark", 40), release=action == "release")
    except BadInput as error:
        return show(who, source, [FieldError("held", error.message)], 409)
    return go(f"/sources/{source}", "released" if action == "release" else "dismissed")
