"""`/office/texts/notice`: the wording of one form of notices in one language: its source, how it reads, its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Uploaded
from console.pages.office.visit import Approver, Visit, Worker, go
from core.errors import BadInput, NotFound
from core.i18n import Message, t
from core.languages import language_name, words_in
from notify.ledger.terms import KINDS
from notify.policy import TEMPLATE_NAME
from notify.ref import fill
from notify.samples import samples
from notify.texts import store
from notify.texts.further import may_be_worded
from notify.texts.readers import variant_words
from notify.texts.rules import Form, text_rules
from notify.texts.tables import MessageTemplate
from notify.texts.wording import shipped
from notify.wordings import EDITORS, LONGEST, faults_of, phrasebook, set_wording

routes = APIRouter()
CODE = "······"
FORM_WORDS: Mapping[Form, Message] = {
    "sms": t("text message"), "sms_cn": t("text message (China)"), "whatsapp": t("WhatsApp"),
    "voice": t("telephone call by machine"), "email": t("mail"), "chat": t("WeCom and WeChat, to one person"),
    "group": t("robots of groups"),
}  # fmt: skip
LACKS: Mapping[str, Message] = {
    "ref": t("the gap ref: the code of each notice, once"), "contacts": t("the number 12308 (the gap contacts)"),
    "title": t("the title (the gap title, heading or sentence)"), "places": t("the place (the gap places)"),
    "drill": t("the mark of a drill"), "mark": t("that an update, correction or all-clear is one (the gap head or mark)"),
    "url": t("the link (the gap url)"), "no-url": t("a link, which a carrier at home stops"),
    "signature": t("who speaks (the gap signature or office)"), "body_gap": t("the publisher's text (the gap body_gap)"),
    "length": t("it is too long"),
}  # fmt: skip
"""What every notice must say, in words for whoever wrote the wording."""


@dataclass(frozen=True)
class Which:
    """One wording: form, language, and the set it belongs to (`notice`: the usual one)."""

    form: Form
    language: str
    set: str


@dataclass(frozen=True)
class Read:
    """One sample: for which kind of version and which readers, and how it reads."""

    kind: Message
    readers: Message | str
    subject: str
    body: str
    parts: int


@routes.get("/texts/notice")
def wording_page(
    who: Worker, form: str = "", language: str = "zh", set: str = store.NOTICE, version: str = ""
) -> Response:
    """Show a wording: the one in use, or an earlier version of it."""
    which = _which(form, language, set)
    with who.reading() as connection:
        rows = _rows(store.wording_rows(connection, which.set), which)
    source, number = _source(rows, which), rows[0].version if rows else 0
    if version.isdecimal() and len(version) < 10:
        past = [row.body for row in rows if row.version == int(version)]
        if not past:
            raise NotFound(t("There is no such version."))
        source = past[0] or _shipped(which)
    return _page(who, which, source, mark=number)


@routes.post("/texts/notice")
def save_wording(who: Approver, form: Uploaded) -> Response:
    """Take a wording into use after it was tried on every kind of notice; or only show how it would read, or go back."""
    which = _which(form.text("form", 20), form.text("language", 5), form.text("set", 40) or store.NOTICE)
    source = form.text("body", 2 * LONGEST).replace("\r\n", "\n")
    mark = int(form.text("mark", 10)) if form.text("mark", 10).isdecimal() else 0
    back = "reset" in form
    errors = [] if back else _faults(which, source)
    if "check" in form or errors:
        return _page(who, which, source, errors, mark=mark, checked=not errors)
    with who.writing() as connection:
        rows = _rows(store.wording_rows(connection, which.set), which)
        stands = rows[0].version if rows else 0
        if stands == mark:
            set_wording(
                connection,
                who.actor,
                which.form,
                which.language,
                "" if back else source,
                now=who.now,
                template=which.set,
            )
    if stands != mark:
        words = t("{name} saved version {version} of this wording meanwhile. Look at it below, then save again.",
                  name=rows[0].created_by, version=stands)  # fmt: skip
        return _page(who, which, source, [FieldError("body", words)], mark=stands, theirs=rows[0].body)
    return go("/texts", "wording-back" if back else "wording")


def _which(form: str, language: str, name: str) -> Which:
    known: dict[str, Form] = {one: one for one in get_args(Form)}
    if form not in known or not TEMPLATE_NAME.fullmatch(name):
        raise NotFound(t("There is no such wording."))
    if not may_be_worded(known[form], language):
        raise NotFound(t("There is no such wording."))
    return Which(known[form], language, name)


def _rows(rows: list[MessageTemplate], which: Which) -> list[MessageTemplate]:
    return [row for row in rows if (row.channel, row.language) == (which.form, which.language)]


def _source(rows: list[MessageTemplate], which: Which) -> str:
    return rows[0].body if rows and rows[0].active else _shipped(which)


def _shipped(which: Which) -> str:
    return shipped(which.form, words_in(which.language)).source


def _faults(which: Which, source: str) -> list[FieldError]:
    if not source.strip():
        return [FieldError("body", t("The wording is empty. To use the shipped one again there is a button for it."))]
    lacks = faults_of(which.form, which.language, source)
    return [FieldError("body", t("It lacks or breaks: {what}", what=LACKS.get(one, one))) for one in lacks]


def _page(
    who: Visit, which: Which, source: str, errors: list[FieldError] | None = None, *, mark: int, theirs: str = "",
    checked: bool = False,
) -> Response:  # fmt: skip
    with who.reading() as connection:
        rows, book = (
            _rows(store.wording_rows(connection, which.set), which),
            phrasebook(connection, text_rules(who.office.settings)),
        )
    reads: list[Read] = []
    fault: Message | None = None
    try:
        reads = [
            Read(
                KINDS[one.kind], variant_words(one.reader), one.text.subject, fill(one.text.body, CODE), one.text.parts
            )
            for one in samples(which.form, which.language, source, who.office.name, book, who.now)
        ]
    except BadInput as error:
        fault = error.message
    return who.render(
        "texts/wording.html", 422 if errors else 200, which=which, words=FORM_WORDS[which.form], source=source, mark=mark,
        language_name=language_name(which.language, who.language), errors=errors or [], theirs=theirs, checked=checked,
        reads=reads, fault=fault, versions=rows, editor=who.may(*EDITORS), own=bool(rows and rows[0].active),
        sms=which.form in ("sms", "sms_cn"),
    )  # fmt: skip
