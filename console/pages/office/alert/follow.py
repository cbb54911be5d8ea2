"""`/office/alerts/{id}/follow`: an update, a correction or the all-clear, seen with whom it goes to before it is drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.alert.page import CODE
from console.pages.office.alert.seen import common, look
from console.pages.office.alert.steps import OPEN
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput, NotFound
from core.i18n import Message, t
from core.places.names import display
from notify.chain import Next, follow
from notify.chain_preview import Rehearsed, rehearse
from notify.ledger.terms import channel_words
from notify.manual import read_countries
from notify.ref import fill
from notify.tables import AlertVersion, VersionKind

routes = APIRouter()
DONE = {
    "alert-followed": t("Drafted. It goes through the same hands as the first: submit it, and another person sends it.")
}
TITLES: Mapping[str, Message] = {
    VersionKind.UPDATE: t("Draft an update"), VersionKind.CORRECTION: t("Draft a correction"),
    VersionKind.ALL_CLEAR: t("Draft the all-clear"),
}  # fmt: skip
TO_WHOM: Mapping[str, Message] = {
    VersionKind.UPDATE: t("It goes to those who were told, or may have been, and to those who came since."),
    VersionKind.CORRECTION: t("It goes to those who were told, or may have been, and to those who came since. Whom the first word "
                              "has not left for gets only the correction."),
    VersionKind.ALL_CLEAR: t("It goes to those who were told, or may have been, and to nobody else. It wakes nobody."),
}  # fmt: skip
TEXTS = ("title_zh", "body_zh", "title_en", "body_en")
ASKS = {"yes": True, "no": False}
LONGEST = {"title_zh": 120, "body_zh": 2000, "title_en": 200, "body_en": 4000}
SPLIT = str.maketrans("，、；;\n\t", ",,,,,,")


@dataclass(frozen=True)
class Typed:
    """What stands in the fields."""

    texts: Mapping[str, str] = field(default_factory=dict)
    level: str = ""
    countries: str = ""
    valid_hours: str = ""
    ask_safe: str = ""


@routes.get("/alerts/{id:int}/follow")
def follow_page(who: Worker, id: int, kind: str = "update") -> Response:
    """Show the form, with what the alert says now."""
    found = _kind(kind)
    with who.reading() as connection:
        last = look(connection, who, id).shown
    ends = found is VersionKind.ALL_CLEAR
    texts = {} if ends else {name: str(getattr(last, name)) for name in TEXTS}
    return _page(who, id, found, Typed(texts, str(last.level or "")))


@routes.post("/alerts/{id:int}/follow")
def draft(who: Worker, id: int, form: Posted, kind: str = "update") -> Response:
    """Show what would go out to whom; or, by the other button, draft it."""
    found, typed = _kind(kind), _typed(form)
    with who.reading() as connection:
        seen = look(connection, who, id)
    wanted, errors = _wanted(found, typed, seen.shown)
    if form.text("newest") != str(seen.newest.id):
        errors.append(
            FieldError(
                "", t("Somebody drafted another version meanwhile. Look at it first; what you typed is kept here.")
            )
        )
    if errors:
        return _page(who, id, found, typed, errors)
    try:
        if "save" not in form:
            return _page(who, id, found, typed, rehearsed=rehearse(who.office.engine, id, wanted, who.acting))
        with who.writing() as connection:
            follow(connection, id, wanted, who.acting)
    except BadInput as error:
        return _page(who, id, found, typed, [FieldError("", error.message)])
    return go(f"/alerts/{id}", "alert-followed")


def _kind(word: str) -> VersionKind:
    if word not in TITLES:
        raise NotFound(t("There is no such page."))
    return VersionKind(word)


def _typed(form: Form) -> Typed:
    texts = {name: form.text(name, LONGEST[name]) for name in TEXTS}
    ask = form.text("ask_safe", 3)
    return Typed(texts, form.text("level", 2), form.text("countries", 1000), form.text("valid_hours", 4), ask)


def _wanted(kind: VersionKind, typed: Typed, last: AlertVersion) -> tuple[Next, list[FieldError]]:
    """Return the next version as it was typed; what was left as people were told it last counts as not typed."""
    errors: list[FieldError] = []
    new = {
        name: "" if kind is not VersionKind.ALL_CLEAR and text == getattr(last, name) else text
        for name, text in typed.texts.items()
    }
    level = int(typed.level) if typed.level in {"1", "2", "3", "4"} else None
    countries: tuple[str, ...] = ()
    words = [one.strip() for one in typed.countries.translate(SPLIT).split(",") if one.strip()]
    if words:
        try:
            countries = read_countries(words)
        except BadInput as error:
            errors.append(FieldError("countries", error.message))
    hours = int(typed.valid_hours) if typed.valid_hours.isdecimal() else None
    if typed.valid_hours and (hours is None or not 1 <= hours <= 240):
        errors.append(FieldError("valid_hours", t("Between 1 and 240 hours.")))
    if kind is VersionKind.ALL_CLEAR:
        return Next(kind, new["title_zh"], new["title_en"], new["body_zh"], new["body_en"], valid_hours=hours), errors
    if new["body_zh"] and not new["body_en"] and last.body_en:
        errors.append(
            FieldError(
                "body_en",
                t("The Chinese text is new: say it in English too, or those who read English get the old one."),
            )
        )
    changed = None if level == last.level else level
    return Next(
        kind, new["title_zh"], new["title_en"], new["body_zh"], new["body_en"], changed, countries, hours,
        ASKS.get(typed.ask_safe) if kind is VersionKind.UPDATE else None,
    ), errors  # fmt: skip


def _page(
    who: Visit, id: int, kind: VersionKind, typed: Typed, errors: Sequence[FieldError] = (), *,
    rehearsed: Rehearsed | None = None,
) -> Response:  # fmt: skip
    with who.reading() as connection:
        seen = look(connection, who, id)
    waits = seen.newest.status in OPEN and seen.newest.released_at is None
    return who.render(
        "alert/follow.html", 422 if errors else 200, kind=kind, title=TITLES[kind], to_whom=TO_WHOM[kind],
        typed=typed, errors=list(errors), rehearsed=rehearsed, channel=channel_words, code=CODE,
        fill=fill, waits=waits, there="、".join(display(code, who.language) for code in seen.countries),
        **common(who, seen),
    )  # fmt: skip
