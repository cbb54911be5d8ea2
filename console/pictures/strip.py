"""The last nights of each source as small squares, as build pages show runs: read, changed, broken. Pure.

The squares differ in form, not only in colour: a dot, a full square, a cross, an empty one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from markupsafe import Markup

from console.pictures.markup import Cell, Link, Rows, Words, drawing, picture, said, tag
from core.i18n import Language, Message, t

SIDE, STEP = 10, 12
"""Width of a square, and from one to the next."""


class Night(StrEnum):
    """What came of a source in one night. `NONE`: nothing is on record, which is no good sign and no bad one."""

    READ = "read"
    CHANGED = "changed"
    BROKEN = "broken"
    NONE = "none"


WORDS = {
    Night.READ: t("read, nothing new"), Night.CHANGED: t("read, with changes"), Night.BROKEN: t("could not be read"),
    Night.NONE: t("nothing on record"),
}  # fmt: skip


@dataclass(frozen=True)
class Square:
    """One night of a source. `changes`: how many there were."""

    day: date
    night: Night
    changes: int = 0


@dataclass(frozen=True)
class Strip:
    """One source: its nights, the oldest first. `href`: its page; empty: none."""

    label: Words
    squares: tuple[Square, ...]
    href: str = ""

    def count(self, night: Night) -> int:
        """Return how many nights were like this."""
        return sum(one.night is night for one in self.squares)


def night_strips(name: str, strips: Sequence[Strip], language: Language) -> Markup:
    """Return a strip for each source, what the signs mean, and all as a table.

    Args:
        name: id of the picture, unique on the page.
    """
    lines = [
        tag("li", {}, tag("span", {"class": "strip-label"}, _label(one, language)), squares(f"{name}-{number}", one, language))
        for number, one in enumerate(strips)
    ]  # fmt: skip
    shown = tag("div", {}, tag("ol", {"class": "strips"}, *lines), _key(language))
    heads = (t("Source"), *(WORDS[night] for night in Night), t("Last night it could not be read"))
    return picture(name, shown, Rows(t("The last nights by source"), heads, tuple(map(_row, strips))), language)


def squares(name: str, strip: Strip, language: Language) -> Markup:
    """Return the nights of one source; each square says its day when it is pointed at."""
    counted = Counter(one.night for one in strip.squares)
    told = ", ".join(f"{said(WORDS[night], language)} {counted[night]}" for night in Night if counted[night])
    size = (max(len(strip.squares) * STEP, 1), SIDE + 2)
    return drawing(name, f"{said(strip.label, language)}: {told}", size, *_quiet(strip), *_loud(strip, language))


def _quiet(strip: Strip) -> list[Markup]:
    """Draw the nights of which there is nothing to tell, all of a kind in one stroke: they are most, and pages stay light."""
    at: dict[Night, list[int]] = {Night.READ: [], Night.NONE: []}
    for number, one in enumerate(strip.squares):
        at.get(one.night, []).append(number * STEP)
    return [piece for night, places in at.items() if places for piece in _sign(places, night)]


def _loud(strip: Strip, language: Language) -> list[Markup]:
    """Draw the nights with changes or faults; each says its day when it is pointed at."""
    loud = [(number, one) for number, one in enumerate(strip.squares) if one.night in {Night.CHANGED, Night.BROKEN}]
    return [
        tag("g", {}, tag("title", {}, _told(one, language)), *_sign([number * STEP], one.night)) for number, one in loud
    ]


def _told(one: Square, language: Language) -> str:
    words = t("{count} changes", count=one.changes) if one.changes else WORDS[one.night]
    return f"{one.day.isoformat()} {said(words, language)}"


def _sign(places: Sequence[int], night: Night) -> tuple[Markup, ...]:
    boxes = "".join(f"M{x}.5,1.5h{SIDE - 1}v{SIDE - 1}h-{SIDE - 1}z" for x in places)
    box = tag("path", {"class": f"night night-{night}", "d": boxes})
    if night is Night.READ:
        return (box, tag("path", {"class": "night-dot", "d": "".join(f"M{x + 4},5h2v2h-2z" for x in places)}))
    if night is Night.BROKEN:
        return (box, tag("path", {"class": "night-cross", "d": "".join(f"M{x + 2},3l6,6m0-6l-6,6" for x in places)}))
    return (box,)


def _key(language: Language) -> Markup:
    signs = [
        tag("li", {}, tag("svg", {"class": "key", "width": 12, "height": 12, "aria-hidden": "true", "focusable": "false"},
                          *_sign([0], night)), " ", said(WORDS[night], language))
        for night in Night
    ]  # fmt: skip
    return tag("ul", {"class": "keys"}, *signs)


def _label(one: Strip, language: Language) -> Markup | str:
    words = said(one.label, language)
    return tag("a", {"href": one.href}, words) if one.href else words


def _row(one: Strip) -> tuple[Cell, ...]:
    broken = [square.day for square in one.squares if square.night is Night.BROKEN]
    last: Message | str = broken[-1].isoformat() if broken else t("none")
    return (Link(one.label, one.href) if one.href else one.label, *(one.count(night) for night in Night), last)
