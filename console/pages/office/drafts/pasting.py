"""`/office/alerts/paste`: a notice that came past all feeds (a chat group, a telephone call) becomes an advisory and a draft."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Uploaded
from console.pages.office.drafts.page import suggestions
from console.pages.office.drafts.typed import words_of
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput
from core.i18n import Message, t
from notify.duty.shifts import read_moment
from notify.manual import read_countries
from notify.own.paste import LONGEST, SHORTEST, Drafted, Pasted, paste

routes = APIRouter()


@dataclass(frozen=True)
class TypedNotice:
    """The form as typed."""

    text: str = ""
    origin: str = ""
    origin_en: str = ""
    home: str = ""
    countries: str = ""
    link: str = ""
    issued: str = ""


@dataclass
class Read:
    """What the fields say, and what is wrong with them."""

    errors: list[FieldError] = field(default_factory=list)

    def wrong(self, name: str, message: Message) -> None:
        """Note what is wrong with a field."""
        self.errors.append(FieldError(name, message))


@routes.get("/alerts/paste")
def paste_page(who: Worker) -> Response:
    """Show the form."""
    return _page(who, TypedNotice())


@routes.post("/alerts/paste")
def paste_notice(who: Worker, form: Uploaded) -> Response:
    """Keep the notice as it was received, and make a draft of it; the same text makes one draft."""
    typed, made = _typed(form), Read()
    notice = _notice(who, typed, made)
    if made.errors or notice is None:
        return _page(who, typed, made.errors)
    try:
        done = paste(who.office, notice, who.acting)
    except BadInput as error:
        return _page(who, typed, [FieldError("text", error.message)])
    return _lead_on(done)


def _lead_on(done: Drafted) -> Response:
    if not done.new:
        return go(f"/alerts/{done.alert_id}", "pasted-before")
    if not done.countries:
        return go(f"/alerts/{done.alert_id}/edit", "pasted-nowhere")
    return go(f"/alerts/{done.alert_id}", "pasted")


def _typed(form: Form) -> TypedNotice:
    return TypedNotice(
        form.text("text", 4 * LONGEST).replace("\r\n", "\n"), form.text("origin"), form.text("origin_en"),
        form.text("home", 5), form.text("countries"), form.text("link", 1000), form.text("issued", 40),
    )  # fmt: skip


def _notice(who: Visit, typed: TypedNotice, made: Read) -> Pasted | None:
    if not SHORTEST <= len(typed.text) <= LONGEST:
        made.wrong("text", t("Paste the text as you received it: {least} to {most} characters; this has {count}.",
                             least=SHORTEST, most=LONGEST, count=len(typed.text)))  # fmt: skip
    if not 0 < len(typed.origin) <= 100:
        made.wrong("origin", t("Say where it came from, in at most 100 characters: the notice will say it too."))
    if len(typed.origin_en) > 100:
        made.wrong("origin_en", t("At most 100 characters."))
    if typed.home not in {"yes", "no"}:
        made.wrong("home-yes", t("Say whether an authority at home speaks."))
    if typed.link and (not typed.link.startswith(("https://", "http://")) or len(typed.link.split()) > 1):
        made.wrong("link", t("A link begins with https:// and has no blanks."))
    try:
        countries = read_countries(words_of(typed.countries)) if typed.countries else ()
    except BadInput as error:
        made.wrong("countries", error.message)
    try:
        issued = read_moment(typed.issued.replace("T", " "), who.office.settings.zone) if typed.issued else None
    except BadInput as error:
        made.wrong("issued", error.message)
    if made.errors:
        return None
    return Pasted(typed.text, typed.origin, typed.origin_en, typed.home == "yes", countries, typed.link, issued)


def _page(who: Visit, typed: TypedNotice, errors: list[FieldError] | None = None) -> Response:
    return who.render(
        "drafts/paste.html", 422 if errors else 200, typed=typed, errors=errors or [],
        countries=suggestions(who.language),
    )  # fmt: skip
