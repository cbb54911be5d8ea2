"""Events: which records of several feeds tell of one earthquake, tsunami or cyclone. Strong joins only. Pure.

Volcanoes, floods and fires are joined by a shared id or GLIDE number alone: nearness proves nothing there.

Whoever is not sure says that two events are two: a second line costs an officer a look, a wrong join hides a disaster
(rules: knowledge, hazards-and-cap, section 4 B).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

from core.places.tables import rows

QUAKE_SECONDS, QUAKE_KM = 120.0, 100.0
"""Two agencies locate one quake within this; the quakes of 6 February 2023 in Turkey are 9 hours and 90 km apart."""
TSUNAMI_AFTER = timedelta(hours=6)
"""A tsunami that is told of this long after a quake is linked to it."""
TSUNAMI_OF_QUAKE = "tsunami-of-quake"
CYCLONE_LIFE = timedelta(days=30)
"""Two oceans may give one name in one year (Ana: Fiji in January, the Atlantic in May 2021), but not within a cyclone's life."""
_EARTH_KM = 6371.0
_RANK = re.compile(
    r"^(?:(?:SEVERE |SUPER |VERY )?(?:POST-)?(?:TROPICAL |EXTRATROPICAL |SUBTROPICAL )?"
    r"(?:CYCLONE|STORM|DEPRESSION|TYPHOON|HURRICANE) )+"
)
_GLIDE = re.compile(r"[A-Z]{2}-\d{4}-\d{6}-[A-Z]{3}")
_YEAR = re.compile(r"-(\d{2})$")
_NUMBER_WORDS = (
    "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN TWELVE THIRTEEN FOURTEEN FIFTEEN SIXTEEN SEVENTEEN EIGHTEEN "
    "NINETEEN TWENTY THIRTY INVEST NONAME UNNAMED"
)
_LEFT_OVER = re.compile(r"\s+in(?:\s+the)?$")
_NO_NAME = re.compile(rf"(?:{'|'.join(_NUMBER_WORDS.split())})(?:\W|$)|.*\d")
"""A running number is given anew in every ocean, so it names no cyclone."""


class EventKind(StrEnum):
    """What happened, in the letters that GDACS and GLIDE use."""

    QUAKE = "EQ"
    TSUNAMI = "TS"
    CYCLONE = "TC"
    VOLCANO = "VO"
    FLOOD = "FL"
    WILDFIRE = "WF"
    DROUGHT = "DR"
    EPIDEMIC = "EP"


@dataclass(frozen=True)
class Event:
    """What a record says of the event itself. Nothing of it is part of a fingerprint: places and times are refined for days.

    Attributes:
        at: when it began; for a quake the origin time, for an outbreak when it was reported. UTC.
        lat: degrees north, `lon` degrees east; both None if there is no point.
        name: of a cyclone, as `cyclone_name` gives it, with `season` the year it is counted in; of an outbreak the
            disease, as `disease_name` gives it.
        glide: the GLIDE number, as "EQ-2023-000015-TUR"; empty if there is none.
        ids: every id it is known by, each with the name of who gave it: "usgs:us6000jllz", "vn:332010" (a volcano's
            number in the Smithsonian's catalogue).
        magnitude: of a quake, as its feed gives it; None if it gives none.
    """

    kind: EventKind
    at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    name: str = ""
    season: int | None = None
    glide: str = ""
    ids: tuple[str, ...] = ()
    magnitude: float | None = None


def same_event(a: Event, b: Event) -> str:
    """Return the rule by which two records belong together: `id`, `glide`, `quake`, `cyclone`; "" if none does.

    `tsunami-of-quake` is a link, not sameness: the wave is a danger of its own.
    """
    if a.kind is not b.kind:
        return TSUNAMI_OF_QUAKE if _is_wave_of(a, b) or _is_wave_of(b, a) else ""
    if set(a.ids) & set(b.ids):
        return "id"
    if a.kind is EventKind.QUAKE and a.at is not None and b.at is not None:
        # One GLIDE number was given to both great quakes of 6 February 2023: where the times are known, they decide.
        return "quake" if _is_one_quake(a, b) else ""
    if a.glide and a.glide == b.glide:
        return "glide"
    return "cyclone" if a.kind is EventKind.CYCLONE and _is_one_cyclone(a, b) else ""


def glide_number(text: str) -> str:
    """Return a GLIDE number as it should be written; empty if it is none (GDACS writes "0" in some)."""
    number = text.strip().upper()
    return number if _GLIDE.fullmatch(number) else ""


def cyclone_name(text: str) -> str:
    """Return the bare name of a cyclone: "Typhoon Phanfone-19" is PHANFONE. Empty if it has only a number."""
    name = _YEAR.sub("", _RANK.sub("", " ".join(text.upper().split())))
    return "" if _NO_NAME.match(name) else name


def disease_name(words: str) -> str:
    """Return the bare name of a disease from the words before a place: "chikungunya in the" is chikungunya."""
    return _LEFT_OVER.sub("", " ".join(words.casefold().split()))


def cyclone_season(text: str, at: datetime | None) -> int | None:
    """Return the season of a cyclone: the year behind its name, else that of its beginning; None if neither is known."""
    if found := _YEAR.search(text.strip()):
        return 2000 + int(found[1])
    return None if at is None else at.year


def away_km(a: Event, b: Event) -> float | None:
    """Return the distance on the globe in km (haversine); None if one has no point."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    north, south = radians(a.lat), radians(b.lat)
    chord = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(radians(a.lon - b.lon) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def _is_one_quake(a: Event, b: Event) -> bool:
    if a.at is None or b.at is None or abs((a.at - b.at).total_seconds()) > QUAKE_SECONDS:
        return False
    away = away_km(a, b)
    return away is not None and away <= QUAKE_KM


def _is_one_cyclone(a: Event, b: Event) -> bool:
    """Tell whether both go by one name of one season, or by the international and the local one, and began in one life."""
    if not a.name or a.season is None or a.season != b.season:
        return False
    far = a.at is not None and b.at is not None and abs(a.at - b.at) > CYCLONE_LIFE
    return not far and _international(a.name, a.season) == _international(b.name, b.season)


def _international(name: str, season: int) -> str:
    return _local_names().get((season, name), name)


@cache
def _local_names() -> dict[tuple[int, str], str]:
    """Return the international name by season and local name."""
    table = rows(Path(__file__).parent / "data" / "cyclone_names.csv")
    return {(int(row["season"]), row["local"]): row["name"] for row in table}


def _is_wave_of(wave: Event, quake: Event) -> bool:
    if (wave.kind, quake.kind) != (EventKind.TSUNAMI, EventKind.QUAKE) or wave.at is None or quake.at is None:
        return False
    return timedelta() <= wave.at - quake.at <= TSUNAMI_AFTER
