"""Templates of manual alerts: wordings the office saved, with gaps that an officer fills. A gap left open stops the alert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jinja2 import TemplateError, meta
from sqlalchemy import Connection

from core import audit
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import t
from notify.own import template_store as store
from notify.texts.wording import Wording, environment
from notify.wordings import EDITORS
from registry.actors import Actor

GIVEN = frozenset({"countries", "places", "office", "phone"})
"""Gaps that are filled without anybody's doing."""

_NAME = re.compile(r"[^\W_][\w.-]{0,39}")


@dataclass(frozen=True)
class AlertTemplate:
    """A saved wording: titles and texts in two languages, each with gaps like `{{ place }}`.

    Attributes:
        version: 1 for the first under this name.
    """

    name: str
    title_zh: str
    body_zh: str = ""
    title_en: str = ""
    body_en: str = ""
    version: int = 0

    @property
    def parts(self) -> dict[str, str]:
        """Return the four parts by name."""
        return {"title_zh": self.title_zh, "body_zh": self.body_zh, "title_en": self.title_en, "body_en": self.body_en}

    @property
    def gaps(self) -> frozenset[str]:
        """Return the gaps that an officer fills."""
        return gaps_of("\n".join(self.parts.values())) - GIVEN


def gaps_of(source: str) -> frozenset[str]:
    """Return the names of the gaps in a wording.

    Raises:
        BadInput: it is no template.
    """
    try:
        return frozenset(meta.find_undeclared_variables(environment(html=False).parse(source)))
    except TemplateError as error:
        raise BadInput(t("This template cannot be read: {error}", error=str(error))) from error


def save(connection: Connection, actor: Actor, template: AlertTemplate, *, now: datetime) -> int:
    """Save a template in the place of an earlier one of its name; return its version.

    Raises:
        NotAllowed: the actor may not change what is said to everybody.
        BadInput: the name or the wording is none, or there is no Chinese title.
    """
    _may(actor)
    if not _NAME.fullmatch(template.name):
        raise BadInput(t("“{name}” is no name of a template: letters and digits, at most 40.", name=template.name))
    if not template.title_zh.strip():
        raise BadInput(t("A template needs a title in Chinese."))
    for part in template.parts.values():
        gaps_of(part)
    version = store.add(connection, template.name, template.parts, by=actor.name, now=now)
    _note(connection, actor, "template.set", template.name, now)
    return version


def remove(connection: Connection, actor: Actor, name: str, *, now: datetime) -> None:
    """Take a template out of use.

    Raises:
        NotFound: there is none of that name. NotAllowed: as for `save`.
    """
    _may(actor)
    find(connection, name)
    store.add(connection, name, dict.fromkeys(store.PARTS, ""), by=actor.name, now=now)
    _note(connection, actor, "template.remove", name, now)


def find(connection: Connection, name: str) -> AlertTemplate:
    """Return the template of a name.

    Raises:
        NotFound: there is none.
    """
    found = store.newest(connection, name)
    if found is None:
        known = "、".join(store.names(connection)) or "-"
        raise NotFound(t("There is no template {name}. Known: {known}.", name=name, known=known))
    return AlertTemplate(name=name, **found[1], version=found[0])


def all_templates(connection: Connection) -> list[AlertTemplate]:
    """Return the templates in use, by name."""
    return [find(connection, name) for name in store.names(connection)]


def fill(template: AlertTemplate, given: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Fill the gaps of a template; return its four parts. Pure.

    Args:
        given: what the officer says, by gap. `known`: by language (`zh`, `en`), what needs no saying (`GIVEN`).

    Raises:
        BadInput: a gap is left open or filled with nothing, or something is given that is no gap: nothing is sent with a hole in it.
    """
    lacking = sorted(gap for gap in template.gaps if not given.get(gap, "").strip())
    if lacking:
        raise BadInput(t("Template {name} lacks: {gaps}. Give each with --set NAME=WORDS.",
                         name=template.name, gaps=", ".join(lacking)))  # fmt: skip
    if unknown := sorted(set(given) - template.gaps):
        raise BadInput(t("Template {name} has no gap for: {gaps}. It has: {known}.", name=template.name,
                         gaps=", ".join(unknown), known=", ".join(sorted(template.gaps)) or "-"))  # fmt: skip
    try:
        return {
            part: Wording(template.name, source).render({**known[part.rpartition("_")[2]], **given})
            for part, source in template.parts.items()
        }
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise BadInput(t("Template {name} cannot be filled: {error}", name=template.name, error=str(error))) from error


def _may(actor: Actor) -> None:
    if actor.role not in EDITORS:
        raise NotAllowed(t("{user} may not change the office's words and numbers: this needs the role approver.",
                           user=actor.name))  # fmt: skip


def _note(connection: Connection, actor: Actor, action: str, name: str, now: datetime) -> None:
    audit.record(connection, actor=actor.name, action=action, subject=f"alert_template/{name}", now=now)
