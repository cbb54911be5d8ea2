"""Steps of one button: an alert is submitted, paused, resumed, or cancelled. Each is for the state that was seen."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import Form, Posted
from console.pages.office.alert.seen import Seen, common, look
from console.pages.office.alert.steps import Act, Case, choice
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput
from core.i18n import t
from notify import alerts, pausing
from notify.store import pausing as waiting_store

routes = APIRouter()
DONE = {
    "alert-submitted": t("Submitted. It is sent when another person has approved it."),
    "alert-paused": t("Paused. What is with a provider goes on its way; nothing more leaves."),
    "alert-resumed": t("It goes on where it stood."),
    "alert-cancelled": t("Cancelled. What had left cannot be called back."),
    "alert-moved": t("Somebody else took a step in the meantime, and nothing was done now. Look where it stands."),
}


@routes.post("/alerts/{id:int}/submit")
def submit(who: Worker, id: int, form: Posted) -> Response:
    """Hand a draft to a second person."""
    with who.writing() as connection:
        seen = look(connection, who, id)
        if _moved(seen, form):
            return _look_again(id)
        alerts.submit(connection, seen.newest.id or 0, who.acting)
    return go(f"/alerts/{id}", "alert-submitted")


@routes.post("/alerts/{id:int}/pause")
def pause(who: Worker, id: int, form: Posted) -> Response:
    """Hold back what has not left."""
    with who.writing() as connection:
        seen = look(connection, who, id)
        if seen.shown.paused_at is not None:
            return _look_again(id)
        pausing.pause(connection, id, who.acting)
    return go(f"/alerts/{id}", "alert-paused")


@routes.post("/alerts/{id:int}/resume")
def resume(who: Worker, id: int, form: Posted) -> Response:
    """Let it go on."""
    with who.writing() as connection:
        seen = look(connection, who, id)
        if seen.shown.paused_at is None:
            return _look_again(id)
        pausing.resume(connection, id, who.acting)
    return go(f"/alerts/{id}", "alert-resumed")


@routes.get("/alerts/{id:int}/cancel")
def cancel_page(who: Worker, id: int) -> Response:
    """Ask once more before an alert is cancelled, with what that stops and what it does not."""
    return _cancel_page(who, id)


@routes.post("/alerts/{id:int}/cancel")
def cancel(who: Worker, id: int, form: Posted) -> Response:
    """Cancel the newest version of an alert."""
    with who.writing() as connection:
        seen = look(connection, who, id)
        if _moved(seen, form):
            return _look_again(id)
        alerts.cancel(connection, seen.newest.id or 0, who.acting)
    return go(f"/alerts/{id}", "alert-cancelled")


def _cancel_page(who: Visit, id: int) -> Response:
    with who.reading() as connection:
        seen = look(connection, who, id)
        if not _may_cancel(seen.case):
            raise BadInput(t("Nothing of alert {number} can be cancelled any more.", number=id))
        waiting = waiting_store.waiting(connection, [seen.newest.id or 0])
    return who.render("alert/cancel.html", waiting=waiting, **common(who, seen))


def _may_cancel(case: Case) -> bool:
    return Act.CANCEL in choice(case).others


def _moved(seen: Seen, form: Form) -> bool:
    """Tell whether the alert stands elsewhere than when the button was shown."""
    return form.text("seen") != seen.mark


def _look_again(id: int) -> Response:
    return go(f"/alerts/{id}", "alert-moved")
