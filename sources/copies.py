"""Copies: the ministry, an embassy and a mirror print one notice. Which of them are one, and which one says more. Pure.

No likeness is measured: titles for two countries differ in two characters, and one that is held for a copy tells nobody.
"""

from __future__ import annotations

import re
from datetime import timedelta

from sources.model import Advisory, squeeze

NEAR = timedelta(days=2)
"""A mirror or an embassy prints the notice of another within this; the same words later are another notice."""
_SITE = re.compile(r"^[【\[（(《]?(?:领事提醒|安全提醒|重要提醒)[】\]）)》:：]+")
_ISSUERS = re.compile(
    r"^(?:(?:中国|我|中华人民共和国)?(?:外交部(?:领事(?:保护中心|司))?|文化和旅游部|商务部"
    r"|(?:中国|我|中华人民共和国)?驻[^提再暂谨注请]{1,16}?(?:大使馆|总领事?馆|领事馆|使领馆|使馆))(?:领事部)?[和与及、]?)+"
)
_AGAIN = re.compile(r"^(?:再次|再度|再|特别|郑重)(?=提醒|提示|建议|敦促)")
_MARKS = re.compile(r"[\W_]+")


def same_notice(a: Advisory, b: Advisory) -> bool:
    """Tell whether two sources print one notice.

    One source never prints a notice twice under two keys: the same title on another day is a new notice there.
    """
    if a.source == b.source or a.countries != b.countries:
        return False
    if a.native_id == b.native_id:
        return True
    return _said(a) == _said(b) and _is_near(a, b) and _stem(a.title) == _stem(b.title)


def raises_notice(old: Advisory, new: Advisory) -> bool:
    """Tell whether another source prints the notice with a higher grade, and else in the same words."""
    if old.source == new.source or old.countries != new.countries or not _is_near(old, new):
        return False
    higher = isinstance(old.level, int) and isinstance(new.level, int) and new.level > old.level
    return higher and _without_grade(old) == _without_grade(new)


def _is_near(a: Advisory, b: Advisory) -> bool:
    """Tell whether both name a country and a level, and were issued within `NEAR`."""
    if not a.countries or not isinstance(a.level, int) or not isinstance(b.level, int):
        return False
    if a.published_at is None or b.published_at is None:
        return False
    return abs(a.published_at - b.published_at) <= NEAR


def _said(one: Advisory) -> tuple[object, ...]:
    return one.level_national, one.level_regional_max, sorted(one.places)


def _stem(title: str) -> str:
    """Return a title without who speaks, "once more" and punctuation; the title itself if nothing were left."""
    bare = _SITE.sub("", squeeze(title))
    bare = _AGAIN.sub("", _ISSUERS.sub("", bare))
    return _MARKS.sub("", bare) or squeeze(title)


def _without_grade(one: Advisory) -> str:
    words = squeeze(one.level_words)
    return _stem(one.title).replace(words, "", 1) if words else _stem(one.title)
