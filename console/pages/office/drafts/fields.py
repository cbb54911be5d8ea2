"""From what was typed to an alert: each field is looked at by itself, and what is wrong says so beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from console.pages.forms import FieldError
from console.pages.office.drafts.typed import Typed, words_of
from core.errors import BadInput, LingbaoError
from core.i18n import Message, t
from core.settings import Settings
from notify.duty.shifts import read_moment
from notify.manual import LISTED, ManualAlert, read_countries, usual_channels
from notify.own import groups, templates
from notify.own.schedule import LONGEST
from registry.actors import SYSTEM
from registry.employers import EmployerView, list_employers
from registry.scope.among import unknown_people

LIMITS = {"title_zh": 120, "body_zh": 2000, "title_en": 200, "body_en": 4000, "url": 500}
HOURS = {"valid_hours": 240, "expire_hours": 72}
SHORTEST_TITLE, MOST_PEOPLE = 4, 5000
NUMBER = re.compile(r"\d{1,12}")
WORDS_OF_PUBLISHER = {"title_zh": "照引发布方原文"}
"""Stands for a title that is quoted and not ours to change: no form holds it."""


@dataclass(frozen=True)
class Asked:
    """What checking needs to know.

    Attributes:
        quoted: the words are a publisher's: the form has no fields for them, and may name no level.
        stands: the moment a draft is scheduled for already: it may be over.
    """

    connection: Connection
    settings: Settings
    now: datetime
    quoted: bool = False
    stands: datetime | None = None


@dataclass
class Checked:
    """What came of it: the fields that are right, and what is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    @property
    def manual(self) -> ManualAlert:
        """Return the alert; only where nothing is wrong.

        Raises:
            BadInput: the fields do not fit together after all.
        """
        try:
            return ManualAlert.model_validate(self.values)
        except ValidationError as error:
            names = ", ".join(str(one["loc"][0]) for one in error.errors() if one["loc"])
            raise BadInput(t("The alert cannot be written so. Please look at: {names}.", names=names)) from error

    def wrong(self, name: str, message: Message) -> None:
        """Note what is wrong with a field."""
        self.errors.append(FieldError(name, message))

    def take(self, name: str, at: str, make: Callable[[], Any]) -> None:
        """Take a value, or note at the field `at` why it is none."""
        try:
            self.values[name] = make()
        except LingbaoError as error:
            self.wrong(at, error.message)


def check(typed: Typed, asked: Asked) -> Checked:
    """Look at everything that was typed; nothing is written."""
    made = Checked()
    made.take("countries", "country-0", lambda: list(read_countries(_countries(typed))))
    _level(typed, asked, made)
    if asked.quoted:
        made.values.update(WORDS_OF_PUBLISHER)
    else:
        _words(typed, asked, made)
    _whom(typed, asked, made)
    _how(typed, asked, made)
    _when(typed, asked, made)
    return made


def _countries(typed: Typed) -> list[str]:
    """Return the names one by one. A field may hold several; a name with a comma in it is one."""
    return [name for word in typed.countries for name in _apart(word)]


def _apart(word: str) -> Iterator[str]:
    try:
        read_countries([word])
    except BadInput:
        yield from words_of(word)
    else:
        yield word


def _level(typed: Typed, asked: Asked, made: Checked) -> None:
    if typed.level in {"1", "2", "3", "4"}:
        made.values["level"] = int(typed.level)
    elif asked.quoted and not typed.level:
        made.values["level"] = 1  # unused: the source stated none, and none is made up
    else:
        made.wrong("level-1", t("Choose a level."))


def _words(typed: Typed, asked: Asked, made: Checked) -> None:
    for name, most in LIMITS.items():
        words = getattr(typed, name)
        if len(words) > most:
            made.wrong(name, t("{count} characters: at most {most} fit. Shorten it.", count=len(words), most=most))
        elif words:
            made.values[name] = words
    if typed.template:
        _template(typed, asked, made)
    elif not typed.title_zh:
        made.wrong("title_zh", t("Write a title in Chinese, or choose a template."))
    if 0 < len(typed.title_zh) < SHORTEST_TITLE:
        made.wrong("title_zh", t("A title of fewer than {least} characters says too little.", least=SHORTEST_TITLE))
    if typed.url and (not typed.url.startswith(("https://", "http://")) or len(typed.url.split()) > 1):
        made.wrong("url", t("A link begins with https:// and has no blanks."))


def _template(typed: Typed, asked: Asked, made: Checked) -> None:
    try:
        template = templates.find(asked.connection, typed.template)
    except LingbaoError as error:
        made.wrong("template", error.message)
        return
    made.values["template"] = template.name
    made.values["values"] = {gap: typed.values[gap] for gap in template.gaps if typed.values.get(gap)}
    for gap in sorted(template.gaps - set(made.values["values"])):
        made.wrong(f"gap.{gap}", t("The template needs words for “{gap}”: nothing is sent with a hole in it.", gap=gap))


def _whom(typed: Typed, asked: Asked, made: Checked) -> None:
    made.values["places"] = words_of(typed.places)
    if any(len(one) > 100 for one in made.values["places"]) or len(made.values["places"]) > 50:
        made.wrong("places", t("At most 50 places of at most 100 characters each."))
    if typed.employers:
        known = list_employers(asked.connection, SYSTEM)
        made.take("employers", "employer-0", lambda: [code_of(word, known) for word in typed.employers])
    made.take("people", "people", lambda: _people(typed, asked))
    made.take("groups", "groups", lambda: [groups.find(asked.connection, name).name for name in typed.groups])


def code_of(word: str, known: Sequence[EmployerView]) -> str:
    """Return the code of an employer that was named by code, by name, or by both as the list suggests them."""
    plain = word.partition(" · ")[0].strip().casefold()
    found = [one.code for one in known if plain in (one.code.casefold(), one.name.casefold())]
    if len(found) == 1:
        return found[0]
    raise BadInput(t("“{word}” is no company of the register. Choose one from the list, or type its code.", word=word))


def _people(typed: Typed, asked: Asked) -> list[int]:
    words = re.split(r"[\s、，,;；]+", typed.people.strip()) if typed.people.strip() else []
    for word in words:
        if not NUMBER.fullmatch(word):
            raise BadInput(
                t("“{word}” is no number of a person. Numbers stand on the page of each person.", word=word[:40])
            )
    if len(words) > MOST_PEOPLE:
        raise BadInput(
            t(
                "{count} people are too many one by one: {most} at most. Save a group.",
                count=len(words),
                most=MOST_PEOPLE,
            )
        )
    found = [int(word) for word in words]
    if unknown := unknown_people(asked.connection, SYSTEM, found):
        raise BadInput(
            t("Nobody in the register has the number: {numbers}.", numbers=", ".join(map(str, unknown[:20])))
        )
    return found


def _how(typed: Typed, asked: Asked, made: Checked) -> None:
    chosen = [one for one in LISTED if one in typed.channels]
    usual = usual_channels(asked.settings.channels, made.values.get("level", 1))
    made.values["channels"] = chosen or usual
    if not made.values["channels"]:
        made.wrong("channel-sms", t("Choose a channel: the settings name none."))
    made.values |= {"ask_safe": typed.ask_safe, "drill": typed.drill}
    for name, most in HOURS.items():
        if typed.send_at or name != "expire_hours":
            made.take(name, name, partial(_hours, getattr(typed, name), most))


def _hours(words: str, most: int) -> int:
    if words.isdecimal() and len(words) < 6 and 1 <= int(words) <= most:
        return int(words)
    raise BadInput(t("Hours, from 1 to {most}.", most=most))


def _when(typed: Typed, asked: Asked, made: Checked) -> None:
    if typed.send_at:
        made.take("send_at", "send_at", lambda: _moment(typed.send_at, asked))


def _moment(words: str, asked: Asked) -> datetime:
    moment = read_moment(words.replace("T", " "), asked.settings.zone)
    if moment == asked.stands:
        return moment
    if moment <= asked.now:
        raise BadInput(t("This moment is over. Give a later one, or leave it empty: then a person sends it."))
    if moment > asked.now + LONGEST:
        raise BadInput(
            t("At most {days} days ahead: nobody approves today what is to be said later.", days=LONGEST.days)
        )
    return moment
