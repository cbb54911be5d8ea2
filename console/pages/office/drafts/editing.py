"""`/office/alerts/{id}/edit`: a draft changed by a form. Who changed it meanwhile is named, and nothing of theirs is lost."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import Form, Uploaded
from console.pages.office.drafts.clash import base_of, clash, read_base
from console.pages.office.drafts.fields import Checked
from console.pages.office.drafts.page import Told, names_of, show, zone_of
from console.pages.office.drafts.previewing import checked_of, no_draft, told_of
from console.pages.office.drafts.typed import Typed, of_draft, read
from console.pages.office.drafts.writing import TooLong, refuse_long
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput, LingbaoError
from notify.edit import ChangedMeanwhile
from notify.own.revise import Revision, Standing, revise, standing
from notify.store import alerts as alert_store

routes = APIRouter()


@routes.get("/alerts/{id:int}/edit")
def edit_page(who: Worker, id: int) -> Response:
    """Show the form with the draft as it stands."""
    with who.reading() as connection:
        before = standing(connection, id)
        typed = _typed(who, connection, before)
    return show(who, typed, Told(editing=before, mark=before.mark, base=base_of(typed)))


@routes.post("/alerts/{id:int}/edit")
def save_edit(who: Worker, id: int, form: Uploaded) -> Response:
    """Change the draft, unless somebody else did since the form was shown: then both are shown, and nothing is written."""
    typed = read(form)
    try:
        with who.reading() as connection:
            before = standing(connection, id)
    except BadInput as error:
        return no_draft(who, typed, error)
    checked = checked_of(who, typed, before)
    if not checked.errors:
        try:
            changed = _save(who, id, typed, checked, form.text("mark", 100))
            return go(f"/alerts/{id}", "edited" if changed else "unchanged")
        except ChangedMeanwhile:
            return _clashed(who, id, typed, form)
        except TooLong as error:
            checked.wrong("title_zh", error.message)
        except LingbaoError as error:
            checked.wrong("", error.message)
    elif form.text("mark", 100) != before.mark:
        return _clashed(who, id, typed, form, checked)
    return show(who, typed, told_of(form, before, tuple(checked.errors)))


def _save(who: Visit, id: int, typed: Typed, checked: Checked, mark: str) -> bool:
    wanted = Revision(checked.manual, mark, level_stays=not typed.level)
    with who.writing() as connection:
        changed = revise(connection, id, wanted, who.acting)
        after = standing(connection, id)
        if changed and not after.quoted:
            refuse_long(who, tuple(alert_store.texts(connection, after.version.id or 0)))
    return changed


def _clashed(who: Visit, id: int, typed: Typed, form: Form, checked: Checked | None = None) -> Response:
    """Show both: what the other changed, and what the reader typed. The next press of the button settles it."""
    with who.reading() as connection:
        now = standing(connection, id)
        theirs = _typed(who, connection, now)
        last = alert_store.last_edit(connection, now.version.id or 0)
    found, kept = clash(read_base(form.text("base", 1000)), typed, theirs, last)
    kept = replace(kept, template="", values={})
    errors = () if checked is None else tuple(checked.errors)
    return show(who, kept, Told(errors, None, now, now.mark, base_of(theirs), found))


def _typed(who: Visit, connection: Connection, before: Standing) -> Typed:
    return of_draft(before.draft, before.schedule, names_of(connection), zone_of(who))
