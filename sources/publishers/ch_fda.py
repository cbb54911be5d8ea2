"""Swiss Federal Department of Foreign Affairs: the crisis portal, all countries on one page. Pure but for `read`.

Facts (one country page of the main site of July 2026; a program that reads the portal):
- The portal holds each country in `<div id="_ta_XX">`, XX its ISO code; the country pages of the main site have irregular
  addresses and cannot be listed.
- There are no numbers. The first sentence of "Grundsätzliche Einschätzung", for some countries of "Aktuelles", is the judgement
  on the country, in one of four set phrases; the same phrases elsewhere are about parts of it. Without one, the level is unknown.
- Generic landing pages answer 200: without that heading nothing is read.
- Plain programs are refused (403): off by default, lowest priority.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bs4 import BeautifulSoup, Tag

from core.i18n import t
from core.places.finder import find, resolve
from core.places.names import codes, display
from sources.entries import Unreadable, agree, sort_out
from sources.formats import read_whole_html, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Level, Reading, Shape

CARD = Card(
    id="ch-fda",
    publisher="Swiss Federal Department of Foreign Affairs",
    publisher_zh="瑞士联邦外交部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.eda.admin.ch/crisis/de/reisehinweise",
    hosts=("www.eda.admin.ch",),
    language="de",
    rhythm="a few texts a week",
    entries=(150, 220),  # about 200 countries, as the program that reads the portal counts them
    known_levels=100,  # most state one of the four phrases first
    stale_after=None,  # the portal's dates have no known form
    terms="© Swiss Confederation; an older page asks others to link rather than copy: quote and link",
    enabled=False,
    unproven=True,  # the portal was never seen, one country page was
)
_BLOCK = re.compile(r"^_ta_([A-Z]{2})$")
_JUDGEMENT, _NEWS = "grundsätzliche einschätzung", "aktuelles"
_TITLE = re.compile(r"^Reisehinweise für (?:die |den |das )?(?P<name>.+)$")
_DATE = re.compile(r"Publiziert am:\s*(\d{2})\.(\d{2})\.(\d{4})")
_LIMITED = r"(?:nicht (?:unbedingt |zwingend )?(?:dringend|notwendig|erforderlich)\w*(?: notwendigen| erforderlichen)?|touristischen)"
_PHRASES: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(rf"\bvon {_LIMITED}(?:,? (?:und|oder|sowie|anderen)* ?{_LIMITED})* reisen\b[^.]*\babgeraten", re.IGNORECASE), 3),
    (re.compile(r"\b(?:von|vor) (?:allen |jeglichen )?reisen\b[^.]*\babgeraten", re.IGNORECASE), 4),
    (re.compile(r"\baufmerksamkeit zu schenken", re.IGNORECASE), 2),
    (re.compile(r"\bgrundsätzlich als sicher|\bgelten grundsätzlich als sicher", re.IGNORECASE), 1),
)  # fmt: skip
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")


def parse(capture: Capture) -> Reading:
    """Read the portal, or one country page of the main site. A country nobody knows is quarantined. Pure.

    Raises:
        SourceBroken: this is neither.
    """
    soup = read_whole_html(capture)
    blocks = [block for block in soup.find_all("div", id=_BLOCK) if isinstance(block, Tag)]
    if blocks:
        good, bad = sort_out(blocks, _of_block, lambda block: str(block.get("id")))
        return Reading(good, bad, complete=not bad)
    return Reading((_of_page(capture, soup),))


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _of_block(block: Tag) -> Advisory:
    match = _BLOCK.match(str(block.get("id")))
    code = match[1] if match else ""
    if code not in codes():
        raise Unreadable(t("unknown country code: {code}", code=code))
    heading = block.find(("h1", "h2", "h3"))
    name = _named(heading.get_text() if heading else "")
    countries = agree(name, resolve(name), code) if resolve(name) else (code,)
    return _advisory(block, countries, name or display(code, "en"), f"{CARD.url}#_ta_{code}")


def _of_page(capture: Capture, soup: BeautifulSoup) -> Advisory:
    heading = soup.find("h1")
    name = _named(heading.get_text() if heading else "")
    try:
        return _advisory(soup, agree(name, resolve(name)), name, capture.url)
    except Unreadable as error:
        raise wrong_shape(capture, t("a country's travel advice")) from error


def _named(heading: str) -> str:
    match = _TITLE.match(" ".join(heading.split()))
    return match["name"] if match else " ".join(heading.split())


def _advisory(part: Tag, countries: tuple[str, ...], name: str, url: str) -> Advisory:
    text, news = _below(part, _JUDGEMENT), _below(part, _NEWS)
    if not text:
        raise Unreadable(t("no judgement on the country"))
    first, *others = _sentences(text)
    if _level(first) is Grade.UNKNOWN and news and not set(find(_sentences(news)[0]).countries) - set(countries):
        first = _sentences(news)[0]
    parts = [level for level in map(_level, others) if isinstance(level, int)]
    stamp = _DATE.search(" ".join(part.get_text(" ").split()))
    try:
        when = datetime(int(stamp[3]), int(stamp[2]), int(stamp[1]), tzinfo=UTC) if stamp else None
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=stamp[0] if stamp else "")) from error
    return Advisory(
        source=CARD.id,
        native_id=countries[0],
        title=f"Reisehinweise für {name}",
        url=url,
        language=CARD.language,
        summary=text,
        countries=tuple(sorted(countries)),
        level_national=_level(first),
        level_regional_max=max(parts, default=Grade.UNSTATED),
        level_words=first,
        published_at=when,
        updated_at=when,
    )


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]


def _below(part: Tag, title: str) -> str:
    """Return the text below a heading, up to the next heading; "" without such a heading."""
    headings = ("h1", "h2", "h3", "h4")
    start = next((h for h in part.find_all(headings) if " ".join(h.get_text().split()).casefold() == title), None)
    found: list[str] = []
    for element in start.find_all_next((*headings, "p", "li")) if start else ():
        if element.name in headings or part not in element.parents:
            break
        found.append(" ".join(element.get_text(" ").split()))
    return "\n".join(line for line in found if line)


def _level(sentence: str) -> Level:
    return next((level for pattern, level in _PHRASES if pattern.search(sentence)), Grade.UNKNOWN)
