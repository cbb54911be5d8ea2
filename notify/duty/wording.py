"""What an officer on duty reads or hears: what a person is wanted for, each matter on a line, and how to answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.i18n import Language, Message, t
from notify.model import OfficeName
from notify.texts.rules import MOST_OF_VARIABLE

MOST_LISTED = 12
"""Matters in one message; the rest are counted, and stand in `lingbao duty pages`."""
ROOM = 700
"""Letters for all matters together: ten parts of an SMS at most."""
LEAST = 40


@dataclass(frozen=True)
class Marks:
    """What stands around the matters.

    Attributes:
        unmanned: nobody is on duty, and this goes to the number of the settings.
    """

    ref: str
    drill: bool = False
    unmanned: bool = False


@dataclass(frozen=True)
class Matter:
    """One page: its number and sentence."""

    number: int
    words: Message


def body(matters: Sequence[Matter], office: OfficeName, language: Language, marks: Marks) -> str:
    """Return the text of an SMS or a call."""
    head = t("{signature}[DUTY] A person is needed now ({count}).", signature=office.signature, count=len(matters))
    room = max(LEAST, ROOM // max(1, min(len(matters), MOST_LISTED)))
    lines = [_drill(marks, language) + head.render(language)]
    if marks.unmanned:
        lines.append(t("Nobody is on duty: you get this because your number is in the settings.").render(language))
    lines += [f"#{one.number} {_cut(one.words.render(language), room)}" for one in matters[:MOST_LISTED]]
    if len(matters) > MOST_LISTED:
        lines.append(
            t("and {count} more: see `lingbao duty pages`.", count=len(matters) - MOST_LISTED).render(language)
        )
    tail = t("Answer with 1, else the next officer is called. Reference {ref}", ref=marks.ref)
    return "\n".join([*lines, tail.render(language)])


def variables(matters: Sequence[Matter], office: OfficeName, language: Language, marks: Marks) -> Mapping[str, str]:
    """Return what fills an approved template, for a provider that takes nothing else: the first matter, and how many."""
    kind = _drill(marks, language) + t("Duty call").render(language)
    numbers = t("matters: {count}", count=len(matters)).render(language)
    first = matters[0].words.render(language) if matters else ""
    return {
        "office": office.zh if language == "zh" else office.en, "kind": _cut(kind, MOST_OF_VARIABLE), "places": numbers,
        "title": _cut(first, MOST_OF_VARIABLE), "advice": t("answer with 1").render(language), "ref": marks.ref,
    }  # fmt: skip


def _drill(marks: Marks, language: Language) -> str:
    return t("[DRILL] ").render(language) if marks.drill else ""


def _cut(text: str, room: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= room else plain[: room - 1] + "…"
