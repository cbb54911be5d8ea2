"""`/office/groups`: groups of people that an officer prepares by day for an alert at night."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Uploaded
from console.pages.office.drafts.fields import code_of
from console.pages.office.drafts.page import companies_of, names_of
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput, LingbaoError
from core.i18n import Message, t
from notify.own import groups, store
from notify.own.groups import LONGEST, NewGroup
from registry.actors import SYSTEM
from registry.employers import list_employers

routes = APIRouter()
KINDS: tuple[tuple[str, Message], ...] = (
    ("posted", t("posted abroad by their company")), ("resident", t("living abroad")),
)  # fmt: skip
"""Kinds of stays as the register has them."""


@dataclass(frozen=True)
class TypedGroup:
    """The form as typed."""

    name: str = ""
    employers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    people: str = ""
    replace: bool = False


@dataclass(frozen=True)
class Line:
    """One group: its companies by code, kinds of stays, and how many people are in it by number."""

    name: str
    employers: tuple[str, ...]
    kinds: tuple[str, ...]
    people: int
    by: str


@routes.get("/groups")
def groups_page(who: Worker) -> Response:
    """Show the groups, and the form for another one."""
    return _page(who, TypedGroup())


@routes.post("/groups")
def save_group(who: Worker, form: Uploaded) -> Response:
    """Save a group; one of the same name only if the officer says that it is to be replaced."""
    typed = _typed(form)
    try:
        new = _new(who, typed)
        with who.writing() as connection:
            taken = store.group_named(connection, new.name) is not None
            if not (taken and not typed.replace):
                groups.add(connection, who.actor, new, now=who.now, replace=typed.replace)
    except LingbaoError as error:
        return _page(who, typed, [FieldError(_field_of(typed), error.message)])
    if taken and not typed.replace:
        words = t("There is a group of this name. Tick “in the place of it”, or choose another name.")
        return _page(who, typed, [FieldError("replace", words)], taken=True)
    return go("/groups", "grouped")


@routes.post("/groups/remove")
def remove_group(who: Worker, form: Uploaded) -> Response:
    """Take a group's name away."""
    with who.writing() as connection:
        groups.remove(connection, who.actor, form.text("name", LONGEST), now=who.now)
    return go("/groups", "ungrouped")


def _typed(form: Form) -> TypedGroup:
    return TypedGroup(
        form.text("name", 200), tuple(one[:300] for one in form.every("employer")[:60] if one),
        tuple(one[:40] for one in form.every("kind")[:10]), form.text("people", 60_000), "replace" in form,
    )  # fmt: skip


def _new(who: Visit, typed: TypedGroup) -> NewGroup:
    words = re.split(r"[\s、，,;；]+", typed.people) if typed.people else []
    if odd := [word for word in words if not (word.isdecimal() and len(word) < 13)]:
        raise BadInput(
            t("“{word}” is no number of a person. Numbers stand on the page of each person.", word=odd[0][:40])
        )
    with who.reading() as connection:
        known = list_employers(connection, SYSTEM)
    employers = tuple(code_of(word, known) for word in typed.employers)
    kinds = tuple(one for one, _ in KINDS if one in typed.kinds)
    return NewGroup(" ".join(typed.name.split()), employers, kinds, tuple(int(word) for word in words))


def _field_of(typed: TypedGroup) -> str:
    """Return the field to which an error most likely belongs. Pure."""
    if not 0 < len(typed.name) <= LONGEST:
        return "name"
    return "people" if typed.people else "employer-0"


def _page(who: Visit, typed: TypedGroup, errors: list[FieldError] | None = None, *, taken: bool = False) -> Response:
    with who.reading() as connection:
        names = names_of(connection)
        codes = {one.employer_id: one.code for one in names.employers}
        lines = [
            Line(one.name, tuple(codes.get(number, str(number)) for number in one.employers), tuple(one.kinds),
                 len(store.members_of(connection, one.id or 0)), one.created_by)
            for one in names.groups
        ]  # fmt: skip
    return who.render(
        "drafts/groups.html", 422 if errors else 200, lines=lines, typed=typed, errors=errors or [], taken=taken,
        kinds=KINDS, kind_words=dict(KINDS), employer_options=companies_of(names),
    )  # fmt: skip
