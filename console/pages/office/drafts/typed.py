"""What an officer typed into the form of an alert, kept to the letter: a page that finds fault with it shows it again. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from console.pages.forms import Form
from core.places.names import codes, display
from notify.manual import LISTED
from notify.model import AlertDraft
from notify.own.tables import AlertGroup, AlertSchedule
from registry.employers import EmployerView
from sources.model import Advisory, Card

GAP = "gap."
"""How the fields of a template's gaps begin."""
MOST_GAPS, MOST_NAMED = 30, 60
BETWEEN = re.compile(r"[、，,;；\n]+")
TEXTS = {"title_zh": 500, "body_zh": 8000, "title_en": 500, "body_en": 16000, "url": 1000}
"""Fields of words, and how much of each is kept: more than is allowed, so that what is too long can be shortened."""


@dataclass(frozen=True)
class Typed:
    """The form as typed.

    Attributes:
        countries, places, employers: words, one a field; a field may hold several.
        people: numbers, as typed.
        values: by gap of the template.
        send_at: by the clock of the office.
    """

    countries: tuple[str, ...] = ()
    level: str = ""
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    title_zh: str = ""
    body_zh: str = ""
    title_en: str = ""
    body_en: str = ""
    url: str = ""
    places: str = ""
    employers: tuple[str, ...] = ()
    people: str = ""
    groups: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    ask_safe: bool = False
    valid_hours: str = "24"
    send_at: str = ""
    expire_hours: str = "6"
    drill: bool = False


def read(form: Form) -> Typed:
    """Return what was typed."""
    words = {name: form.text(name, most).replace("\r\n", "\n") for name, most in TEXTS.items()}
    gaps = [name for name in form.fields if name.startswith(GAP)][:MOST_GAPS]
    return Typed(
        countries=_some(form, "country"), level=form.text("level", 2), template=form.text("template", 60),
        values={name.removeprefix(GAP): form.text(name) for name in gaps}, **words, places=form.text("places", 6000),
        employers=_some(form, "employer"), people=form.text("people", 60_000), groups=_some(form, "group"),
        channels=_some(form, "channel"), ask_safe="ask_safe" in form, valid_hours=form.text("valid_hours", 10),
        send_at=form.text("send_at", 40), expire_hours=form.text("expire_hours", 10), drill="drill" in form,
    )  # fmt: skip


@dataclass(frozen=True)
class Names:
    """How ids are written on a form."""

    employers: tuple[EmployerView, ...] = ()
    groups: tuple[AlertGroup, ...] = ()


def of_draft(draft: AlertDraft, waiting: AlertSchedule | None, names: Names, zone: tzinfo) -> Typed:
    """Return a draft as its form shows it."""
    codes_of = {one.employer_id: one.code for one in names.employers}
    named = {one.id: one.name for one in names.groups}
    same_title = draft.title_en == f'"{draft.title_zh}"'
    shown = Typed(
        countries=tuple(display(code, "zh") for code in draft.countries), level=str(draft.level or ""),
        title_zh=draft.title_zh, body_zh=draft.body_zh, title_en="" if same_title else draft.title_en,
        body_en="" if draft.body_en == draft.body_zh else draft.body_en, url=draft.url,
        places="、".join(draft.audience.places), employers=tuple(codes_of.get(one, "") for one in draft.audience.employers),
        people=" ".join(map(str, draft.audience.people)), groups=tuple(named.get(one, "") for one in draft.audience.groups),
        channels=tuple(one for one in draft.channels if one in LISTED), ask_safe=draft.ask_safe,
        valid_hours=str(max(1, round(draft.validity_minutes / 60))), drill=draft.drill,
    )  # fmt: skip
    if waiting is None:
        return shown
    hours = round((waiting.expires_at - waiting.at).total_seconds() / 3600)
    return replace(shown, send_at=f"{waiting.at.astimezone(zone):%Y-%m-%dT%H:%M}", expire_hours=str(hours))


def in_own_words(typed: Typed, draft: AlertDraft) -> Typed:
    """Return the form of an alert that tells in the office's words what a publisher said: it says who said it."""
    if draft.source_id is None:
        return typed
    return replace(
        typed,
        title_zh=f"{draft.origin_zh}：{draft.title_zh}"[:120],
        title_en=f"{draft.origin_en}: {draft.title_en}"[:200],
    )


def of_advisory(advisory: Advisory, card: Card) -> Typed:
    """Return a form that tells what a publisher said, with its name, its own words and its link."""
    level = advisory.level if isinstance(advisory.level, int) else None
    chinese = advisory.language.startswith("zh")
    grade = (
        f"（“{advisory.level_words}”）" if advisory.level_words and advisory.level_words not in advisory.title else ""
    )
    title = f"“{advisory.title}”{grade}"
    title_en = f'{card.publisher}: "{advisory.title}"'[:200]
    return Typed(
        countries=tuple(display(code, "zh") for code in advisory.countries if code in codes()), level=str(level or ""),
        title_zh=f"{card.publisher_zh}：{title}"[:120], title_en=title_en, url=advisory.url,
        body_zh=advisory.summary[:2000] if chinese else "", body_en="" if chinese else advisory.summary[:4000],
    )  # fmt: skip


def words_of(text: str) -> list[str]:
    """Return the words of a field in which several may stand."""
    return [word.strip() for word in BETWEEN.split(text) if word.strip()]


def _some(form: Form, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:300] for value in form.every(name)[:MOST_NAMED] if value))
