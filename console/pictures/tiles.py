"""The tile board, in place of a map: a square for each country or region, by continent. No borders are drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from console.pictures.levels import level_class, level_name
from console.pictures.markup import Cell, Link, Rows, said, table, tag
from core.i18n import Language, Message, t
from core.places.names import display
from notify.bulletin.continents import NAMES, Continent, continent_of
from sources.model import Level

REGIONS = ("HK", "MO", "TW")
"""In a group of their own: regions of China, and no part of the continents' lists of countries."""
REGIONS_NAME = t("Hong Kong, Macao and Taiwan regions")
ORDER = (
    Continent.ASIA, Continent.EUROPE, Continent.AFRICA, Continent.NORTH_AMERICA, Continent.SOUTH_AMERICA,
    Continent.OCEANIA, Continent.ANTARCTICA,
)  # fmt: skip
HIGH = 3
"""From this level on a place is looked at even if nobody of ours is there."""


class Whose(StrEnum):
    """Whose word a level is: an alert of the office in force, or a publisher at home."""

    OURS = "ours"
    HOME = "home"
    NOBODY = "nobody"


WHOSE = {Whose.OURS: t("our alert"), Whose.HOME: t("ministry or embassy")}


@dataclass(frozen=True)
class Tile:
    """One country or region.

    Attributes:
        code: ISO 3166-1 alpha-2, or XK.
        level: what is shown in colour; None: nobody at home, nor we, say anything.
        peers: the highest level of other governments; None: none of them states one.
        people: of ours with a stay there that is not over.
    """

    code: str
    level: Level | None
    whose: Whose
    peers: int | None
    people: int

    @property
    def high(self) -> bool:
        """Tell whether somebody says level 3 or 4, be it us, home or another government."""
        return max(self.level if isinstance(self.level, int) else 0, self.peers or 0) >= HIGH

    @property
    def in_front(self) -> bool:
        """Tell whether the tile stands in front: people of ours are there, or home or we say level 3 or 4."""
        return bool(self.people) or (isinstance(self.level, int) and self.level >= HIGH)


@dataclass(frozen=True)
class Group:
    """The tiles of one continent. `front`: by people, then by name; `rest`: by name."""

    name: Message
    front: tuple[Tile, ...]
    rest: tuple[Tile, ...]


def by_continent(tiles: Iterable[Tile], language: Language) -> tuple[Group, ...]:
    """Return the tiles in the groups of the board and in their order; a group without tiles is left out."""
    found: dict[Continent | None, list[Tile]] = {}
    for one in sorted(tiles, key=lambda one: (-one.people, _spelt(one.code, language))):
        found.setdefault(None if one.code in REGIONS else continent_of([one.code]), []).append(one)
    return tuple(
        Group(
            REGIONS_NAME if place is None else NAMES[place], tuple(one for one in found[place] if one.in_front),
            tuple(one for one in found[place] if not one.in_front),
        )
        for place in (*ORDER, None) if place in found
    )  # fmt: skip


def tile_board(tiles: Iterable[Tile], language: Language) -> Markup:
    """Return the board: what matters in front, the rest folded away. Each tile leads to the page of its country."""
    return Markup("").join(_group(one, language) for one in by_continent(tiles, language))


def tile_table(tiles: Iterable[Tile], language: Language) -> Markup:
    """Return the same as a table: most people first, then the highest level."""
    heads = (
        t("Country or region"),
        t("Continent"),
        t("People"),
        t("Level"),
        t("Whose word"),
        t("Other governments, highest"),
    )
    places = {one: group.name for group in by_continent(tiles, language) for one in group.front + group.rest}
    ordered = sorted(places, key=lambda one: (-one.people, *_rank(one), _spelt(one.code, language)))
    rows = [_row(one, places[one], language) for one in ordered]
    return table(Rows(t("Countries and regions"), heads, tuple(rows)), language, cards=False)


def _group(group: Group, language: Language) -> Markup:
    head = tag("h2", {}, said(group.name, language))
    front = _tiles(group.front, language) if group.front else Markup("")
    if not group.rest:
        return tag("section", {"class": "continent"}, head, front)
    folded = tag(
        "details", {}, tag("summary", {}, said(_rest_words(group.rest), language)), _tiles(group.rest, language)
    )
    return tag("section", {"class": "continent"}, head, front, folded)


def _rest_words(rest: tuple[Tile, ...]) -> Message:
    high = sum(one.high for one in rest)
    if high:
        return t(
            "{count} more without people of ours; other governments say 3 or 4 of {high} of them",
            count=len(rest),
            high=high,
        )
    return t("{count} more without people of ours", count=len(rest))


def _tiles(tiles: Iterable[Tile], language: Language) -> Markup:
    return tag("ol", {"class": "tiles"}, *(tag("li", {}, _tile(one, language)) for one in tiles))


def _tile(one: Tile, language: Language) -> Markup:
    # Plain elements in place of classes: there are a quarter of a thousand tiles, and a page has its measure.
    lines = [tag("span", {}, tag("b", {}, display(one.code, language)), " ", one.code)]
    if one.level is not None:
        lines.append(tag("span", {}, level_name(one.level, language)))
    if one.whose in WHOSE and one.in_front:
        lines.append(tag("small", {}, said(WHOSE[one.whose], language)))
    if one.people:
        lines.append(tag("strong", {}, said(t("{count} people", count=one.people), language)))
    if one.peers:
        lines.append(tag("em", {}, said(t("others: {level}", level=one.peers), language)))
    shown = {"class": f"tile {level_class(one.level)}", "href": f"/office/countries/{one.code}"}
    return tag("a", shown, Markup(" ").join(lines))


def _row(one: Tile, continent: Message, language: Language) -> tuple[Cell, ...]:
    whose = WHOSE.get(one.whose, "–")
    return (
        Link(display(one.code, language), f"/office/countries/{one.code}"), continent, one.people,
        level_name(one.level, language), whose, level_name(one.peers, language),
    )  # fmt: skip


def _rank(one: Tile) -> tuple[int, int]:
    return -one.level if isinstance(one.level, int) else 0, -(one.peers or 0)


def _spelt(code: str, language: Language) -> bytes:
    """Return what a name is sorted by. In GB 2312 the common characters stand by their sound, as readers look for them."""
    return display(code, language).encode("gb18030")
