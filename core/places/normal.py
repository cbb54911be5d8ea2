"""One form for texts and names before they are compared. Pure.

Traditional characters are simplified one by one (OpenCC `t2s`), not word by word (`tw2sp`): that one knows 尼日 as
Taiwan's word for Niger and turns 尼日利亞 (Nigeria, as Hong Kong writes it) into 尼日尔利亚, another country. Taiwan's
own words for countries come from CLDR and the alias tables instead.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import opencc

_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "\u00a0": " ", "–": "-", "—": "-", "‐": "-", "·": "·", "‧": "·"}
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """Return `text` with compatibility forms folded (NFKC), quotes and dashes unified and Han characters simplified."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    folded = folded.translate(_QUOTES)
    return str(_converter().convert(folded)) if _HAN.search(folded) else folded


def plain(text: str) -> str:
    """Return `text` without accents on Latin letters: `Côte` becomes `Cote`. Other scripts are left alone."""
    if text.isascii():
        return text
    kept = (unicodedata.normalize("NFD", c) if c < "\u0250" or "\u1e00" <= c < "\u1f00" else c for c in text)
    return "".join(c for c in "".join(kept) if not "\u0300" <= c <= "\u036f")


def key(name: str) -> str:
    """Return the form under which a whole country field is looked up: no case, accents, stars, dots, `the`."""
    text = plain(normalise(name)).casefold().strip(" *†\t\r\n.,;:-").replace("&", " and ").replace(".", "")
    return re.sub(r"^the ", "", " ".join(re.sub(r"\s*/\s*", "/", text).split()))


def any_of(expressions: str) -> str:
    """Return the white-space separated regular expressions as alternatives."""
    return "|".join(expressions.split())
