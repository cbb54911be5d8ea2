"""A text to be spoken: no links, no brackets, numbers digit by digit. Pure."""

from __future__ import annotations

import re

from core.i18n import Language
from notify.texts.shorten import URL

_BRACKETS = re.compile(r"[（(【\[「『《<〈](.*?)[）)】\]」』》>〉]")
_QUOTES = re.compile(r"[“”\"‘’「」『』]")
_MARKS = re.compile(r"[【】\[\]<>《》()（）#*_|…~·]")
_NUMBER = re.compile(r"\+?\d[\d-]*\d|\d")
_LONG_NUMBER = re.compile(r"\+?\d[\d-]{5,}\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def spell(number: str, language: Language) -> str:
    """Return a telephone number as it is dictated: its digits apart, a short pause where it is printed with a dash."""
    groups = [" ".join(re.sub(r"\D", "", part)) for part in number.split("-")]
    plus = "" if not number.startswith("+") else ("加 " if language == "zh" else "plus ")
    return plus + ("，" if language == "zh" else ", ").join(group for group in groups if group)


def dictated(text: str, language: Language) -> str:
    """Return a text of telephone numbers with every number in it dictated, the shortest too."""
    return _NUMBER.sub(lambda found: spell(found[0], language), text)


def spoken(text: str, language: Language) -> str:
    """Return a text without what cannot be said out loud: links go, brackets become pauses, long numbers are dictated."""
    comma = "，" if language == "zh" else ", "
    plain = _BRACKETS.sub(lambda found: f"{comma}{found[1]}{comma}", URL.sub("", text))
    plain = _MARKS.sub(" ", _QUOTES.sub("", plain))
    plain = _LONG_NUMBER.sub(lambda found: found[0] if _DAY.fullmatch(found[0]) else spell(found[0], language), plain)
    plain = re.sub(r"\s+", " ", plain)
    plain = re.sub(r"\s+(?=[，,。.；;：:！!？?])", "", plain)
    plain = re.sub(r"[，,](?=[，。,.：:；;！？])", "", plain)
    return plain.strip(" ，,")
