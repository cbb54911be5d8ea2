"""Parts of the United States, and of Canada's coasts, as US agencies write them. Pure; the table is in `data/us_regions.csv`.

US agencies end a place with the state instead of a country: "20 km S of Lebanon, Tennessee" is not in Lebanon.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from core.places.tables import rows


@cache
def by_post() -> Mapping[str, str]:
    """Return the ISO country code by the two letters of the post, which also begin the weather service's zone codes."""
    return {row["post"]: row["country"] for row in _rows()}


@cache
def by_name() -> Mapping[str, str]:
    """Return the ISO country code by the name of the part, in lower case."""
    return {row["name"].casefold(): row["country"] for row in _rows()}


def country_of_part(words: str) -> str | None:
    """Return the country whose part `words` is, as a name (`Tennessee`) or two letters (`CA`); None if it is none."""
    return by_post().get(words) or by_name().get(words.casefold())


def _rows() -> tuple[dict[str, str], ...]:
    return tuple(rows(Path(__file__).parent / "data" / "us_regions.csv"))
