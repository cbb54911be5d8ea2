"""`/office/bulletin/{week}/correct`: a further edition of a released bulletin, with its mark, to the companies that got the one before."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from console.pages.forms import FieldError, Written
from console.pages.office.tonight.weeks import week_of
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput
from core.i18n import t
from notify.bulletin import correct as correcting
from notify.bulletin import release as releasing
from notify.bulletin.week import Week

routes = APIRouter()


@routes.get("/bulletin/{name}/correct")
def correct_page(who: Worker, name: str) -> Response:
    """Show the text that was released, to be mended, and ask what was wrong."""
    week = week_of(who, name)
    found = releasing.released(who.office, week)
    return _page(who, week, correcting.plain(found.markdown), found.sha256)


@routes.post("/bulletin/{name}/correct")
def correct(who: Worker, name: str, form: Written) -> Response:
    """Release the mended text as the next edition, and mail it when this is answered."""
    week = week_of(who, name)
    text, note = form.text("text", releasing.LONGEST + 1), form.text("note", correcting.LONGEST_NOTE)
    found = releasing.released(who.office, week)
    if form.text("mark", 64) != found.sha256:
        error = FieldError(
            "text", t("Somebody else has just corrected this bulletin. Look at it first; your text is kept here.")
        )
        return _page(who, week, text, found.sha256, note, error)
    if not note:
        return _page(who, week, text, found.sha256, note, FieldError("note", t("Say in a sentence what is corrected.")))
    try:
        correcting.correct(who.office, who.actor, week, text, note)
    except BadInput as error:
        return _page(who, week, text, found.sha256, note, FieldError("text", error.message))
    answer = go(f"/bulletin/{week.name}", "bulletin-corrected")
    answer.background = BackgroundTask(releasing.send, who.office, week, by=who.actor.name)
    return answer


def _page(who: Visit, week: Week, text: str, mark: str, note: str = "", error: FieldError | None = None) -> Response:
    return who.render(
        "tonight/bulletin-correct.html", 422 if error else 200, week=week, text=text, mark=mark, note=note,
        errors=[error] if error else [],
    )  # fmt: skip
