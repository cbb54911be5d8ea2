"""What differs between two versions of what a source says, for an officer to see. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from core.i18n import Message, t
from sources.model import Advisory, Hazard

_SENTENCE = re.compile(r"(?<=[。！？；!?;])\s*|(?<=\.)\s+|\n+")


Texts = tuple[str | Message, ...]
"""Words of the source as they are, and words of ours, which have a Chinese form."""
HAZARDS = {
    Hazard.CONFLICT: t("armed conflict"), Hazard.TERRORISM: t("terrorism"), Hazard.CRIME: t("crime"),
    Hazard.KIDNAPPING: t("kidnapping"), Hazard.FRAUD: t("fraud"), Hazard.UNREST: t("unrest"),
    Hazard.NATURAL_DISASTER: t("natural disaster"), Hazard.WEATHER: t("weather"), Hazard.EPIDEMIC: t("epidemic"),
    Hazard.TRAFFIC: t("traffic"), Hazard.LEGAL: t("law"), Hazard.IMMIGRATION: t("immigration"),
    Hazard.OUTDOOR: t("outdoors"), Hazard.DRONES: t("drones"), Hazard.GAMBLING_FRAUD: t("gambling and online fraud"),
    Hazard.AVIATION: t("aviation"), Hazard.OTHER: t("other dangers"),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that differs.

    Attributes:
        what: its name, for a person.
        before: what is no longer said, a line each; empty if it was not there.
        after: what is said now, a line each; empty if it is gone.
    """

    what: Message
    before: Texts
    after: Texts


def differences(before: Advisory | None, after: Advisory | None) -> tuple[Difference, ...]:
    """Return what differs, the weightiest first. Of a long text only the sentences that are not in both; that a date moved
    is said only where nothing else differs.

    Args:
        before: None for something new; `after` None for something that is gone.
    """
    found = []
    for what, say in _FIELDS:
        old, new = () if before is None else say(before), () if after is None else say(after)
        gone, came = _only(old, new)
        if gone or came:
            found.append(Difference(what, gone, came))
    return tuple(one for one in found if one.what != _MOVED) or tuple(found)


def _only(old: Texts, new: Texts) -> tuple[Texts, Texts]:
    """Return what stands in one of two lists only, in order: a sentence that moved has gone from one place to the other."""
    gone: list[str | Message] = []
    came: list[str | Message] = []
    # Messages carry a dict and cannot be hashed: their English form stands for them.
    keys = [str(one) for one in old], [str(one) for one in new]
    for kind, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind != "equal":
            gone += old[a:b]
            came += new[c:d]
    return tuple(gone), tuple(came)


def _one(text: object) -> tuple[str, ...]:
    return (str(text),) if text not in {None, ""} else ()


def _moment(at: datetime | None) -> tuple[str, ...]:
    return () if at is None else (f"{at:%Y-%m-%d %H:%M} UTC",)


def _level(one: Advisory) -> tuple[str, ...]:
    words = f" ({one.level_words})" if one.level_words else ""
    return _one(f"{one.level_national}{words}")


def _sentences(one: Advisory) -> tuple[str, ...]:
    return tuple(part.strip() for part in _SENTENCE.split(one.summary) if part.strip())


_MOVED = t("Updated")
_FIELDS: tuple[tuple[Message, Callable[[Advisory], Texts]], ...] = (
    (t("Level"), _level),
    (t("Highest level of a part"), lambda one: _one(one.level_regional_max)),
    (t("Tier"), lambda one: _one(None if one.tier is None else f"T{one.tier}")),
    (t("Countries"), lambda one: one.countries),
    (t("Places"), lambda one: one.places),
    (t("Hazards"), lambda one: tuple(HAZARDS[hazard] for hazard in one.hazards)),
    (t("Ends"), lambda one: _moment(one.expires_at)),
    (t("Title"), lambda one: _one(one.title)),
    (t("Text"), _sentences),
    (t("Open"), lambda one: (*one.ambiguous, *one.unresolved)),
    (_MOVED, lambda one: _moment(one.updated_at)),
)
