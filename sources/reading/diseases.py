"""Where an outbreak is, from its title: "Sudan virus disease – Uganda" is about Uganda. Pure.

The names of diseases in `data/diseases.csv` are taken out first, because many are named after a place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.places.finder import find, resolve
from core.places.tables import rows

_DASH = re.compile(r"\s+[-–—]\s*|\s*[–—]\s*|[-–—]\s+")
_IN = re.compile(r"\s+in\s+(?:the\s+)?", re.IGNORECASE)
_WORLD = re.compile(r"\b(?:global|world-?wide)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Outbreak:
    """What a title says.

    Attributes:
        disease: the words before the place, in lower case, to tell one outbreak from another.
        countries: ISO codes, sorted; none if the title names none, or only in doubt.
        unresolved: the words that stand where the place should be, if they are none that is known.
    """

    disease: str
    countries: tuple[str, ...]
    worldwide: bool
    unresolved: tuple[str, ...]
    ambiguous: tuple[str, ...]


def read_outbreak(title: str) -> Outbreak:
    """Read a title of one of the forms "Disease - Place", "Disease, Place, Place and Place" and "Disease in Place".

    The part that stands where the place belongs decides; only if it is no known place, the whole title is searched.
    """
    bare = _diseases().sub("disease", title)
    for head, tail in _splits(bare):
        if known := resolve(tail):
            return Outbreak(_disease(title, tail, head), tuple(sorted(known)), False, (), ())
    found = find(bare)
    worldwide = not found.countries and _WORLD.search(title) is not None
    nowhere = not (found.countries or found.ambiguous or worldwide)
    return Outbreak(
        title.casefold(), tuple(sorted(found.countries)), worldwide, (title,) if nowhere else (), found.ambiguous
    )


def _splits(title: str) -> list[tuple[str, str]]:
    """Return the ways to take a title apart into disease and place, best first: by dash, by " in ", by the first comma."""
    ways = [(title[: match.start()], title[match.end() :]) for match in _DASH.finditer(title)]
    ways += [(title[: match.start()], title[match.end() :]) for match in reversed(list(_IN.finditer(title)))]
    head, comma, tail = title.partition(",")
    return [(one.strip(), two.strip()) for one, two in (*ways, *([(head, tail)] if comma else []))]


def _disease(title: str, tail: str, head: str) -> str:
    whole = title[: len(title) - len(tail)] if title.endswith(tail) else head
    return " ".join(re.findall(r"[\w()/]+", whole.casefold()))


@cache
def _diseases() -> re.Pattern[str]:
    table = rows(Path(__file__).parent / "data" / "diseases.csv")
    return re.compile("|".join(f"(?:{row['words']})" for row in table), re.IGNORECASE)
