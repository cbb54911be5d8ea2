"""Australian Department of Foreign Affairs and Trade (Smartraveller): the RSS of all destinations. Pure but for `read`.

Facts (three programs that read the feed, and tables of the web pages of July 2026; no raw capture is known):
- `ta:level` reads "2/5" to "5/5", and 2/5 is the lowest advice. A well-known program reads it as 1 to 4 and is one level too
  high. The words in `dc:description` count; a number that does not fit them is a note.
- An item may carry warnings for areas; `dc:coverage` says for where. The country's own is the one that covers its name.
- Dates end in names of zones (AEST, AEDT), which date parsers do not know or take for others.
- There are no country codes.
- The host stalls or answers 503 for data centres: expect failures; the last good reading stands with its age.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby, zip_longest
from xml.etree.ElementTree import Element

from core.i18n import Message, t
from core.places.finder import is_part, resolve
from sources.entries import Unreadable, sort_out, web_address, without_twins
from sources.formats import read_xml, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Level, Reading, Shape, squeeze
from sources.reading.text import to_text

CARD = Card(
    id="au-dfat",
    publisher="Australian Department of Foreign Affairs and Trade",
    publisher_zh="澳大利亚外交贸易部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.smartraveller.gov.au/countries/documents/index.rss",
    hosts=("www.smartraveller.gov.au",),
    language="en",
    rhythm="1 to 15 dates a day, a level every few weeks",
    entries=(160, 210),  # 179 destinations in July 2026
    known_levels=160,  # every destination states one
    stale_after=timedelta(days=14),  # a date moved on every day of July 2026
    terms="CC BY 4.0, with attribution",
    unproven=True,
)
_TA = "{http://www.smartraveller.gov.au/schema/rss/travel_advisories/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_WORDS = {
    "exercise normal safety precautions": 1,
    "exercise a high degree of caution": 2,
    "reconsider your need to travel": 3,
    "do not travel": 4,
}
# Hours ahead of UTC. Daylight saving has names of its own, so that no calendar is needed.
_ZONES = {"AEST": 10.0, "AEDT": 11.0, "ACST": 9.5, "ACDT": 10.5, "AWST": 8.0, "GMT": 0.0, "UTC": 0.0, "+0000": 0.0}
_DATE = re.compile(r"(?:\w{3},\s*)?(\d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2})\s+(\S+)$", re.ASCII)


@dataclass(frozen=True)
class _Warning:
    """One statement of a level: for where ("" for the whole country), the publisher's words and number."""

    coverage: str
    words: str
    number: str

    @property
    def level(self) -> int:
        """Return the level of the words. Raises Unreadable if they are none of the four."""
        told = " ".join(self.words.casefold().split())
        found = next((level for words, level in _WORDS.items() if told.startswith(words)), None)
        if found is None:
            raise Unreadable(t("unknown level: {words}", words=self.words or self.number or "–"))
        return found


def parse(capture: Capture) -> Reading:
    """Read the whole list. An entry whose level, place or date cannot be understood is quarantined. Pure.

    Raises:
        SourceBroken: this is no such feed.
    """
    items = read_xml(capture, "rss").findall("./channel/item")
    if not items:
        raise wrong_shape(capture, t("a feed with entries"))
    good, bad = sort_out(items, _advisory, lambda item: _text(item, "title"))
    kept, notes = _newest_of_each(without_twins(good, bad, resolve))
    return Reading(kept, bad, (*notes, *_odd_numbers(items)), complete=not bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(item: Element) -> Advisory:
    name = _text(item, "title")
    countries = resolve(name)
    if not countries:
        raise Unreadable(t("no known place: {name}", name=name))
    warnings = list(_warnings(item))
    own = [one for one in warnings if not one.coverage or _covers(one.coverage, name, countries)]
    # Of several, one that does not say for where could be an area's: it must not become the country's level.
    if not warnings or (len(warnings) > 1 and not all(one.coverage for one in warnings)):
        raise Unreadable(t("unknown level: {words}", words=" · ".join(one.words for one in warnings) or "–"))
    areas = [one for one in warnings if one not in own]
    national: Level = max((one.level for one in own), default=Grade.UNSTATED)
    regional: Level = max((one.level for one in areas), default=Grade.UNSTATED)
    words = " · ".join(f"{one.coverage}: {one.words}" if one in areas else one.words for one in warnings)
    when = _moment(_text(item, "pubDate"))
    part = is_part(name)
    return Advisory(
        source=CARD.id,
        native_id=f"{countries[0]}/{squeeze(name).casefold()}" if part else countries[0],
        title=f"{name} - {own[0].words}" if own else name,
        url=web_address(CARD.url, _text(item, "link")),
        language=CARD.language,
        summary=to_text(_text(item, "description")),
        countries=tuple(sorted(countries)),
        places=(name,) if part else tuple(one.coverage for one in areas),
        level_national=national,
        level_regional_max=regional,
        level_words=words,
        published_at=when,
        updated_at=when,
    )


def _text(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split()) if tag != "description" else element.findtext(tag) or ""


def _warnings(item: Element) -> Iterator[_Warning]:
    """Yield the warnings of an item: each in an element of its own, or several in one, in the same order."""
    for block in item.findall(f"{_TA}warnings"):
        fields = (
            [_words(one) for one in block.findall(tag)]
            for tag in (f"{_DC}coverage", f"{_DC}description", f"{_TA}level")
        )
        for coverage, words, number in zip_longest(*fields, fillvalue=""):
            yield _Warning(coverage, words, number)


def _words(element: Element) -> str:
    return " ".join((element.text or "").split())


def _covers(coverage: str, name: str, countries: tuple[str, ...]) -> bool:
    """Tell whether a warning is for the whole country: its coverage is a name of the country, not that of a part."""
    other_name = len(coverage.split()) <= len(name.split()) and not is_part(coverage)
    return coverage.casefold() == name.casefold() or (other_name and resolve(coverage) == countries)


def _moment(text: str) -> datetime:
    """Read `21 Jul 2026 22:00:00 AEST`. A zone we do not know is not guessed."""
    match = _DATE.match(text)
    if match is None or match[2] not in _ZONES:
        raise Unreadable(t("unreadable date: {value}", value=text or "–"))
    try:
        naive = datetime.strptime(match[1], "%d %b %Y %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=text)) from error
    return naive.replace(tzinfo=timezone(timedelta(hours=_ZONES[match[2]]))).astimezone(UTC)


def _odd_numbers(items: list[Element]) -> Iterator[Message]:
    """Name entries whose number does not fit their words: the lowest of the four levels is numbered 2."""
    for item in items:
        for one in _warnings(item):
            number = one.number.partition("/")[0]
            told = next((level for words, level in _WORDS.items() if one.words.casefold().startswith(words)), None)
            if told is not None and number and number != str(told + 1):
                yield t("{title}: the number {number} does not fit the words {words}; the words count.",
                        title=_text(item, "title"), number=one.number, words=one.words)  # fmt: skip


def _newest_of_each(advisories: tuple[Advisory, ...]) -> tuple[tuple[Advisory, ...], tuple[Message, ...]]:
    """Keep one entry per key, the one published last; name the others."""
    kept: list[Advisory] = []
    notes: list[Message] = []
    ordered = sorted(advisories, key=lambda one: (one.native_id, one.published_at))
    for _, group in groupby(ordered, key=lambda one: one.native_id):
        *older, newest = group
        kept.append(newest)
        notes += [t("Listed twice; the older entry was left out: {title}", title=old.title) for old in older]
    return tuple(kept), tuple(notes)
