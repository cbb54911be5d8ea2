"""A level as people see it: always its number and its word, the colour only beside them. Pure.

The order of colours is the Foreign Ministry's own: blue, yellow, orange, red.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from console.pictures.markup import said, tag
from core.i18n import Language, Message, t
from sources.model import Grade, Level

NAMES: Mapping[int, Message] = {
    1: t("low"),
    2: t("caution"),
    3: t("reconsider travel"),
    4: t("do not travel"),
}
NO_NUMBER: Mapping[Grade, Message] = {Grade.UNSTATED: t("unstated"), Grade.UNKNOWN: t("unknown")}


def level_name(level: Level | None, language: Language) -> str:
    """Return number and word of a level; a dash where nobody says anything."""
    if isinstance(level, int):
        return f"{level} {said(NAMES[level], language)}"
    return "–" if level is None else said(NO_NUMBER[level], language)


def level_class(level: Level | None) -> str:
    """Return the class that colours a level; unknown is hatched."""
    if isinstance(level, int):
        return f"level-{level}"
    return "level-none" if level is None else f"level-{level.value}"


def level_badge(level: Level | None, language: Language) -> Markup:
    """Return a level as a small sign: number, word and colour."""
    return tag("span", {"class": f"level {level_class(level)}"}, level_name(level, language))
