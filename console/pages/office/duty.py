"""`/office/duty`: who is called at night, when nobody would be, and what somebody is wanted for now."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted, Uploaded
from console.pages.office.visit import Visit, Worker, go
from core.errors import LingbaoError
from core.i18n import t
from notify.duty import answers, store
from notify.duty.fallback import fallback_phone
from notify.duty.keeping import add_shifts, remove_shift, view_shifts
from notify.duty.roster import read_shift, read_table
from notify.duty.shifts import Shift, on_duty, uncovered
from sources.wire import load_message

routes = APIRouter()
DONE = {
    "shift": t("The shift is in the table."),
    "shifts": t("The table was taken over."),
    "shift-gone": t("The shift was taken out."),
    "known": t("You know of it: nobody else is called. It closes when its cause is over."),
}
AHEAD = timedelta(days=28)
TYPED = ("name", "phone", "begins", "ends")


@routes.get("/duty")
def duty_page(who: Worker) -> Response:
    """Show the shifts of four weeks, the holes between them, and the open calls."""
    return _page(who)


@routes.post("/duty")
def add(who: Worker, form: Posted) -> Response:
    """Write one shift."""
    try:
        begins, ends = (form.text(name, 40).replace("T", " ") for name in ("begins", "ends"))
        shift = read_shift(form.text("name", 100), form.text("phone", 40), begins, ends, who.office.settings.zone)
        _write(who, [shift])
    except LingbaoError as error:
        return _page(who, [FieldError(_field_of(form), error.message)], form)
    return go("/duty", "shift")


@routes.post("/duty/table")
def take_table(who: Worker, form: Uploaded) -> Response:
    """Take over a table as .csv: whole, or not at all."""
    if form.file is None or not form.file.data:
        return _page(who, [FieldError("file", t("Choose a file."))])
    try:
        found, wrong = read_table(form.file.data, who.office.settings.zone)
        if wrong:
            lines = [t("Line {line}: {why}", line=one.line, why=one.why) for one in wrong]
            return _page(who, [FieldError("file", one) for one in lines])
        _write(who, found)
    except LingbaoError as error:
        return _page(who, [FieldError("file", error.message)])
    return go("/duty", "shifts")


@routes.post("/duty/{id}/remove")
def remove(who: Worker, id: int, form: Posted) -> Response:
    """Take a shift out of the table."""
    with who.writing() as connection:
        remove_shift(connection, who.actor, id, who.now)
    return go("/duty", "shift-gone")


@routes.post("/duty/calls/{id}/known")
def known(who: Worker, id: int, form: Posted) -> Response:
    """Say that one knows of a call. Pressed twice, or after somebody else, it changes nothing."""
    with who.writing() as connection:
        answers.acknowledge(connection, [id], by=who.actor.name, now=who.now)
    return go("/duty", "known")


def _page(who: Visit, errors: list[FieldError] | None = None, form: Form | None = None) -> Response:
    now, until = who.now, who.now + AHEAD
    with who.writing() as connection:
        shifts = view_shifts(connection, who.actor, (now, until), keys=who.keys, now=now)
        calls = store.open_pages(connection)
    holes = uncovered(shifts, now, max((one.ends for one in shifts), default=until))
    typed = {name: form.text(name, 100) if form is not None else "" for name in TYPED}
    return who.render(
        "duty.html", 422 if errors else 200, shifts=shifts, holes=holes, errors=errors or [], typed=typed,
        calls=[(one, load_message(one.words)) for one in calls], on=[one.shift_id for one in on_duty(shifts, now)],
        fallback=bool(fallback_phone(who.office.settings)),
    )  # fmt: skip


def _write(who: Visit, shifts: list[Shift]) -> None:
    with who.writing() as connection:
        add_shifts(connection, who.actor, shifts, keys=who.keys, now=who.now)


def _field_of(form: Form) -> str:
    """Return the field to which an error most likely belongs: the first that is empty, else the number. Pure."""
    return next((name for name in TYPED if not form.text(name)), "phone")
