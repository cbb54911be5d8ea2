"""US Department of State: the RSS of all Travel Advisories, and its JSON interface as second opinion. Pure but for `read`.

Facts (captures of October 2025; the list is one file of about 0.8 MB, a few entries move a week):
- `Country-Tag` is FIPS 10-4, not ISO: CH is China, CN Comoros, AU Austria, NG Niger. 56 of 211 tags are the ISO code
  of another country. The place is read from the name in the title; tag and link may only confirm it.
- guid and link move with every redesign of the site; the key of an entry is our own country code.
- "Level 1" with "Summary not available" and a fresh date is a placeholder for a country that is really at 3 or 4 (save
  Finland).
- The JSON interface is asked only if the RSS is broken. It served two editions of the list in turn from April to August 2026,
  and was an empty list in September: that is a failure, and `sources/change.py` lets an older edition change nothing.
- Some entries are joint ("Mainland China, Hong Kong & Macau") while their members also have entries of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from core.errors import SourceBroken, SourceSkipped
from core.i18n import Message, t
from core.places.finder import is_part, resolve
from core.places.fips import iso_of_fips
from core.places.names import iso2
from sources.entries import Unreadable, agree, moment_of, sort_out, web_address, without_twins
from sources.formats import read_feed, read_json_list
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Hazard, Known, Level, Reading, Shape
from sources.reading.text import to_text

CARD = Card(
    id="us-state",
    publisher="US Department of State",
    publisher_zh="美国国务院",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://travel.state.gov/_res/rss/TAsTWs.xml",
    hosts=("travel.state.gov", "cadataapi.state.gov"),
    language="en",
    rhythm="a few entries a week",
    entries=(190, 240),  # 207 to 216 in every count known, 2021 to 2026
    known_levels=185,  # all 211 in October 2025; up to a dozen placeholders at once were seen in 2026
    stale_after=timedelta(days=21),  # the newest entry is days old, the channel's own date hours
    change_limit=15,  # the API's two populations of 2026 differed in 19 entries: that must be held
    terms="Public domain (US government)",
)
JSON_URL = "https://cadataapi.state.gov/api/TravelAdvisories"
_TITLE = re.compile(r"^(?P<name>.*?)\s*(?:[-–—]\s*(?P<words>Level\s+(?P<number>\d+)\b.*))?$", re.DOTALL | re.IGNORECASE)
_EXTRAS = re.compile(r"\s*(?:[-–—]\s*See\s+(?:Individual\s+)?Summaries|Travel\s+Advisory)\s*$", re.IGNORECASE)
_WORDS = {"exercise normal precautions": 1, "exercise increased caution": 2, "reconsider travel": 3, "do not travel": 4}
_DESTINATION = re.compile(r"/destination\.([a-z]{3})\.html")
_REASON = re.compile(r"\b(?:exercise|reconsider|do not travel)\b[^.]*?\bdue to\b:?([^.]{0,300})", re.IGNORECASE)
_HAZARDS = {
    "crime": Hazard.CRIME, "terroris": Hazard.TERRORISM, "unrest": Hazard.UNREST, "kidnap": Hazard.KIDNAPPING,
    "hostage": Hazard.KIDNAPPING, "health": Hazard.EPIDEMIC, "natural disaster": Hazard.NATURAL_DISASTER,
    "detention": Hazard.LEGAL, "enforcement of": Hazard.LEGAL, "armed conflict": Hazard.CONFLICT,
    "drone": Hazard.DRONES,
}  # fmt: skip
# Its true entry carries the placeholder's words (knowledge: sources-western, section 0.3).
_TRUE_WITHOUT_SUMMARY = "FI"


@dataclass(frozen=True)
class _Title:
    """The parts of a title: the place's name, the level (`unstated` without one), and the level's own words."""

    name: str
    level: Level
    words: str


class _JsonEntry(BaseModel):
    """One entry of the JSON interface. `Published` is midnight UTC, written in Washington's time."""

    title: str = Field(alias="Title", min_length=1)
    link: str = Field(alias="Link")
    tags: list[str] = Field([], alias="Category")
    summary: str = Field("", alias="Summary")
    published: AwareDatetime = Field(alias="Published")


def parse(capture: Capture) -> Reading:
    """Read the whole list, RSS or JSON. An entry whose level, place or date cannot be understood is quarantined. Pure.

    Raises:
        SourceBroken: this is neither, or an empty list.
    """
    if capture.body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"["):
        return _reading(read_json_list(capture), _of_json, None)
    feed = read_feed(capture)
    return _reading(feed.entries, _advisory, moment_of(feed.feed.get("published_parsed"), None))


def read(get: Get, known: Known) -> Reading:
    """Fetch the RSS, and parse it; if it is broken, the JSON interface, and say so. Broken if both are: the RSS's reason."""
    try:
        return parse(get(CARD.url))
    except SourceSkipped:
        raise
    except SourceBroken as error:
        try:
            reading = parse(get(JSON_URL))
        except SourceBroken:
            raise error from None
        note = t("Read from the JSON interface, because the RSS is broken: {reason}", reason=error.message)
        return replace(reading, notes=(note, *reading.notes))


def _reading(entries: Iterable[Any], read_one: Callable[[Any], Advisory], built_at: datetime | None) -> Reading:
    good, bad = sort_out(entries, read_one, _name)
    apart = _apart(without_twins(good, bad, lambda entry: resolve(_named(entry))))
    idle = [one for one in apart if not one.countries and not one.worldwide]
    kept, notes = _newest_of_each(one for one in apart if one not in idle)
    notes += tuple(t("Each of its members has an entry of its own: {title}", title=one.title) for one in idle)
    return Reading(kept, bad, notes, complete=not bad, built_at=built_at)


def _name(entry: object) -> str:
    found = (entry.get("title") or entry.get("Title") or "") if isinstance(entry, Mapping) else entry
    return str(found)[:80]


def _of_json(raw: object) -> Advisory:
    """Read an entry of the JSON interface as the RSS entry it stands for."""
    entry = _JsonEntry.model_validate(raw)
    return _advisory({
        "title": entry.title, "link": entry.link, "summary": entry.summary, "published": entry.published.isoformat(),
        "published_parsed": entry.published.astimezone(UTC).timetuple(),
        "tags": [{"scheme": "Country-Tag", "term": tag} for tag in entry.tags],
    })  # fmt: skip


def _advisory(entry: Mapping[str, Any]) -> Advisory:
    title = _title(str(entry.get("title", "")))
    link, when = (
        web_address(CARD.url, str(entry.get("link", ""))),
        moment_of(entry.get("published_parsed"), entry.get("published")),
    )
    summary = to_text(str(entry.get("summary", "")))
    base = Advisory(
        CARD.id, "worldwide", " ".join(str(entry.get("title", "")).split()), link, CARD.language, summary=summary
    )
    if title.name.casefold().startswith("worldwide caution"):
        return replace(base, worldwide=True, published_at=when, updated_at=when)
    named = resolve(title.name)
    if not named:  # a tag alone is not enough: it is the part of this feed that misleads
        raise Unreadable(t("no known place: {name}", name=title.name))
    countries = agree(title.name, named, _country_of_tag(entry), _country_of_link(link))
    part = is_part(title.name)
    level, dated = _believable(title, summary, when, countries)
    return replace(
        base,
        native_id=f"{countries[0]}/{_slug(title.name)}" if part else countries[0],
        countries=tuple(sorted(countries)),
        places=(title.name,) if part else (),
        level_national=level,
        level_words=title.words,
        hazards=_hazards(summary),
        published_at=dated,
        updated_at=dated,
    )


def _title(text: str) -> _Title:
    """Take a title apart.

    Raises:
        Unreadable: the level is none of the four, or its number and its words disagree.
    """
    match, name = _TITLE.match(" ".join(text.split())), _named(text)
    words = (match["words"] or "") if match else ""
    if not words:
        return _Title(name, Grade.UNKNOWN, "")
    number = int(match["number"]) if match else 0
    said = _WORDS.get(words.partition(":")[2].strip().casefold(), number)
    if number not in range(1, 5) or said != number:
        raise Unreadable(t("unknown level: {words}", words=words))
    return _Title(name, number, words)


def _named(text: str) -> str:
    """Return the name of the place in a title, "" without one."""
    match = _TITLE.match(" ".join(text.split()))
    name = match["name"] if match else ""
    while (shorter := _EXTRAS.sub("", name)) != name:
        name = shorter
    return name


def _believable(
    title: _Title, summary: str, when: datetime | None, countries: tuple[str, ...]
) -> tuple[Level, datetime | None]:
    """Return level and date; a placeholder has neither, so that its fresh date bars no true entry afterwards."""
    placeholder = title.level == 1 and summary.casefold().startswith("summary not available")
    if placeholder and countries != (_TRUE_WITHOUT_SUMMARY,):
        return Grade.UNKNOWN, None
    return title.level, when


def _country_of_tag(entry: Mapping[str, Any]) -> str | None:
    """Return the country of the FIPS tag, None without one or with one outside the standard (A1 for three islands)."""
    tags = [tag.get("term") for tag in entry.get("tags", ()) if tag.get("scheme") == "Country-Tag"]
    return iso_of_fips(str(tags[0]).strip()) if tags else None


def _country_of_link(link: str) -> str | None:
    match = _DESTINATION.search(link)
    # The department's own code for Kosovo, which has none in ISO 3166.
    return ("XK" if match[1] == "xks" else iso2(match[1].upper())) if match else None


def _hazards(summary: str) -> tuple[Hazard, ...]:
    """Return what the first "due to …" of the advice names. It never touches the level."""
    reason = _REASON.search(summary)
    words = reason[1].casefold() if reason else ""
    return tuple(dict.fromkeys(hazard for word, hazard in _HAZARDS.items() if word in words))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name.casefold()).strip("-")


def _newest_of_each(advisories: Iterable[Advisory]) -> tuple[tuple[Advisory, ...], tuple[Message, ...]]:
    """Keep one entry per key, the one published last; name the others."""
    kept: list[Advisory] = []
    notes: list[Message] = []
    ordered = sorted(advisories, key=lambda one: one.native_id)
    for _, group in groupby(ordered, key=lambda one: one.native_id):
        same = sorted(group, key=lambda one: one.published_at.timestamp() if one.published_at else 0.0)
        kept.append(same[-1])
        notes += [t("Listed twice; the older entry was left out: {title}", title=old.title) for old in same[:-1]]
    return tuple(kept), tuple(notes)


def _apart(advisories: tuple[Advisory, ...]) -> tuple[Advisory, ...]:
    """Keep joint entries from standing for members that also have an entry of their own.

    A joint entry loses those members; if even its first has an entry of its own, it gets another key than that.
    """
    own = {one.native_id for one in advisories if len(one.countries) == 1}
    return tuple(_rest_of(one, own) if len(one.countries) > 1 else one for one in advisories)


def _rest_of(joint: Advisory, own: set[str]) -> Advisory:
    key = f"{joint.native_id}/joint" if joint.native_id in own else joint.native_id
    return replace(joint, native_id=key, countries=tuple(code for code in joint.countries if code not in own))
