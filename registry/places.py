"""Cities and regions as people write them, compared with a place that is asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.places.normal import normalise, plain

SHORTEST = 2
"""A single character that stands in a longer name says nothing."""


@dataclass(frozen=True)
class Written:
    """Words that stand in the register for a place, and how many stays have just these."""

    region: str
    city: str
    site: str
    stays: int = 1

    @property
    def says_where(self) -> bool:
        """Tell whether it names a city or a region at all. The name of a site alone does not say where it is."""
        return bool(self.region.strip() or self.city.strip())


@dataclass(frozen=True)
class Matched:
    """What the words in the register mean for the places asked for.

    Attributes:
        there: words that name one of them. `elsewhere`: words that name another place.
        Whoever has no words for a place may be there, and is in neither.
    """

    there: tuple[Written, ...]
    elsewhere: tuple[Written, ...]


def match_places(written: Iterable[Written], places: Sequence[str]) -> Matched:
    """Sort the words in the register by whether they name one of the places.

    Compared without case, accents, width and traditional forms; one may be part of the other (卢萨卡 and 卢萨卡市, Lusaka and
    Greater Lusaka). Translations are not known here: ask for every name (卢萨卡 and Lusaka).
    """
    wanted = [word for word in map(_plain, places) if word]
    there, elsewhere = [], []
    for one in written:
        words = [_plain(text) for text in (one.region, one.city, one.site)]
        if any(_names(word, place) for word in words if word for place in wanted):
            there.append(one)
        elif one.says_where:
            elsewhere.append(one)
    return Matched(tuple(there), tuple(elsewhere))


def _plain(text: str) -> str:
    return " ".join(plain(normalise(text)).casefold().split())


def _names(word: str, place: str) -> bool:
    return word == place or _within(place, word) or _within(word, place)


def _within(short: str, long: str) -> bool:
    if len(short) < SHORTEST or short not in long:
        return False
    # Words of letters only count whole: Mali is not in Malindi.
    return not short.isascii() or re.search(rf"\b{re.escape(short)}\b", long, re.ASCII) is not None
