"""GDACS (European Commission and UN): current natural hazards as RSS. Pure but for `read`.

Facts (captures of 2016 to 2024):
- The key is event type and event id; the guid stays while level, place and countries change.
- `gdacs:iso3` is only the first of the countries: the list of names counts. Region names ("Southeast Of Honshu,
  Japan") occur, and open-ocean events have no country.
- `alertlevel` is about the event, `episodealertlevel` about now: a cyclone that is over stays Orange, episode Green.
- Titles carry numbers and dates that move by themselves, so the title here is built from the fields.
- The file starts with a byte order mark, in one stored copy encoded twice. The same quake may appear as two events:
  both are kept, one situation later joins them.
- Old droughts stay Orange for months: never more than a line in the morning brief.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from core.i18n import t
from core.places.finder import find, resolve
from sources.entries import Unreadable, moment_of, sort_out, web_address
from sources.events import Event, EventKind, cyclone_name, cyclone_season, glide_number
from sources.formats import read_feed
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape

CARD = Card(
    id="gdacs",
    publisher="GDACS (European Commission and United Nations)",
    publisher_zh="全球灾害预警与协调系统（GDACS）",
    authority=Authority.HAZARD,
    shape=Shape.STREAM,
    url="https://www.gdacs.org/xml/rss.xml",
    hosts=("www.gdacs.org",),
    language="en",
    rhythm="every few minutes",
    entries=(5, 400),  # 16 and 74 in the feed, 115 in the week's; droughts alone keep it from being empty
    stale_after=timedelta(days=2),  # the list is written anew every few minutes
    change_limit=15,  # "Orange or Red, current, no drought" gives 1 or 2 events a week
    terms="Copyright European Union; syndication allowed, provided the source is acknowledged",
)
_KINDS = {
    "EQ": ("earthquake", Hazard.NATURAL_DISASTER),
    "TS": ("tsunami", Hazard.NATURAL_DISASTER),
    "VO": ("volcanic eruption", Hazard.NATURAL_DISASTER),
    "FL": ("flood", Hazard.NATURAL_DISASTER),
    "WF": ("wildfire", Hazard.NATURAL_DISASTER),
    "DR": ("drought", Hazard.NATURAL_DISASTER),
    "TC": ("tropical cyclone", Hazard.WEATHER),
}
_ALERTS = {"Green": 0, "Orange": 2, "Red": 3}
_STRONG_QUAKE = 6.0
"""Magnitude from which even a Green quake is worth a line in the brief (knowledge: hazards-and-cap, section 5)."""


@dataclass(frozen=True)
class _Event:
    """The fields of one event that carry meaning. `severity` is magnitude for quakes and km/h for cyclones."""

    kind: str
    number: str
    name: str
    alert: str
    episode: str
    current: bool
    severity: float
    countries: tuple[str, ...]
    unresolved: tuple[str, ...]


def parse(capture: Capture) -> Reading:
    """Read all events. One of unknown kind or level, or without an id or a readable date, is quarantined. Pure.

    Raises:
        SourceBroken: this is no feed.
    """
    feed = read_feed(capture)
    good, bad = sort_out(feed.entries, _advisory, lambda entry: str(entry.get("id") or entry.get("title", "")))
    # The gravest first, and of equals the oldest: an aftershock is weighed against its quake, whichever the feed has first.
    ordered = tuple(sorted(good, key=lambda one: (-(one.tier or 0), str(one.published_at))))
    return Reading(ordered, bad, built_at=moment_of(feed.feed.get("published_parsed"), None))


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(entry: Mapping[str, Any]) -> Advisory:
    event = _event(entry)
    tier, (kind, hazard) = _tier(event), _KINDS[event.kind]
    numbers = _numbers(event)
    return Advisory(
        source=CARD.id,
        native_id=event.kind + event.number,
        title=" ".join(word for word in (event.alert, kind, event.name) if word),
        summary=f"episode {event.episode}, {'current' if event.current else 'over'}{numbers}",
        url=web_address(CARD.url, str(entry.get("link", ""))),
        language=CARD.language,
        countries=event.countries,
        level_words=event.alert,
        hazards=(hazard,),
        acute=event.current and tier >= 2,
        published_at=_date(entry, "gdacs_fromdate"),
        updated_at=_date(entry, "gdacs_datemodified") or _date(entry, "published"),
        unresolved=event.unresolved,
        tier=tier,
        list_mark=f"{event.alert} {event.episode} {event.current} {' '.join(event.countries)}{numbers}",
        event=_happening(entry, event),
    )


def _happening(entry: Mapping[str, Any], event: _Event) -> Event:
    """Return what other feeds may tell of as well. A point that cannot be read is none: it decides nothing by itself."""
    kind, at = EventKind(event.kind), _date(entry, "gdacs_fromdate")
    cyclone = kind is EventKind.CYCLONE
    lat, lon = _point(entry)
    return Event(
        kind=kind,
        at=at,
        lat=lat,
        lon=lon,
        magnitude=(event.severity or None) if kind is EventKind.QUAKE else None,
        name=cyclone_name(event.name) if cyclone else "",
        season=cyclone_season(event.name, at) if cyclone else None,
        glide=glide_number(str(entry.get("gdacs_glide") or "")),
        ids=(f"{CARD.id}:{event.kind}{event.number}",),
    )


def _point(entry: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return degrees north and east of the entry's point, which feedparser gives as longitude and latitude."""
    where = entry.get("where")
    found = where.get("coordinates") if isinstance(where, Mapping) and where.get("type") == "Point" else None
    if not found or not all(math.isfinite(degrees) for degrees in found):
        return None, None
    return float(found[1]), float(found[0])


def _event(entry: Mapping[str, Any]) -> _Event:
    kind, number, alert = (str(entry.get(f"gdacs_{key}", "")).strip() for key in ("eventtype", "eventid", "alertlevel"))
    episode = str(entry.get("gdacs_episodealertlevel") or alert).strip()
    if kind not in _KINDS or not number.isdigit():
        raise Unreadable(t("unknown kind of event: {kind}", kind=f"{kind} {number}"))
    if alert not in _ALERTS or episode not in _ALERTS:
        raise Unreadable(t("unknown level: {words}", words=f"{alert}, {episode}"))
    countries, unresolved = _places(str(entry.get("gdacs_country", "")).strip())
    return _Event(
        kind=kind,
        number=number,
        name=str(entry.get("gdacs_eventname", "")).strip(),
        alert=alert,
        episode=episode,
        # Feeds before 2019 lack the field: too much for an officer is better than too little.
        current=str(entry.get("gdacs_iscurrent", "true")).strip().casefold() != "false",
        severity=_severity(entry),
        countries=countries,
        unresolved=unresolved,
    )


def _severity(entry: Mapping[str, Any]) -> float:
    severity = entry.get("gdacs_severity")
    text = str(severity.get("value", "0")) if isinstance(severity, Mapping) else "0"
    try:
        number = float(text)
    except ValueError as error:
        raise Unreadable(t("unreadable number: {value}", value=text)) from error
    if not math.isfinite(number):
        raise Unreadable(t("unreadable number: {value}", value=text))
    return number


def _numbers(event: _Event) -> str:
    """Return the severity as coarse as it must be to stand still between recalculations (knowledge, section 4)."""
    if event.kind == "EQ":
        return f", magnitude {event.severity:.1f}"
    return f", winds {round(event.severity, -1):.0f} km/h" if event.kind == "TC" else ""


def _places(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries of a comma list of names, and the names nobody knows.

    A name may hold a comma itself ("Virgin Islands, U.S."), so two parts may be one name.
    """
    if whole := resolve(text):
        return tuple(sorted(whole)), ()
    countries: set[str] = set()
    unresolved: list[str] = []
    parts = [part.strip() for part in text.split(",") if part.strip()]
    while parts:
        taken = 2 if resolve(", ".join(parts[:2])) and not resolve(parts[0]) else 1
        name, parts = ", ".join(parts[:taken]), parts[taken:]
        found = resolve(name) or find(name).countries
        countries.update(found)
        if not found:
            unresolved.append(name)
    return tuple(sorted(countries)), tuple(unresolved)


def _tier(event: _Event) -> int:
    """Return the relevance tier: 3 send or click, 2 draft, 1 brief, 0 store (knowledge: hazards-and-cap, section 5)."""
    tier = _ALERTS[event.alert]
    if event.kind == "DR":
        return 1 if tier and event.current else 0
    if event.kind == "TC" and event.alert == "Orange" and event.episode == "Green":
        tier = 1
    if event.alert == "Green":
        tier = _green(event)
    return tier if event.current else min(tier, 1)


def _green(event: _Event) -> int:
    if event.kind == "EQ":
        return int(event.severity >= _STRONG_QUAKE)
    if event.kind == "TC":
        return int(bool(event.countries))
    return int(event.kind in {"FL", "VO", "TS"})


def _date(entry: Mapping[str, Any], key: str) -> datetime | None:
    """Read one of GDACS's own dates, which feedparser leaves as text (RFC 2822, always GMT)."""
    text = str(entry.get(key) or "").strip()
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(t("unreadable date: {value}", value=text)) from error
