"""French Ministry for Europe and Foreign Affairs (France Diplomatie): one security page per country. Pure but for `read`.

Facts (pages of July 2026 for one country; programs that read the site in 2026):
- The RSS is dead since the site moved to Drupal. The list is the picker of countries on the page "Information par pays":
  names, which are turned into addresses by the site's own rule (no accents, hyphens).
- Levels are zones of vigilance, one heading for each colour. There is no level of a country; only a zone that is said to cover
  the whole of it is one.
- Only the block between "Zones de vigilance" and the next heading of its rank is read: the prose below repeats the phrases
  (piracy at sea made the Seychelles red for two programs), and sentences inside it name neighbours.
- "Dernière actualisation" is the zones' date; the head of the page has another one.
- The pages are read in turn, at most `PAGES_PER_RUN` a run, those read longest ago first: a round takes about a week.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup, Tag

from core.i18n import t
from core.places.finder import find, resolve
from sources.entries import Unreadable, agree, sort_out
from sources.formats import read_whole_html, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Level, Reading, Shape
from sources.sweep import Turn, sweep

CARD = Card(
    id="fr-meae",
    publisher="French Ministry for Europe and Foreign Affairs",
    publisher_zh="法国欧洲和外交部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.diplomatie.gouv.fr/fr/information-par-pays",
    hosts=("www.diplomatie.gouv.fr",),
    language="fr",
    rhythm="a few pages a week; all are read once a week",
    entries=(150, 230),  # 182 to 197 countries in two counts of 2026
    known_levels=0,  # levels are on the pages, of which a run reads a few
    stale_after=None,  # the list has no dates
    terms="Licence ouverte 2.0 (Etalab), third-party items excluded",
    unproven=True,  # the picker was never seen, one security page was
)
PAGES_PER_RUN = 30
_PARIS = ZoneInfo("Europe/Paris")
_PAGE = "https://www.diplomatie.gouv.fr/fr/information-par-pays/{slug}/conseils-aux-voyageurs-securite"
_LINK = re.compile(r"^(?:https://www\.diplomatie\.gouv\.fr)?/fr/information-par-pays/([a-z0-9-]+)(?:/|$)")
_ZONES = re.compile(r"^\s*Zones de vigilance\s*$", re.IGNORECASE)
_UPDATED = re.compile(r"Derni[èe]re actualisation le\s+(\d{2})/(\d{2})/(\d{4})")
# On words without accents, in lower case; the first that fits counts.
_BANDS = (
    (re.compile(r"formellement deconseill|\b(?:zones?|en) rouges?\b"), 4, "zone rouge"),
    (
        re.compile(r"deconseill\w* sauf raisons? imperatives?|deconseille, sauf raison|\b(?:zones?|en) oranges?\b"),
        3,
        "zone orange",
    ),
    (re.compile(r"vigilance renforcee|\b(?:zones?|en) jaunes?\b"), 2, "zone jaune"),
    (re.compile(r"vigilance normale|\b(?:zones?|en) vertes?\b|\ben vert\b"), 1, "zone verte"),
)
_WHOLE = re.compile(
    r"(?:l.ensemble|la totalite|l.integralite) du (?:pays|territoire)|tout le pays|^le territoire \w+ est|^ce pays est|^le pays est"
)
_ASIDE = re.compile(r"\([^)]*\)|\ba l.exception d[^,]*,|\bhormis [^,]*,|\bsauf dans [^,]*,")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class _Line:
    """A sentence of the block of zones, and the level of the heading it stands under (0 without one)."""

    text: str
    under: int = 0
    heading: bool = False


def parse(capture: Capture) -> Reading:
    """Read the picker of countries, or one country's security page. A name nobody knows is quarantined. Pure.

    Raises:
        SourceBroken: this is neither.
    """
    soup = read_whole_html(capture)
    if _zones(soup) is not None:
        return Reading((_page(capture, soup),))
    named = {_slug(name): name for name in _picked(soup)}
    if not named:
        raise wrong_shape(capture, t("a list of countries"))
    good, bad = sort_out(sorted(named.items()), lambda item: _listed(*item), lambda item: item[1])
    return Reading(good, bad, complete=not bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the picker and the pages whose turn it is; a page that cannot be had is a note."""
    capture = get(CARD.url)

    def page_of(one: Advisory) -> Advisory:
        """Read the page of one entry."""
        found = parse_page(get(one.url))
        if not set(found.countries) & set(one.countries):
            raise wrong_shape(capture, t("the text of {title}", title=one.title))
        return replace(found, native_id=one.native_id, url=one.url, countries=one.countries)

    return sweep(parse(capture), known, page_of, Turn(PAGES_PER_RUN), capture.fetched_at)


def parse_page(capture: Capture) -> Advisory:
    """Read one country's security page. Pure.

    Raises:
        SourceBroken: the page has no block of zones, or its place or date is not known.
    """
    return _page(capture, read_whole_html(capture))


def _picked(soup: BeautifulSoup) -> Iterator[str]:
    """Yield the names in the picker, and those of links to countries."""
    for option in soup.select("select option"):
        value, name = str(option.get("value") or ""), " ".join(option.get_text().split())
        if value.isdigit() and name:
            yield name
    for link in soup.find_all("a", href=_LINK):
        name = " ".join(link.get_text().split())
        if name and _slug(name) == _LINK.match(str(link["href"]))[1]:  # type: ignore[index]
            yield name


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _bare(name)).strip("-")


def _bare(text: str) -> str:
    """Return the words in lower case without accents."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def _listed(slug: str, name: str) -> Advisory:
    return Advisory(
        source=CARD.id,
        native_id=slug,
        title=name,
        url=_PAGE.format(slug=slug),
        language=CARD.language,
        countries=tuple(sorted(agree(name, resolve(name)))),
        level_national=Grade.UNKNOWN,
    )


def _zones(soup: BeautifulSoup) -> Tag | None:
    return next((head for head in soup.find_all("h3") if _ZONES.match(head.get_text())), None)


def _page(capture: Capture, soup: BeautifulSoup) -> Advisory:
    start, heading = _zones(soup), soup.find("h1")
    if start is None or heading is None:
        raise wrong_shape(capture, t("a block of zones"))
    name = " ".join(heading.get_text().split())
    lines, caption = list(_lines(start)), " ".join(_texts(start, "figcaption"))
    if not lines:
        raise wrong_shape(capture, t("a block of zones"))
    try:
        listed, when = _listed(_slug(name), name), _date(caption)
    except Unreadable as error:
        raise wrong_shape(capture, t("a country's travel advice")) from error
    national, regional = _levels(lines, listed.countries)
    return replace(
        listed,
        title=f"{name} - Sécurité",
        summary="\n".join(line.text for line in lines),
        level_national=national,
        level_regional_max=regional,
        level_words=" · ".join(dict.fromkeys(line.text for line in lines if line.heading or _is_whole(line))),
        published_at=when,
        updated_at=when,
        detail_read=True,
    )


def _block(start: Tag, names: tuple[str, ...]) -> Iterator[Tag]:
    """Yield the elements of the block: after its heading, before the next one of its rank or above."""
    for element in start.find_all_next(("h1", "h2", "h3", *names)):
        if isinstance(element, Tag):
            if element.name in ("h1", "h2", "h3"):
                return
            yield element


def _texts(start: Tag, name: str) -> list[str]:
    return [" ".join(element.get_text(" ").split()) for element in _block(start, (name,))]


def _lines(start: Tag) -> Iterator[_Line]:
    """Yield headings of zones and the sentences under them, or before any heading; other headings end the zone above."""
    under, inside = 0, True
    for element in _block(start, ("h4", "h5", "p", "li", "span")):
        text = " ".join(element.get_text(" ").split())
        if element.name in ("h4", "h5"):
            under = _band(text)
            inside = under > 0
            if inside:
                yield _Line(text, under, heading=True)
        elif inside and not _is_doubled(element):
            yield from (_Line(sentence, under) for sentence in _SENTENCE.split(text) if sentence)


def _is_doubled(element: Tag) -> bool:
    """Tell whether the parts of an element, or the element it is a part of, come on their own."""
    if element.name == "span":
        return element.find_parent(("p", "li", "h4", "h5")) is not None
    return element.find(("p", "li")) is not None


def _band(text: str) -> int:
    """Return the level of the first zone named in a text, asides left out; 0 without one."""
    bare = _ASIDE.sub(" ", _bare(text))
    return next((level for pattern, level, _ in _BANDS if pattern.search(bare)), 0)


def _is_whole(line: _Line) -> bool:
    """Tell whether a sentence puts the whole country into a zone: it names the zone, or stands first under its heading."""
    said = _WHOLE.search(_ASIDE.sub(" ", _bare(line.text)).strip())
    return said is not None and not line.heading and (_band(line.text) > 0 or (line.under > 0 and said.start() == 0))


def _levels(lines: list[_Line], countries: tuple[str, ...]) -> tuple[Level, Level]:
    """Return the level of a zone that covers the whole country, and the highest zone of all.

    A sentence that names another country ("… l'ensemble du territoire de la Russie", on the page of Georgia) is not about this
    one; the zone it stands under is.
    """
    own = [line for line in lines if line.heading or not set(find(line.text).countries) - set(countries)]
    whole = [_band(line.text) or line.under for line in own if _is_whole(line)]
    zones = [line.under for line in lines if line.heading] + [_band(line.text) for line in own]
    national: Level = max(whole, default=Grade.UNSTATED)
    regional: Level = max((level for level in zones if level), default=Grade.UNSTATED)
    return national, regional


def _date(caption: str) -> datetime:
    match = _UPDATED.search(caption)
    try:
        day, month, year = (int(part) for part in match.groups()) if match else (0, 0, 0)
        return datetime(year, month, day, tzinfo=_PARIS).astimezone(UTC)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=caption or "–")) from error
