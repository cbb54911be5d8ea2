"""New Zealand Ministry of Foreign Affairs and Trade (SafeTravel): one page per destination, listed in the site map.

Facts (one page of July 2026; a program that reads the site map, September 2026):
- There is no feed. The levels are JSON in the attribute `data-content` of the element `js-advice-level-accordion`.
- `regional` is true even for "in Nepal": what an entry covers is said by its subtitle, not by that mark.
- "Updated …" in the block of related news is no date of the advice, and a search for "do not travel" in the whole page
  finds other things: only the attribute is read.
- The pages are read in turn, at most `PAGES_PER_RUN` a run, those read longest ago first: a round takes about a week.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from unicodedata import normalize

import orjson
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from core.i18n import t
from core.places.finder import is_part, resolve
from sources.entries import Unreadable, agree, sort_out
from sources.formats import read_whole_html, read_xml, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Level, Reading, Shape
from sources.reading.text import to_text
from sources.sweep import Turn, sweep

CARD = Card(
    id="nz-mfat",
    publisher="New Zealand Ministry of Foreign Affairs and Trade",
    publisher_zh="新西兰外交贸易部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.safetravel.govt.nz/sitemap.xml",
    hosts=("www.safetravel.govt.nz",),
    language="en",
    rhythm="a few pages a week; all are read once a week",
    entries=(150, 250),  # about one per country and territory
    known_levels=0,  # levels are on the pages, of which a run reads a few
    stale_after=None,  # the list has no dates that speak of the advice
    terms="Crown copyright New Zealand; terms of re-use not seen: quote and link",
    unproven=True,  # the site map was never seen, one page was
)
PAGES_PER_RUN = 30
_ROOT = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_PAGE = re.compile(r"^https://www\.safetravel\.govt\.nz/destinations/(?P<slug>[a-z0-9-]+)/?$")
_NOT_PLACES = frozenset({"about-our-travel-advice"})
_LEVELS = {
    "exercise normal safety and security precautions": 1,
    "exercise increased caution": 2,
    "avoid non-essential travel": 3,
    "do not travel": 4,
}
_OF_FOUR = re.compile(r"\(level (\d) of 4\)")
_WHERE = re.compile(r"^(?:in|to|elsewhere in|everywhere else in|throughout)\s+(?:the\s+)?", re.IGNORECASE)


class _Advice(BaseModel):
    title: str = Field(min_length=1)
    subtitle: str = ""
    body: str = ""
    updated: str = Field("", alias="lastUpdated")
    regional: Literal[True, False]


_ADVICE = TypeAdapter(list[_Advice])


def parse(capture: Capture) -> Reading:
    """Read the site map, or one destination's page. A destination nobody knows is quarantined. Pure.

    Raises:
        SourceBroken: this is neither.
    """
    if b"js-advice-level-accordion" in capture.body:
        return Reading((parse_page(capture),))
    root = read_xml(capture, f"{_ROOT}urlset")
    found = (_PAGE.match((loc.text or "").strip()) for loc in root.iter(f"{_ROOT}loc"))
    slugs = sorted({match["slug"] for match in found if match} - _NOT_PLACES)
    if not slugs:
        raise wrong_shape(capture, t("a list of countries"))
    good, bad = sort_out(slugs, _listed, str)
    return Reading(good, bad, complete=not bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the site map and the pages whose turn it is; a page that cannot be had is a note."""
    capture = get(CARD.url)

    def page_of(one: Advisory) -> Advisory:
        """Read the page of one entry."""
        found = parse_page(get(one.url))
        if not set(found.countries) & set(one.countries):
            raise wrong_shape(capture, t("the text of {title}", title=one.title))
        return replace(found, native_id=one.native_id, url=one.url, countries=one.countries)

    return sweep(parse(capture), known, page_of, Turn(PAGES_PER_RUN), capture.fetched_at)


def parse_page(capture: Capture) -> Advisory:
    """Read one destination's page. Pure.

    Raises:
        SourceBroken: this is no destination's page, its place is not known, or a level is none of the four.
    """
    soup = read_whole_html(capture)
    holder, heading = soup.find(id="js-advice-level-accordion"), soup.find("h1")
    raw = str(holder.get("data-content") or "") if holder else ""
    name = " ".join(heading.get_text().split()) if heading else ""
    try:
        entries = _ADVICE.validate_python(orjson.loads(raw))
        return _advice(name, entries)
    except (orjson.JSONDecodeError, ValidationError, Unreadable) as error:
        raise wrong_shape(capture, t("travel advice with a known level")) from error


def _listed(slug: str) -> Advisory:
    name = slug.replace("-", " ").title()
    return Advisory(
        source=CARD.id,
        native_id=slug,
        title=name,
        url=f"https://www.safetravel.govt.nz/destinations/{slug}",
        language=CARD.language,
        countries=tuple(sorted(agree(name, resolve(name)))),
        level_national=Grade.UNKNOWN,
    )


def _advice(name: str, entries: list[_Advice]) -> Advisory:
    countries = agree(name, resolve(name))
    if not entries:
        raise Unreadable(t("unknown level: {words}", words="–"))
    whole = [one for one in entries if _is_whole(one, name, countries)]
    parts = [one for one in entries if one not in whole]
    national: Level = max((_level(one) for one in whole), default=Grade.UNSTATED)
    regional: Level = max((_level(one) for one in parts), default=Grade.UNSTATED)
    updated = _date(entries[0].updated)
    slug = re.sub(r"[^a-z0-9]+", "-", normalize("NFD", name.casefold()).encode("ascii", "ignore").decode()).strip("-")
    return Advisory(
        source=CARD.id,
        native_id=slug,
        title=f"{name} - {(whole or entries)[0].title}",
        url=f"https://www.safetravel.govt.nz/destinations/{slug}",
        language=CARD.language,
        summary="\n".join(to_text(one.body) for one in entries),
        countries=tuple(sorted(countries)),
        places=tuple(_WHERE.sub("", one.subtitle) for one in parts),
        level_national=national,
        level_regional_max=regional,
        level_words=" · ".join(f"{one.title} {one.subtitle}".strip() for one in entries),
        published_at=updated,
        updated_at=updated,
        detail_read=True,
    )


def _is_whole(one: _Advice, name: str, countries: tuple[str, ...]) -> bool:
    """Tell whether a level holds for the whole country, or for all of it that has no level of its own."""
    where = _WHERE.sub("", one.subtitle.strip())
    if not where or where.casefold() == name.casefold():
        return bool(where) or not one.regional
    other_name = len(where.split()) <= len(name.split()) and not is_part(where)  # Turkey for Türkiye
    return other_name and set(resolve(where)) == set(countries)


def _level(one: _Advice) -> int:
    """Return the level of the words; the number in the text, where there is one, must be the same."""
    level = next((number for words, number in _LEVELS.items() if one.title.strip().casefold().startswith(words)), 0)
    said = _OF_FOUR.search(to_text(one.body))
    if not level or (said and int(said[1]) != level):
        raise Unreadable(t("unknown level: {words}", words=one.title))
    return level


def _date(text: str) -> datetime | None:
    """Read `18 March 2026`; None if there is no date."""
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%d %B %Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=text)) from error
