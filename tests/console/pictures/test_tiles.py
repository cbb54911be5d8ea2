"""The tile board: which square stands where, what is in front, what it says."""

from __future__ import annotations

from typing import get_args

from console.pictures.tiles import Tile, Whose, by_continent, tile_board, tile_table
from core.i18n import Language
from core.places.names import codes
from sources.model import Grade, Level
from tests.console.pictures.seen import look


def tile(code: str, level: Level | None = None, *, people: int = 0, peers: int | None = None) -> Tile:
    """Make a tile; a level is the word of a ministry."""
    return Tile(code, level, Whose.NOBODY if level is None else Whose.HOME, peers, people)


def test_every_country_has_its_place_and_regions_of_china_their_own() -> None:
    """Each code is on the board once, none is without a group, and 港澳台 are no part of the list of countries."""
    groups = by_continent([tile(code) for code in codes() - {"CN"}], "zh")
    names = [group.name.render("zh") for group in groups]
    assert names == ["亚洲", "欧洲", "非洲", "北美洲", "南美洲", "大洋洲", "南极洲", "港澳台地区"]
    found = [one.code for group in groups for one in group.front + group.rest]
    assert sorted(found) == sorted(codes() - {"CN"})
    assert {one.code for one in groups[-1].rest} == {"HK", "MO", "TW"}


def test_people_first_then_names() -> None:
    """Most people first, then by name as it sounds; without people only from level 3 on, and not by others' word alone."""
    tiles = [
        tile("JP", people=3),
        tile("KR", people=90),
        tile("AF", 4),
        tile("MM", 3),
        tile("TH", 2),
        tile("SY", peers=4),
    ]
    (asia,) = by_continent(tiles, "zh")
    assert [one.code for one in asia.front] == ["KR", "JP", "AF", "MM"]  # 韩 日, then 阿 缅
    assert [one.code for one in asia.rest] == ["TH", "SY"]  # 泰 叙


def test_a_tile_says_all_in_words() -> None:
    """Name, code, level, whose word, people, what others say; the rest is folded, and what others say of it is counted."""
    board = look(tile_board([tile("SY", 4, people=12, peers=4), tile("YE", peers=4), tile("BT")], "zh"))
    assert board.texts("a", "tile")[0] == "叙利亚 SY 4 暂勿前往 国内发布 12 人 他国最高 4"
    assert board.values("a", "href")[0] == "/office/countries/SY"
    assert board.texts("summary") == ["其余 2 个（无我方登记人员），其中 1 个他国最高 3 级及以上"]


def test_no_level_is_no_level_one() -> None:
    """Unstated, unknown and silence look different from each other and from level 1."""
    board = look(tile_board([tile("TJ", one, people=1) for one in (1, Grade.UNSTATED, Grade.UNKNOWN, None)], "en"))
    assert [one.split()[1] for one in board.values("a", "class")] == [
        "level-1",
        "level-unstated",
        "level-unknown",
        "level-none",
    ]


def test_the_same_as_a_table() -> None:
    """Most people first, then the highest level; a dash where nobody says anything."""
    rows = look(tile_table([tile("BT"), tile("SY", 4, peers=4), tile("JP", 1, people=5)], "zh")).rows()
    assert rows == [
        ["日本", "亚洲", "5", "1 低", "国内发布", "–"],
        ["叙利亚", "亚洲", "0", "4 暂勿前往", "国内发布", "4 暂勿前往"],
        ["不丹", "亚洲", "0", "–", "–", "–"],
    ]


def test_the_fullest_board_is_light() -> None:
    """With people and a level in every country of the world the board leaves room for style and scripts in the 150 kB of a page."""
    fullest = [tile(code, 4, people=20_000, peers=4) for code in codes()]
    for language in get_args(Language):
        assert len(tile_board(fullest, language).encode()) < 60_000
        assert len(tile_table(fullest, language).encode()) < 60_000
