"""`/office/countries`: the world as a board of squares: where our people are, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.office.visit import Visit, Worker
from console.pictures.tiles import Tile, Whose, tile_board, tile_table
from core.i18n import Message, t
from core.places.names import codes
from notify.levels import Sick, sickness
from notify.levels_board import Highest, highest
from notify.store.levels_board import levels_in_force, said_everywhere
from registry.scope.listing import Narrowed, Show, count_of
from registry.scope.reach import people_everywhere
from sources.catalog import is_on
from sources.model import Authority, Card, Level
from sources.store import states
from sources.tables import SourceState

routes = APIRouter()
HERE = "CN"
SHOWS: Mapping[str, Message] = {"": t("All"), "people": t("With our people"), "high": t("Level 3 or 4, others' too")}


@dataclass(frozen=True)
class Age:
    """How old is what is shown.

    Attributes:
        oldest: the last good read of the source that was read longest ago, of those that are well; None: none is.
        sick: sources whose silence says nothing now.
    """

    oldest: datetime | None
    sick: tuple[Sick, ...] = field(default=())


@routes.get("/countries")
def board_page(who: Worker, show: str = "", view: str = "") -> Response:
    """Show every country and region as a square, or all as a table; `show` narrows, as the links of the page do."""
    chosen = show if show in SHOWS else ""
    tiles = all_tiles(who)
    shown = [one for one in tiles if _is_shown(one, chosen)]
    as_table = view == "table"
    drawn = tile_table(shown, who.language) if as_table else tile_board(shown, who.language)
    with who.reading() as connection:
        age = age_of(_with_states(who, states(connection)), who.now)
        people = count_of(connection, who.actor, Narrowed(Show.AWAY, who.day))
    return who.render(
        "countries/board.html", board=drawn, as_table=as_table, show=chosen, shows=SHOWS, count=len(shown), age=age,
        figures=figures(tiles, people),
    )  # fmt: skip


def all_tiles(who: Visit) -> list[Tile]:
    """Return a tile for each country and region but our own: three questions to the database, whatever their number."""
    cards = cards_on(who)
    with who.reading() as connection:
        said = highest(said_everywhere(connection), cards)
        ours = levels_in_force(connection, who.now)
        people = people_everywhere(connection, who.actor)
    return [
        _tile(code, ours.get(code), said.get(code, Highest()), people.get(code, 0)) for code in sorted(codes() - {HERE})
    ]


def cards_on(who: Visit) -> list[Card]:
    """Return the cards of the sources that are read."""
    return [one.CARD for one in who.office.sources.values() if is_on(one.CARD, who.office.settings)]


def figures(tiles: Iterable[Tile], people: int) -> dict[str, int]:
    """Return the numbers at the head of the board: people in countries of level 4 and 3, people in all, countries with people.

    Args:
        people: in all, each once: who has stays in two countries is on two tiles.
    """
    found = {"four": 0, "three": 0, "people": people, "countries": 0}
    for one in tiles:
        level = one.level if isinstance(one.level, int) else 0
        found["four"] += one.people if level == 4 else 0
        found["three"] += one.people if level == 3 else 0
        found["countries"] += bool(one.people)
    return found


def age_of(sources: Iterable[tuple[Card, SourceState]], now: datetime) -> Age:
    """Say how old the levels are, and which sources cannot be asked now."""
    asked = [(card, state) for card, state in sources if card.authority is not Authority.HAZARD]
    ill = tuple(found for card, state in asked if (found := sickness(card, state, now)))
    names = {one.card.id for one in ill}
    read = [state.last_good_at for card, state in asked if card.id not in names and state.last_good_at is not None]
    return Age(min(read, default=None), ill)


def _with_states(who: Visit, known: Mapping[str, SourceState]) -> list[tuple[Card, SourceState]]:
    return [(card, known.get(card.id, SourceState(source_id=card.id))) for card in cards_on(who)]


def _tile(code: str, ours: Level | None, said: Highest, people: int) -> Tile:
    level, whose = shown_level(ours, said.home)
    return Tile(code, level, whose, said.peers, people)


def shown_level(ours: Level | None, home: Level | None) -> tuple[Level | None, Whose]:
    """Return the level of a tile and whose it is: our alert's, else home's; home's too where it is the higher one.

    A rise that nobody released yet must not hide behind an older alert.
    """
    if ours is not None and _number(ours) >= _number(home):
        return ours, Whose.OURS
    return home, Whose.HOME if home is not None else Whose.NOBODY


def _number(level: Level | None) -> int:
    return level if isinstance(level, int) else 0


def _is_shown(one: Tile, show: str) -> bool:
    return not show or (one.people > 0 if show == "people" else one.high)
