"""Irish Department of Foreign Affairs: one page of travel advice per country on ireland.ie. Pure but for `read`.

Facts (one page of July 2026, daily lists of others of 2026):
- There is no feed; the index page links to about 213 countries.
- The level is a class of the block "Security Status" and its heading; both must say the same. The legend of other layouts
  lists all four levels in a row: a page with more than one such block is refused.
- The former site, dfa.ie, kept answering with frozen advice: that host is never asked, and its pages are refused.
- A program whose selector broke wrote "No summary found" for every country and stayed green: here such a page is a failure.
- Level changes are very rare (1 in 151 days), dates move daily.
- The pages are read in turn, at most `PAGES_PER_RUN` a run. Off by default: the site's filter refuses most programs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup

from core.i18n import t
from core.places.finder import resolve
from core.places.tables import codes_of, rows
from sources.entries import Unreadable, agree, sort_out
from sources.formats import read_whole_html, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Reading, Shape
from sources.sweep import Turn, sweep

CARD = Card(
    id="ie-dfa",
    publisher="Irish Department of Foreign Affairs",
    publisher_zh="爱尔兰外交部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.ireland.ie/en/dfa/overseas-travel/advice/",
    hosts=("www.ireland.ie",),
    language="en",
    rhythm="a level every few months; all pages are read once a week",
    entries=(190, 235),  # 212 and 213 in two counts of 2026
    known_levels=0,  # levels are on the pages, of which a run reads a few
    stale_after=None,  # the list has no dates
    terms="© Government of Ireland; terms of re-use not seen: quote and link",
    enabled=False,
    unproven=True,  # the index was never seen, one page was
)
PAGES_PER_RUN = 30
FEWEST_LINKS = 3
"""Any page of the site, and of the former one, has a link or two to a country: that is no index."""
_SLUGS = Path(__file__).parent / "data" / "ie_slugs.csv"
_LINK = re.compile(r"^(?:https://www\.ireland\.ie)?/en/dfa/overseas-travel/advice/([a-z0-9-]+)/$")
_LEVELS = {
    "normal-precautions": 1,
    "high-degree-of-caution": 2,
    "avoid-non-essential-travel": 3,
    "do-not-travel": 4,
}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}
_RATING = re.compile(r"level (one|two|three|four) of four", re.IGNORECASE)
_UPDATED = re.compile(r"Updated on:\s*(\d{1,2} \w+ \d{4})")


def parse(capture: Capture) -> Reading:
    """Read the index, or one country's page. A country nobody knows is quarantined. Pure.

    Raises:
        SourceBroken: this is neither.
    """
    soup = read_whole_html(capture)
    if soup.select_one(".accordion_travel"):
        return Reading((_page(capture, soup),))
    links = {match[1]: link for link in soup.find_all("a", href=_LINK) if (match := _LINK.match(str(link["href"])))}
    if len(links) < FEWEST_LINKS:
        raise wrong_shape(capture, t("a list of countries"))
    named = {slug: " ".join(link.get_text().split()) for slug, link in links.items()}
    good, bad = sort_out(sorted(named.items()), lambda item: _listed(*item), lambda item: item[0])
    own = {one.countries[0] for one in good if len(one.countries) == 1}
    apart = (
        replace(one, countries=tuple(c for c in one.countries if len(one.countries) == 1 or c not in own))
        for one in good
    )
    return Reading(tuple(apart), bad, complete=not bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the index and the pages whose turn it is; a page that cannot be had is a note."""
    capture = get(CARD.url)

    def page_of(one: Advisory) -> Advisory:
        """Read the page of one entry."""
        found = parse_page(get(one.url))
        if found.native_id != one.native_id:
            raise wrong_shape(capture, t("the text of {title}", title=one.title))
        return replace(found, countries=one.countries)

    return sweep(parse(capture), known, page_of, Turn(PAGES_PER_RUN), capture.fetched_at)


def parse_page(capture: Capture) -> Advisory:
    """Read one country's page. Pure.

    Raises:
        SourceBroken: the page has no level or several, is one of the former site, or its place is not known.
    """
    return _page(capture, read_whole_html(capture))


@cache
def _odd_slugs() -> dict[str, tuple[str, ...]]:
    return {row["slug"]: codes_of(row) for row in rows(_SLUGS)}


def _listed(slug: str, name: str) -> Advisory:
    """Return an entry without a level. The address names the country; the link's words, where known, must agree."""
    title = slug.replace("-", " ").title()
    by_slug = _odd_slugs().get(slug) or resolve(title)
    by_name = resolve(name)
    return Advisory(
        source=CARD.id,
        native_id=slug,
        title=name or title,
        url=f"{CARD.url}{slug}/",
        language=CARD.language,
        countries=tuple(sorted(agree(title, by_slug, *(by_name if len(by_slug) == 1 else ())))),
        level_national=Grade.UNKNOWN,
    )


def _page(capture: Capture, soup: BeautifulSoup) -> Advisory:
    canonical, heading, blocks = soup.find("link", rel="canonical"), soup.find("h1"), soup.select(".accordion_travel")
    address = _LINK.match(str(canonical.get("href") or "")) if canonical else None
    if address is None or heading is None or len(blocks) != 1:
        raise wrong_shape(capture, t("travel advice with a known level"))
    block = blocks[0]
    title = block.select_one(".accordion__title")
    words = " ".join(title.get_text().split()) if title else ""
    level = _LEVELS.get(re.sub(r"[^a-z]+", "-", words.casefold()))
    marked = {_LEVELS[name] for name in block.get_attribute_list("class") if name in _LEVELS}
    rating = " ".join(block.get_text(" ").split())
    said = {_NUMBERS[match[1].lower()] for match in _RATING.finditer(rating)}
    if level is None or marked != {level} or not said <= {level}:
        raise wrong_shape(capture, t("travel advice with a known level"))
    try:
        listed = _listed(address[1], " ".join(heading.get_text().split()))
        when = _date(" ".join(soup.get_text(" ").split()))
    except Unreadable as error:
        raise wrong_shape(capture, t("a country's travel advice")) from error
    return replace(
        listed,
        title=f"{listed.title} - {words}",
        level_national=level,
        level_words=words,
        published_at=when,
        updated_at=when,
        detail_read=True,
    )


def _date(text: str) -> datetime:
    """Return the date of the advice: "Updated on", not the review stamp "Still current at"."""
    match = _UPDATED.search(text)
    try:
        return datetime.strptime(match[1] if match else "", "%d %B %Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=match[1] if match else "–")) from error
