"""`/office/texts`: the office's own words: templates of alerts with gaps, and the wordings that every notice is made with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.office.texts import templates as template_pages
from console.pages.office.texts import wordings
from console.pages.office.visit import Worker
from core.i18n import Message, t
from core.languages import OURS, language_name
from notify.own import templates
from notify.texts import store
from notify.texts.further import further, may_be_worded
from notify.texts.rules import Form
from notify.wordings import EDITORS

routes = APIRouter()
DONE = {
    "template": t("The template is saved as a new version. Alerts written before keep their words."),
    "template-gone": t("The template is out of use. Its versions are kept."),
    "wording": t("The wording is in use from the next text on. Alerts written before keep their words."),
    "wording-back": t("The shipped wording is in use again. The office's own versions are kept."),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One form of notices in one language, and whose wording it has. `by`: empty where the shipped one is used."""

    form: Form
    words: Message
    code: str
    language: str
    by: str
    at: datetime | None


@routes.get("/texts")
def texts_page(who: Worker) -> Response:
    """Show the templates of alerts, and which wording each form of a notice has now."""
    with who.reading() as connection:
        found, own = templates.all_templates(connection), store.own_wordings(connection)
        newest = {(row.channel, row.language): row for row in reversed(store.wording_rows(connection))}
    lines = []
    for form in get_args(Form):
        for code in (*OURS, *(one for one in further(own) if (form, one) in own)):
            if not may_be_worded(form, code):
                continue
            row = newest.get((form, code)) if (form, code) in own else None
            lines.append(Line(form, wordings.FORM_WORDS[form], code, language_name(code, who.language),
                              row.created_by if row else "", row.created_at if row else None))  # fmt: skip
    return who.render(
        "texts/list.html", templates=found, lines=lines, editor=who.may(*EDITORS), forms=wordings.FORM_WORDS
    )


routes.include_router(template_pages.routes)
routes.include_router(wordings.routes)
