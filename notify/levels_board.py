"""The highest level of every country at one look: what home says, and what other governments say. Pure.

Of each publisher the entry counts that `notify.levels` shows as its word; nothing is averaged, and nothing is graded by us.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from notify.levels import weight
from sources.model import Advisory, Authority, Card, Grade, Level


@dataclass(frozen=True)
class Highest:
    """What is said of one country.

    Attributes:
        home: the highest level at home, or why there is none; None: nobody at home says anything.
        peers: the highest number of any other government; None: none of them states one.
    """

    home: Level | None = None
    peers: int | None = None


def highest(said: Iterable[Advisory], cards: Sequence[Card]) -> Mapping[str, Highest]:
    """Return what is said of each country somebody says something of.

    Args:
        said: what stands, of any source; of sources that are not among `cards` nothing is taken.
    """
    known = {card.id: card for card in cards if card.authority is not Authority.HAZARD}
    words: defaultdict[tuple[str, str], list[Advisory]] = defaultdict(list)
    for one in said:
        if one.source in known:
            for country in one.countries:
                words[country, one.source].append(one)
    found: defaultdict[str, dict[Authority, list[Level]]] = defaultdict(lambda: defaultdict(list))
    for (country, source), ones in words.items():
        card = known[source]
        found[country][card.authority].append(max(ones, key=lambda one: weight(card, one)).level)
    return {code: summed(levels[Authority.HOME], levels[Authority.PEER]) for code, levels in found.items()}


def summed(home: Sequence[Level], peers: Sequence[Level]) -> Highest:
    """Return what the words of publishers come to, one each."""
    numbers = [one for one in peers if isinstance(one, int)]
    return Highest(top(home), max(numbers, default=None))


def top(levels: Iterable[Level]) -> Level | None:
    """Return the highest number; without one that a level was not understood, then that none is stated; None of nothing."""
    given = set(levels)
    numbers = [one for one in given if isinstance(one, int)]
    if numbers:
        return max(numbers)
    return next((one for one in (Grade.UNKNOWN, Grade.UNSTATED) if one in given), None)
