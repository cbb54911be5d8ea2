"""Text from HTML, validity and telephone numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model import Contact, Hazard
from sources.reading.expiry import contacts_of, expiry_of
from sources.reading.hazards import words_of
from sources.reading.text import to_text, without_tags


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>one&nbsp;two</p><p>three &amp;amp; four</p>", "one two\nthree & four"),
        ("&lt;li&gt;Avoid all travel&lt;/li&gt;", "Avoid all travel"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<script>alert(1)</script><style>p{}</style><p>safe</p>", "safe"),
        ("level 3 < 4 &gt; 2", "level 3 < 4 > 2"),
        ("plain words", "plain words"),
        ("<table><tr><td>x</td><td>y</td></tr></table>", "xy"),
        ("a\u200bb\u202ec", "abc"),
        ("", ""),
    ],
)
def test_markup_becomes_lines_of_words(markup: str, words: str) -> None:
    """Paragraphs are lines, entities are decoded even twice, scripts and invisible characters are gone."""
    assert to_text(markup) == words


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 10_000 + "x" + "</div>" * 10_000,
        "<b>" * 100_000 + "x",
        "<i><p>" * 20_000 + "x",
        "&lt;b&gt;" * 10_000 + "x",
    ],
    ids=["closed", "open", "mixed", "encoded"],
)
def test_hostile_nesting_is_read_flat(markup: str) -> None:
    """Ten thousand nested tags neither crash the parser nor lose the words."""
    assert to_text(markup) == "x"


@given(st.text(alphabet="<>/&;ampltgbdiv xyz\"'", max_size=200))
def test_any_markup_gives_some_text(markup: str) -> None:
    """Broken markup never raises, and no line is empty."""
    assert all(line.strip() for line in to_text(markup).splitlines())


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("（本提醒有效期至2026年12月31日）", datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)),
        ("现将有效期延至 2027年1月5日。", datetime(2027, 1, 5, 15, 59, 59, tzinfo=UTC)),
        ("有效期至2026年6月1日，现有效期延至2026年9月1日", datetime(2026, 9, 1, 15, 59, 59, tzinfo=UTC)),
        ("有效期至2026年2月30日", None),
        ("2026年5月1日发生地震", None),
        ("", None),
    ],
)
def test_validity_ends_with_the_day_in_beijing(text: str, end: datetime | None) -> None:
    """The last instant of the day named counts, the latest of several, and no date is made up."""
    assert expiry_of(text) == end


def test_closing_lines_give_the_numbers_with_their_labels() -> None:
    """Local numbers, the embassy's line under its heading and both hotlines are read; dates and counts are not."""
    notice = """2026年5月3日，当地发生袭击，造成12人受伤，已有300人撤离。
某国报警电话：17，急救：15
火警：18/118
驻某国使馆领事保护与协助电话：
+223-20210000
外交部全球领事保护与服务应急热线（24小时）：
+86-10-12308 或 +86-10-65612308
第5号公告"""
    hotline = "外交部全球领事保护与服务应急热线(24小时)"
    assert contacts_of(notice) == (
        Contact("某国报警电话", "17"),
        Contact("急救", "15"),
        Contact("火警", "18"),
        Contact("火警", "118"),
        Contact("驻某国使馆领事保护与协助电话", "+223-20210000"),
        Contact(hotline, "+86-10-12308"),
        Contact(hotline, "+86-10-65612308"),
    )


def test_a_hazard_can_be_explained() -> None:
    """The words for which a hazard was found can be shown."""
    assert words_of("警惕电信诈骗", Hazard.FRAUD) == ("诈", "骗")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Winds < 50 kn and > 20 kn", "Winds < 50 kn and > 20 kn"),
        ("<Update> Kenya\nLevel 2", "<Update> Kenya\nLevel 2"),
        ("A&amp;B", "A&amp;B"),
        ("Kenya <script>alert(1)</script>- Level 2", "Kenya - Level 2"),
        ("Kenya <B>now</B><img src=x onerror=alert(1)>", "Kenya now"),
    ],
)
def test_only_elements_of_html_are_taken_out_of_plain_text(text: str, said: str) -> None:
    """Words in angle brackets and comparisons stay; scripts go with their words, other elements leave theirs."""
    assert without_tags(text) == said
