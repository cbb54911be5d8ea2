"""`/office/texts/alert`: a template of alerts: how it reads, its gaps, its versions, and changing it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Uploaded
from console.pages.office.visit import Approver, Visit, Worker, go
from core.errors import BadInput, LingbaoError
from core.i18n import Message, t
from notify.own import template_store, templates
from notify.own.template_store import Version
from notify.own.templates import GIVEN, AlertTemplate
from notify.samples import filled
from notify.wordings import EDITORS
from registry.cells import visible

routes = APIRouter()
LIMITS = {"title_zh": 120, "body_zh": 2000, "title_en": 200, "body_en": 4000}


@dataclass(frozen=True)
class Shown:
    """What the page tells beside what was typed. `theirs`: the version somebody else saved meanwhile."""

    errors: tuple[FieldError, ...] = ()
    theirs: Version | None = None
    checked: bool = False
    mark: int = 0


@routes.get("/texts/alert")
def template_page(who: Worker, name: str = "") -> Response:
    """Show a template, or without a name the form for a new one."""
    if not name:
        return _page(who, AlertTemplate("", ""), Shown())
    with who.reading() as connection:
        found = templates.find(connection, visible(name))
    return _page(who, found, Shown(mark=found.version))


@routes.post("/texts/alert")
def save_template(who: Approver, form: Uploaded) -> Response:
    """Save a template as a new version; or only show how it would read."""
    typed, mark = _typed(form), form.text("mark", 10)
    errors, number = _faults(typed), int(mark) if mark.isdecimal() else 0
    if "check" in form or errors:
        return _page(who, typed, Shown(tuple(errors), checked=not errors, mark=number))
    try:
        with who.writing() as connection:
            versions = template_store.versions(connection, typed.name)
            stands = versions[0] if versions and versions[0].active else None
            changed = stands is not None and stands.number != number
            if not changed:
                templates.save(connection, who.actor, typed, now=who.now)
    except LingbaoError as error:
        return _page(who, typed, Shown((FieldError("name", error.message),), mark=number))
    if changed and stands is not None:
        words = t("{name} saved version {version} of this template meanwhile. Look at both, then save again.",
                  name=stands.by, version=stands.number)  # fmt: skip
        return _page(who, typed, Shown((FieldError("title_zh", words),), stands, mark=stands.number))
    return go("/texts", "template")


@routes.post("/texts/alert/remove")
def remove_template(who: Approver, form: Uploaded) -> Response:
    """Take a template out of use; its versions are kept."""
    with who.writing() as connection:
        templates.remove(connection, who.actor, form.text("name", 60), now=who.now)
    return go("/texts", "template-gone")


def _typed(form: Form) -> AlertTemplate:
    zh, body_zh, en, body_en = (form.text(name, 4 * most).replace("\r\n", "\n") for name, most in LIMITS.items())
    return AlertTemplate(form.text("name", 60), zh, body_zh, en, body_en)


def _faults(typed: AlertTemplate) -> list[FieldError]:
    found: list[FieldError] = []
    for name, most in LIMITS.items():
        words = typed.parts[name]
        if len(words) > most:
            found.append(
                FieldError(name, t("{count} characters: at most {most} fit. Shorten it.", count=len(words), most=most))
            )
        try:
            templates.gaps_of(words)
        except BadInput as error:
            found.append(FieldError(name, error.message))
    if not typed.name:
        found.append(FieldError("name", t("Give it a name.")))
    if not typed.title_zh:
        found.append(FieldError("title_zh", t("A template needs a title in Chinese.")))
    return found


def _page(who: Visit, typed: AlertTemplate, shown: Shown) -> Response:
    with who.reading() as connection:
        versions = template_store.versions(connection, typed.name) if typed.name else []
    reads, gaps, fault = _reads(typed)
    return who.render(
        "texts/template.html", 422 if shown.errors else 200, typed=typed, shown=shown, errors=list(shown.errors), reads=reads,
        gaps=gaps, fault=fault, given=sorted(GIVEN), versions=versions, editor=who.may(*EDITORS),
    )  # fmt: skip


def _reads(typed: AlertTemplate) -> tuple[dict[str, str], list[str], Message | None]:
    """Return how a template reads, its gaps, or why it does not read at all."""
    try:
        return filled(typed), sorted(typed.gaps), None
    except BadInput as error:
        return {}, [], error.message
