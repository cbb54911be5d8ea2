"""Copies of one notice on several sites: what is one, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sources.copies import raises_notice, same_notice
from sources.model import Advisory
from sources.reading.titles import read_title

DAY = datetime(2026, 11, 20, 16, tzinfo=UTC)


def notice(source: str, title: str, days: float = 0, *, host: str | None = None) -> Advisory:
    """Make a notice as its title reads."""
    found = read_title(title, host=host)
    return Advisory(
        source, f"{days}/{title}", title, "https://one.example/a", "zh", countries=found.countries, places=found.places,
        level_national=found.level, level_words=found.level_words, published_at=DAY + timedelta(days=days),
    )  # fmt: skip


MINISTRY = notice("cn-mfa", "提醒中国公民暂勿前往赞比亚")


@pytest.mark.parametrize(
    "title",
    [
        "提醒中国公民暂勿前往赞比亚",
        "外交部提醒中国公民暂勿前往赞比亚",
        "外交部领事司提醒中国公民暂勿前往赞比亚！",
        "外交部领事保护中心再次提醒中国公民暂勿前往赞比亚",
        "中国驻赞比亚使馆提醒中国公民暂勿前往赞比亚",
        "我驻赞比亚大使馆再次提醒 中国公民暂勿前往赞比亚",
        "外交部和中国驻赞比亚使馆提醒中国公民暂勿前往赞比亚",
        "【领事提醒】中国驻赞比亚大使馆提醒：中国公民暂勿前往赞比亚",
    ],
)
def test_who_speaks_does_not_make_another_notice(title: str) -> None:
    """The same words under another name, within two days, are a copy, whichever came first."""
    copy = notice("cn-embassy", title, 1, host="ZM")
    assert same_notice(MINISTRY, copy)
    assert same_notice(copy, MINISTRY)


@pytest.mark.parametrize(
    ("title", "days"),
    [
        ("提醒中国公民暂勿前往赞比亚", 3),
        ("提醒中国公民暂勿前往津巴布韦", 0),
        ("提醒中国公民谨慎前往赞比亚", 0),
        ("提醒中国公民暂勿前往赞比亚和马拉维", 0),
        ("提醒中国公民近期暂勿前往赞比亚", 0),
    ],
    ids=["three days later", "another country", "another level", "one country more", "other words"],
)
def test_what_only_looks_alike_is_another_notice(title: str, days: int) -> None:
    """Another country, level or wording, or the same words days later, is no copy."""
    assert not same_notice(MINISTRY, notice("cn-mofcom", title, days))


def test_one_source_never_copies_itself() -> None:
    """The ministry's same title on the next day is a new notice."""
    first = notice("cn-mfa", "提醒中国公民避免前往日本")
    assert not same_notice(first, replace(first, native_id="next", published_at=DAY + timedelta(days=1)))


def test_equal_keys_are_one_notice_only_for_the_same_countries() -> None:
    """Date and title settle it, unless two posts speak each of its own country."""
    mirror = replace(MINISTRY, source="cn-mct", level_national=2)
    assert same_notice(MINISTRY, mirror)
    assert not same_notice(MINISTRY, replace(mirror, countries=("ZW",)))


def test_nothing_is_a_copy_without_a_level_a_country_or_a_day() -> None:
    """What is not known is not held for equal."""
    other = notice("cn-embassy", "外交部提醒中国公民暂勿前往赞比亚")
    assert same_notice(MINISTRY, other)
    for unknown in ({"level_national": read_title("").level}, {"countries": ()}, {"published_at": None}):
        assert not same_notice(replace(MINISTRY, **unknown), replace(other, **unknown))


def test_a_higher_grade_in_the_same_words_raises() -> None:
    """From 谨慎 to 暂勿 for the same country is a rise; the way back, or for another country, is none."""
    lower = notice("cn-embassy", "中国驻赞比亚使馆提醒中国公民谨慎前往赞比亚", host="ZM")
    assert raises_notice(lower, MINISTRY)
    assert not same_notice(lower, MINISTRY)
    assert not raises_notice(MINISTRY, lower)
    assert not raises_notice(lower, notice("cn-mfa", "提醒中国公民暂勿前往津巴布韦"))
