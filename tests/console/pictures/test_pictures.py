"""Bars, strips and the ring: what is drawn, what is said beside it, and the same as a table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.pictures.bars import Bar, Part, delivery_bars, part_of, shares
from console.pictures.levels import level_badge, level_name
from console.pictures.ring import Group, arc, by_state, roll_call_ring
from console.pictures.strip import Night, Square, Strip, night_strips, squares
from core.i18n import Language
from notify.safety.tally import State, Tally
from notify.tables import DeliveryState
from sources.model import Grade
from tests.console.pictures.seen import look

HOSTILE = '<script>alert("1")</script> & "二"'
MONDAY = date(2026, 11, 2)


def test_bars_say_their_numbers_and_lead_to_lists() -> None:
    """Each part stands in words with its number, hatched where it is in doubt, and each number opens its list."""
    bar = Bar(
        "短信", {Part.DELIVERED: 180, Part.DOUBT: 1, Part.FAILED: 0}, "/office/alerts/7/notices?channel=sms&part="
    )
    seen = look(delivery_bars("bars", [bar, Bar("邮件", {Part.ACCEPTED: 2})], "zh"))
    assert seen.texts("li")[1:3] == [" 已送达 180", " 存疑 1"]
    assert seen.values("a", "href")[:2] == [bar.href + "delivered", bar.href + "doubt"]
    assert seen.rows() == [["短信", "181", "180", "0", "1"], ["邮件", "2", "0", "2", "0"]]
    assert "url(#bars-0-hatch)" in seen.values("rect", "fill")


@given(st.dictionaries(st.sampled_from(Part), st.integers(0, 300_000)))
def test_parts_fill_the_bar(counts: dict[Part, int]) -> None:
    """Whatever is there is wide enough to be seen, nothing else is drawn, and together they are the whole bar."""
    found = shares(counts)
    assert set(found) == {part for part, count in counts.items() if count}
    assert not found or abs(sum(found.values()) - 100) < 1e-6
    assert all(width > 0.9 for width in found.values())


def test_every_state_has_its_part() -> None:
    """Accepted is not delivered, a doubt is no failure; what was held back is in no part."""
    assert {part_of("accepted", one) for one in ("delivered", "read")} == {Part.DELIVERED}
    assert part_of("accepted", "queued") is Part.ACCEPTED
    assert part_of("accepted", "undelivered") is Part.FAILED
    assert {part_of(one, "") for one in ("unknown", "unresolved")} == {Part.DOUBT}
    assert {part_of(one, "") for one in ("suppressed", "canceled")} == {None}
    assert all(part_of(one, "") is None or isinstance(part_of(one, ""), Part) for one in DeliveryState)


def test_a_strip_tells_its_nights_apart_without_colour() -> None:
    """A dot, a full square, a cross, an empty one; days with something to tell say it; the table counts them."""
    nights = [Night.READ, Night.CHANGED, Night.BROKEN, Night.NONE, Night.READ]
    made = tuple(
        Square(MONDAY + timedelta(days=day), night, int(night is Night.CHANGED)) for day, night in enumerate(nights)
    )
    seen = look(night_strips("nights", [Strip("中国外交部", made, "/office/sources/cn-mfa")], "zh"))
    assert seen.texts("title")[1:] == ["2026-11-03 1 项变化", "2026-11-04 读取失败"]
    assert seen.texts("title")[0] == "中国外交部: 已读取，无变化 2, 已读取，有变化 1, 读取失败 1, 无记录 1"
    assert seen.rows() == [["中国外交部", "2", "1", "1", "1", "2026-11-04"]]
    forms = {
        name: sum(name in one.split() for one in seen.values("path", "class")) for name in ("night-dot", "night-cross")
    }
    assert forms == {"night-dot": 2, "night-cross": 2}  # in the strip, and in the key


def test_quiet_nights_are_light() -> None:
    """Thirty quiet nights of a source are a few hundred bytes: there are as many sources, and a page has its measure."""
    made = tuple(Square(MONDAY + timedelta(days=day), Night.READ) for day in range(30))
    assert len(squares("one", Strip("x", made), "zh")) < 1500


def test_the_ring_comes_with_its_table() -> None:
    """Who needs help stands first, in the ring, in the numbers and in the table, which leads to the people."""
    total = Tally(asked=200, help=1, silent=40, unclear=5, safe=154)
    seen = look(roll_call_ring("ring", total, [Group("日本", total, "/office/alerts/7/safety?country=JP")], "zh"))
    assert seen.texts("li") == [" 需要帮助 1", " 未答复 40", " 不明 5", " 平安 154"]
    assert seen.rows() == [["日本", "200", "1", "40", "5", "154"]]
    assert seen.values("a", "href") == ["/office/alerts/7/safety?country=JP"]
    assert list(by_state(total)) == list(State)


def test_a_ring_of_one_kind_or_of_nobody_is_whole() -> None:
    """All safe is a closed ring, and so is nobody at all: an arc without two ends would not be drawn."""
    for total in (Tally(asked=3, safe=3), Tally()):
        assert len(look(roll_call_ring("ring", total, [], "en")).values("path", "d")) == 2  # the ring, and the hatching
    assert arc(0, 1).startswith("M90.00,6.00")


@pytest.mark.parametrize("language", get_args(Language))
def test_what_others_wrote_is_only_text(language: Language) -> None:
    """A publisher, a company or a channel may be called anything: it is shown, and nothing of it is run."""
    nights = (Square(MONDAY, Night.BROKEN),)
    group = Group(HOSTILE, Tally(asked=1, silent=1), '/x"><b>')
    made = [
        delivery_bars("a", [Bar(HOSTILE, {Part.WAITING: 1})], language),
        night_strips("b", [Strip(HOSTILE, nights)], language),
        roll_call_ring("c", group.tally, [group], language),
    ]
    for one in made:
        assert not look(one).every("script")
        assert "<script" not in one


def test_levels_have_number_and_word() -> None:
    """No colour stands alone, and neither "none stated" nor "not known" looks like level 1."""
    assert [level_name(one, "zh") for one in (1, 2, 3, 4)] == ["1 低", "2 注意安全", "3 谨慎前往", "4 暂勿前往"]
    assert [level_name(one, "zh") for one in (Grade.UNSTATED, Grade.UNKNOWN, None)] == ["未说明", "不明", "–"]
    assert str(level_badge(Grade.UNKNOWN, "en")) == '<span class="level level-unknown">unknown</span>'
