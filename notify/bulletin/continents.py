"""Continents, in the order in which Chinese bulletins go through the world. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.i18n import t
from core.places.tables import rows

TABLE = Path(__file__).parent / "continents.csv"


class Continent(StrEnum):
    """Where a country lies; `NONE` for what is about the whole world or was not placed."""

    ASIA = "asia"
    AFRICA = "africa"
    EUROPE = "europe"
    NORTH_AMERICA = "north-america"
    SOUTH_AMERICA = "south-america"
    OCEANIA = "oceania"
    ANTARCTICA = "antarctica"
    NONE = "none"


NAMES = {
    Continent.ASIA: t("Asia"), Continent.AFRICA: t("Africa"), Continent.EUROPE: t("Europe"),
    Continent.NORTH_AMERICA: t("North America"), Continent.SOUTH_AMERICA: t("South America"),
    Continent.OCEANIA: t("Oceania"), Continent.ANTARCTICA: t("Antarctica"), Continent.NONE: t("Several regions"),
}  # fmt: skip


@cache
def _members() -> dict[str, Continent]:
    return {code: Continent(row["continent"]) for row in rows(TABLE) for code in row["countries"].split()}


def continent_of(countries: Sequence[str]) -> Continent:
    """Return the continent of these countries; `NONE` if there is none, or they lie in several."""
    found = {_members()[one] for one in countries}
    return found.pop() if len(found) == 1 else Continent.NONE
