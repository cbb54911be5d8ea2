"""US Geological Survey: the significant earthquakes of the last month, with PAGER's estimates. Pure but for `read`.

Facts (captures of February 2023 and January 2025; knowledge: hazards-and-cap, sections 1.2 and 5):
- The level is PAGER's colour, not the magnitude: null until about half an hour after the quake, red and orange later still.
- `id` is the preferred id and may change; `ids` is every id the event ever had. Two records are one event if their sets
  meet. The key is the id we know the event by already; at first sight the first of the set in order of the alphabet.
- There is no country: `place` ends with a country, or with a US state ("Lebanon, Tennessee"). PAGER's own list of countries
  stands on a page behind the detail page, which is read for events from tier 2 up that moved or are fresh.
- `updated` moves for weeks with every felt report, and `tsunami: 1` is no tsunami warning: neither is read as meaning.
- The list has only what is significant, a M3.8 felt in New York included; withdrawn events carry the status "deleted".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from core.errors import SourceBroken
from core.i18n import Message, t
from core.places.finder import find, resolve
from core.places.names import codes
from sources.entries import moment_of_epoch, sort_out, web_address
from sources.events import Event, EventKind
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape
from sources.reading.us_regions import country_of_part

CARD = Card(
    id="usgs",
    publisher="US Geological Survey",
    publisher_zh="美国地质调查局",
    authority=Authority.HAZARD,
    shape=Shape.STREAM,
    url="https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/significant_month.geojson",
    hosts=("earthquake.usgs.gov",),
    language="en",
    rhythm="every few minutes; a significant earthquake every other day",
    entries=(1, 80),  # 14 in February 2023, the month of the Turkish sequence
    stale_after=timedelta(days=2),  # the list is written anew every few minutes
    change_limit=15,  # a sequence like that of 2023 brings six events in a day
    terms="Public domain (US government)",
)
DETAIL_URL = "https://earthquake.usgs.gov/earthquakes/feed/v1.0/detail/{id}.geojson"
MOST_DETAILS = 10
"""Events whose details are asked for in one run, two pages each."""
FRESH = timedelta(hours=24)
"""PAGER's list of countries is asked for again this long after a quake: its estimates are revised over the first day."""
_PAGER = {"red": 3, "orange": 3, "yellow": 2, "green": 0}
_STRONG = 6.0
"""Magnitude from which a quake is worth a line in the brief even where PAGER sees little harm."""
_NOT_ESTIMATED, _SHALLOW = 6.5, 70.0
"""Magnitude and depth in km from which an officer looks at a quake that PAGER says nothing about yet."""
_YELLOW_DOLLARS = 1_000_000
"""PAGER's own limit between green and yellow is one death or this many dollars."""
_UNREAD = " unread"


class _Properties(BaseModel):
    mag: float | None = Field(None, allow_inf_nan=False)
    place: str | None = ""
    time: int
    updated: int
    url: str
    alert: str | None = None
    status: str
    ids: str = ""


class _Geometry(BaseModel):
    coordinates: tuple[float, float, float]


class _Event(BaseModel):
    id: str = Field(min_length=1)
    properties: _Properties
    geometry: _Geometry

    @property
    def ids(self) -> list[str]:
        """Return every id this event goes by."""
        return sorted({self.id, *(one for one in self.properties.ids.split(",") if one)})


class _Loss(BaseModel):
    country_code: str
    fatalities: int = 0
    us_dollars: int = 0


def parse(capture: Capture) -> Reading:
    """Read all events. One with an unknown PAGER colour, or without an id, a time or a point, is quarantined. Pure.

    Raises:
        SourceBroken: this is no such list.
    """
    return _parse(capture, ())


def read(get: Get, known: Known) -> Reading:
    """Fetch the list; for events from tier 2 up that are fresh or moved, PAGER's countries. One not to be had is a note."""
    capture = get(CARD.url)
    reading = _parse(capture, known.marks)
    wanted = [one for one in reading.advisories if _is_wanted(one, capture, known)]
    found: dict[str, Advisory] = {}
    notes: list[Message] = []
    for one in wanted[:MOST_DETAILS]:
        try:
            found[one.native_id] = _with_pager(get, one)
        except SourceBroken as error:
            notes.append(t("Read from the list alone: {title} ({reason})", title=one.title, reason=error.message))
    if later := wanted[MOST_DETAILS:]:
        names = ", ".join(one.title for one in later)
        notes.append(t("Not read yet, more moved than we ask for in one run: {names}", names=names))
    unread = {one.native_id: replace(one, list_mark=one.list_mark + _UNREAD) for one in wanted}
    advisories = tuple(found.get(one.native_id) or unread.get(one.native_id) or one for one in reading.advisories)
    return replace(reading, advisories=advisories, notes=(*reading.notes, *notes))


def _parse(capture: Capture, known: Collection[str]) -> Reading:
    data = read_json(capture)
    features, metadata = data.get("features"), data.get("metadata")
    if (
        not isinstance(features, list)
        or not isinstance(metadata, dict)
        or not isinstance(metadata.get("generated"), int)
    ):
        raise wrong_shape(capture, t("a list of earthquakes"))
    good, bad = sort_out(features, lambda raw: _advisory(raw, known), _name)
    return Reading(_once(good), bad, built_at=moment_of_epoch(metadata["generated"]))


def _once(advisories: tuple[Advisory, ...]) -> tuple[Advisory, ...]:
    """Return each event once: of two records whose ids meet, the one that matters more.

    The gravest come first, and of equals the oldest: an aftershock is weighed against its quake, whichever the list has first.
    """
    best = {one.native_id: one for one in sorted(advisories, key=lambda one: one.tier or 0)}
    return tuple(sorted(best.values(), key=lambda one: (-(one.tier or 0), str(one.published_at))))


def _name(raw: object) -> str:
    return str(raw.get("id", ""))[:80] if isinstance(raw, Mapping) else str(raw)[:80]


def _advisory(raw: object, known: Collection[str]) -> Advisory:
    event = _Event.model_validate(raw)
    said = event.properties
    place, deleted = (said.place or "").strip(), said.status.casefold() == "deleted"
    tier = _tier(event)
    countries, ambiguous = _countries(place, event.geometry.coordinates)
    magnitude = "?" if said.mag is None else f"{said.mag:.1f}"
    words = "deleted" if deleted else f"PAGER {said.alert or 'not yet estimated'}"
    return Advisory(
        source=CARD.id,
        native_id=next((one for one in event.ids if one in known), event.ids[0]),
        title=f"M {magnitude} - {place or 'place not named'}",
        summary=words,
        url=web_address(CARD.url, said.url),
        language=CARD.language,
        countries=countries,
        level_words=words,
        hazards=(Hazard.NATURAL_DISASTER,),
        acute=tier >= 2,
        published_at=moment_of_epoch(said.time),
        updated_at=moment_of_epoch(said.updated),
        unresolved=() if countries or ambiguous else (place or event.id,),
        ambiguous=ambiguous,
        tier=tier,
        list_mark=f"{magnitude} {words} {' '.join(countries)}",
        detail_read=deleted,  # a withdrawn event has no further page: the list's word counts
        event=_happening(event),
    )


def _happening(event: _Event) -> Event:
    """Return what other feeds may tell of as well: the quake itself, under every id it ever had."""
    east, north, _ = event.geometry.coordinates
    ids = tuple(f"{CARD.id}:{one}" for one in event.ids)
    at, magnitude = moment_of_epoch(event.properties.time), event.properties.mag
    return Event(EventKind.QUAKE, at, north, east, ids=ids, magnitude=magnitude)


def _tier(event: _Event) -> int:
    """Return the relevance tier: 3 send or click, 2 draft, 1 brief, 0 store (knowledge: hazards-and-cap, section 5)."""
    said, depth = event.properties, event.geometry.coordinates[2]
    magnitude = said.mag or 0.0
    if said.status.casefold() == "deleted":
        return 0
    if said.alert is None:
        return 2 if magnitude >= _NOT_ESTIMATED and depth <= _SHALLOW else int(magnitude >= _STRONG)
    # An unknown colour is looked at by an officer, not dropped with its quake.
    return max(_PAGER.get(said.alert.casefold(), 2), int(magnitude >= _STRONG))


def _countries(place: str, point: tuple[float, float, float]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries of a place text, and what may be several. What follows its last comma decides.

    The state of Georgia and the country are told apart by the point; one that lies in neither leaves it open.
    """
    last = place.rpartition(",")[2].strip().removesuffix(" region").strip()
    if last == "Georgia":
        return _georgia(*point[:2])
    if country := country_of_part(last):
        return (country,), ()
    if last != place and (known := resolve(last)):
        return tuple(sorted(known)), ()
    found = find(place)
    return tuple(sorted(found.countries)), found.ambiguous


def _georgia(east: float, north: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if -87 < east < -80 and 30 < north < 36:
        return ("US",), ()
    return (("GE",), ()) if 39 < east < 47 and 40 < north < 44 else ((), ("Georgia: GE US",))


def _is_wanted(one: Advisory, capture: Capture, known: Known) -> bool:
    """Say whether the details of an event are asked for: it matters or did, and it moved, or its estimates still may."""
    if one.detail_read:
        return False
    mark = known.marks.get(one.native_id)
    fresh = one.published_at is not None and capture.fetched_at - one.published_at < FRESH
    if (one.tier or 0) >= 2:
        return fresh or mark != one.list_mark
    return mark is not None and mark != one.list_mark


def _with_pager(get: Get, one: Advisory) -> Advisory:
    """Add the countries where PAGER expects a death or a million dollars of damage; without a PAGER product, none.

    Raises:
        SourceBroken: a page cannot be had, or is not what it was.
    """
    detail = get(DETAIL_URL.format(id=one.url.rstrip("/").rpartition("/")[2]))
    if not _is_about(detail, one):
        # Another quake's losses would text another country's people.
        raise wrong_shape(detail, t("the details of {title}", title=one.title))
    address = _losses_address(detail)
    hit = _hit(get(address)) if address else frozenset()
    countries = tuple(sorted({*one.countries, *hit}))
    return replace(one, countries=countries, unresolved=() if countries else one.unresolved, detail_read=True)


def _is_about(detail: Capture, one: Advisory) -> bool:
    """Tell whether a page of details goes by an id of the event: its preferred id may have changed since the list."""
    data = read_json(detail)
    properties = data.get("properties")
    said = properties.get("ids") if isinstance(properties, dict) else None
    ids = {str(data.get("id", "")), *(str(said).split(",") if said else ())} - {""}
    return one.event is not None and bool({f"{CARD.id}:{name}" for name in ids} & set(one.event.ids))


def _losses_address(capture: Capture) -> str:
    """Return where the losses of the preferred PAGER product stand; "" if there is none that holds."""
    properties = read_json(capture).get("properties")
    products = properties.get("products") if isinstance(properties, dict) else None
    if not isinstance(products, dict):
        raise wrong_shape(capture, t("the products of an earthquake"))
    pagers: list[Any] = products.get("losspager") or []
    held = [one for one in pagers if isinstance(one, dict) and one.get("status") != "DELETE"]
    contents = held[0].get("contents", {}) if held else {}
    file = contents.get("json/losses.json", {}) if isinstance(contents, dict) else {}
    return str(file.get("url", "")) if isinstance(file, dict) else ""


def _hit(capture: Capture) -> frozenset[str]:
    """Return the countries whose own losses reach PAGER's yellow."""
    data = read_json(capture)
    try:
        rows = [
            _Loss.model_validate(row)
            for part, key in (("empirical_fatality", "country_fatalities"), ("empirical_economic", "country_dollars"))
            for row in data[part][key]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise wrong_shape(capture, t("losses by country")) from error
    hit = {row.country_code for row in rows if row.fatalities >= 1 or row.us_dollars >= _YELLOW_DOLLARS}
    return frozenset(hit & codes())
