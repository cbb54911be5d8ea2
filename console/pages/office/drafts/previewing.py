"""`/office/alerts/preview` and `/try`: what a form would do, before it is written; and its text to one's own telephone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Uploaded
from console.pages.office.drafts.clash import read_base
from console.pages.office.drafts.fields import Asked, Checked, check
from console.pages.office.drafts.page import Told, show
from console.pages.office.drafts.panel import FEW_TEXTS, Panel, panel
from console.pages.office.drafts.typed import Typed, read
from console.pages.office.visit import Visit, Worker, partial
from core.errors import BadInput, LingbaoError, NotFound
from core.i18n import Message, t
from core.tables import Mode
from notify.dispatch import Tools
from notify.own.rehearsal import Question, Rehearsal, Show, rehearse_edit, rehearse_form
from notify.own.revise import Revision, Standing, edit_of, standing
from notify.service import Handed, ServiceMessage, send_service
from notify.store.alerts import instance
from notify.trial import channel_for, may_try, trial

routes = APIRouter()
MOST_WHILE_TYPING = 5000
"""People up to whom the preview counts by itself; with more, when the button is pressed: planning holds up other writers."""
OUTCOMES = {
    "accepted": t("The test is with the provider. It should arrive within a minute."),
    "doubt": t("The test may be on its way."),
    "failed": t("The test could not be sent now. Try again."), "refused": t("The test was refused."),
}  # fmt: skip


@routes.post("/alerts/preview")
def preview_page(who: Worker, form: Uploaded) -> Response:
    """Show what the form would do; only the preview, if the script of the page asks. Nothing is written."""
    typed, part = read(form), partial(who.request)
    word = form.text("show", 20)
    try:
        editing = editing_of(who, form)
    except BadInput as error:
        return no_draft(who, typed, error)
    asked = Show(word) if word in {one.value for one in Show} else Show.NOBODY
    checked, found = rehearsed(who, typed, editing, Question(asked, MOST_WHILE_TYPING if part else None))
    shown = Panel(missing=tuple(checked.errors)) if found is None else panel(who, found, asked)
    if part:
        return who.render("drafts/preview.html", panel=shown, part=True, few_texts=FEW_TEXTS, errors=[])
    return show(who, typed, told_of(form, editing, tuple(checked.errors), None if checked.errors else shown))


@routes.post("/alerts/template")
def with_template(who: Worker, form: Uploaded) -> Response:
    """Show the form with the gaps of the template that was chosen. Nothing is looked at yet."""
    return show(who, read(form), told_of(form, None))


@routes.post("/alerts/try")
def try_text(who: Worker, form: Uploaded) -> Response:
    """Send the text of the form, marked as a test, to an officer's own address; nobody of the register gets it."""
    typed = read(form)
    try:
        editing = editing_of(who, form)
    except BadInput as error:
        return no_draft(who, typed, error)
    checked, found = rehearsed(who, typed, editing, Question())
    errors, tried = list(checked.errors), None
    if found is not None:
        try:
            tried = _try(who, found, form.text("test_to", 200), form.text("test_language", 5) or "zh")
        except LingbaoError as error:
            errors.append(FieldError("test_to", error.message))
    shown = None if found is None else panel(who, found)
    return show(who, typed, told_of(form, editing, tuple(errors), shown, tried))


def editing_of(who: Visit, form: Form) -> Standing | None:
    """Return the draft a form is about; None for a new alert.

    Raises:
        NotFound: there is no such alert. BadInput: it is no draft any more.
    """
    number = form.text("alert", 20)
    if not number:
        return None
    if not number.isdecimal():
        raise NotFound(t("There is no such alert."))
    with who.reading() as connection:
        return standing(connection, int(number))


def no_draft(who: Visit, typed: Typed, error: BadInput) -> Response:
    """Say that the draft is none any more, and keep what was typed: it can become an alert of its own."""
    kept = t("What you typed is kept below, and can become an alert of its own.")
    errors = (FieldError("", error.message), FieldError("", kept))
    if partial(who.request):
        return who.render(
            "drafts/preview.html", panel=Panel(missing=errors[:1]), part=True, few_texts=FEW_TEXTS, errors=[]
        )
    return show(who, typed, Told(errors))


def told_of(
    form: Form, editing: Standing | None, errors: tuple[FieldError, ...] = (), shown: Panel | None = None,
    tried: Message | None = None,
) -> Told:  # fmt: skip
    """Return what a page tells that is shown once more: it stays the form it was."""
    base = read_base(form.text("base", 1000))
    return Told(errors, shown, editing, form.text("mark", 100), base, once=form.text("once", 40), tried=tried)


def checked_of(who: Visit, typed: Typed, editing: Standing | None) -> Checked:
    """Look at what was typed."""
    with who.reading() as connection:
        stands = None if editing is None or editing.schedule is None else editing.schedule.at
        quoted = editing is not None and editing.quoted
        return check(typed, Asked(connection, who.office.settings, who.now, quoted, stands))


def rehearsed(
    who: Visit, typed: Typed, editing: Standing | None, question: Question
) -> tuple[Checked, Rehearsal | None]:
    """Look at what was typed, and if nothing is wrong rehearse it; what only shows then is wrong with the whole."""
    checked = checked_of(who, typed, editing)
    if checked.errors:
        return checked, None
    try:
        if editing is None:
            return checked, rehearse_form(who.office, checked.manual, who.acting, question)
        revision = Revision(checked.manual, "", level_stays=not typed.level)
        with who.reading() as connection:
            wanted = edit_of(connection, revision, editing)
        return checked, rehearse_edit(who.office, editing.version.alert_id, wanted, who.acting, question)
    except LingbaoError as error:
        checked.wrong("", error.message)
        return checked, None


def _try(who: Visit, found: Rehearsal, address: str, language: str) -> Message:
    with who.reading() as connection:
        sandbox = Mode(instance(connection).mode) is Mode.SANDBOX
    may_try(address, who.office.settings.test_addresses, sandbox=sandbox)
    way = channel_for(address, {one.channel for one in found.texts})
    message = trial(found.texts, address, channel=way, language=language, variant="abroad")
    # What was rehearsed has no number that lasts.
    message = replace(message, subject="alert_form")
    handed = asyncio.run(_send(who.office.tools(), message, who.actor.name))
    words = OUTCOMES[handed.outcome]
    return t("{words} ({code})", words=words, code=handed.code) if handed.code else words


async def _send(tools: Tools, message: ServiceMessage, by: str) -> Handed:
    try:
        return await send_service(tools, message, by=by)
    finally:
        for channel in tools.channels.values():
            await channel.close()
