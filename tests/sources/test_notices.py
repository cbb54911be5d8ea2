"""Lines of Chinese notice lists: titles, days and keys as sites print them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from core.errors import SourceBroken
from sources.entries import Unreadable
from sources.model import Capture
from sources.notices import Line, lines_of, notice, once
from sources.publishers import cn_mfa

PAGE = "https://list.example/tz/"
ITEM = re.compile(r"/t\d{8}_\d+\.html$")


def lines(inner: str, end: str = "</body></html>") -> tuple[Line, ...]:
    """Read a list with `inner` between its tags."""
    body = f'<html><head><meta charset="utf-8"></head><body><ul>{inner}</ul>{end}'.encode()
    return lines_of(Capture("x", PAGE, datetime(2026, 11, 9, tzinfo=UTC), body), "li a", ITEM)


@pytest.mark.parametrize(
    ("inner", "title", "date"),
    [
        ('<li><a href="/t20261101_1.html">提醒甲</a><span>2026-11-05</span></li>', "提醒甲", "2026-11-05"),
        ('<li><a href="/t20261101_1.html">提醒甲 (2026/11/5)</a></li>', "提醒甲", "2026-11-05"),
        ('<li><a href="/t20261101_1.html"><b>提醒甲</b><i>2026年11月5日</i></a></li>', "提醒甲", "2026-11-05"),
        ('<li><a href="/t20261101_1.html">提醒甲</a></li>', "提醒甲", "2026-11-01"),
        ('<li><a href="/t20261101_1.html" title="提醒甲，全文">提醒甲…</a></li>', "提醒甲，全文", "2026-11-01"),
        (
            '<li><a href="/t20261101_1.html">提醒2026年12月1日集会（二）</a></li>',
            "提醒2026年12月1日集会（二）",
            "2026-11-01",
        ),
        (
            '<li><a href="/t20261101_1.html">提醒甲</a></li><li><a href="/menu">2026-11-09</a></li>',
            "提醒甲",
            "2026-11-01",
        ),
        ('<li><a href="/t20261399_1.html">提醒甲</a></li>', "提醒甲", "2026-13-99"),
    ],
)
def test_title_and_day_are_read_as_sites_print_them(inner: str, title: str, date: str) -> None:
    """The day beside the title counts, then one behind it, then the address; a day in the title is the event's."""
    assert [(line.title, line.date) for line in lines(inner)] == [(title, date)]


@pytest.mark.parametrize(
    "inner", ["", "<li><a href='/menu'>menu</a></li>", "<li><a href='/t20261101_1.html'></a></li>"]
)
def test_a_list_without_notices_is_broken(inner: str) -> None:
    """Menus and pictures are no notices, and a list without any is a redesign."""
    with pytest.raises(SourceBroken):
        lines(inner)


def test_a_page_that_was_cut_off_is_broken() -> None:
    """A page without its end may lack any line, and half a title has another key."""
    with pytest.raises(SourceBroken):
        lines('<li><a href="/t20261101_1.html">提醒甲</a></li>', end="")


def test_copies_of_a_notice_have_the_key_of_the_ministrys_own() -> None:
    """Date and title alone make the key, white space aside, so that the copies of one notice can be joined."""
    own = cn_mfa.parse(
        Capture(
            "cn-mfa",
            cn_mfa.CARD.url,
            datetime(2026, 11, 9, tzinfo=UTC),
            '<ul class="news-list"><li><a href="./202611/t20261105_9.html">提醒中国公民 暂勿前往海地</a>'
            "<span>2026-11-05</span></li></ul>".encode(),
        )
    ).advisories[0]
    copy = notice("cn-mofcom", Line("提醒中国公民暂勿前往海地", "2026-11-05", "/a"), PAGE)
    post = notice("cn-embassy", Line("提醒中国公民暂勿前往海地", "2026-11-05", "/b"), PAGE, host="DO")
    assert own.native_id == copy.native_id == post.native_id
    assert own.countries == copy.countries == post.countries == ("HT",)


def test_what_only_the_post_can_tell_has_a_key_of_its_own() -> None:
    """The same words of two posts on one day are two notices, each about its own country."""
    line = Line("提醒领区中国公民注意防范登革热", "2026-11-05", "/a")
    found = [notice("cn-embassy", line, PAGE, host=host) for host in ("SG", "US", "SG")]
    assert [one.countries for one in once(found)] == [("SG",), ("US",)]


def test_the_post_settles_an_abbreviation() -> None:
    """在乌 is Uganda where Uganda's post speaks, Ukraine where Ukraine's does; without a post an officer must choose."""
    line = Line("提醒在乌中国公民注意安全", "2026-11-05", "/a")
    assert notice("cn-embassy", line, PAGE, host="UG").countries == ("UG",)
    assert notice("cn-embassy", line, PAGE, host="UA").countries == ("UA",)
    unsettled = notice("cn-mofcom", line, PAGE)
    assert unsettled.countries == ()
    assert unsettled.ambiguous


def test_no_place_and_no_post_is_unresolved() -> None:
    """What names no place goes to an officer with its title, never to everybody."""
    found = notice("cn-mofcom", Line("提醒有关企业注意风险", "2026-11-05", "/a"), PAGE)
    assert (found.countries, found.worldwide, found.unresolved) == ((), False, ("提醒有关企业注意风险",))


@pytest.mark.parametrize(
    "line", [Line("", "2026-11-05", "/a"), Line("甲", "", "/a"), Line("甲", "2026-11-05", "mailto:x")]
)
def test_a_line_without_title_day_or_address_is_unreadable(line: Line) -> None:
    """Nothing is made up for a line that lacks its parts."""
    with pytest.raises(Unreadable):
        notice("cn-mofcom", line, PAGE)
