"""China's embassies and consulates: the notice lists of the sites in `data/cn_embassies.csv`. Pure but for `read`.

Facts (no page was ever captured; knowledge: sources-asia, section 2):
- All moved to <letters>.china-embassy.gov.cn and <city>.china-consulate.gov.cn in 2022. No common section and no common
  template: each site has its own row with selectors, and fails alone.
- Items end in YYYYMM/tYYYYMMDD_number.htm (or .html, .shtml).
- Most items are passport hours and lectures: only titles with a word of warning are read.
- The site gives the country that speaks: it settles 在加 and 领区, and is meant where a title names no place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from core.i18n import t
from core.places.tables import rows
from sources.entries import sort_out
from sources.formats import wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Known, Reading, Shape
from sources.notices import WARNS, lines_of, notice, once, with_pages, with_text
from sources.sites import read_sites


@dataclass(frozen=True)
class Site:
    """One post's list: where it is, in which country (ISO code), and the CSS selectors of its links and texts."""

    post: str
    country: str
    url: str
    links: str
    body: str

    @property
    def host(self) -> str:
        """Return the name of the site."""
        return urlsplit(self.url).hostname or ""


@cache
def sites() -> tuple[Site, ...]:
    """Return the sites that are read, in the order of the table."""
    return tuple(Site(**row) for row in rows(Path(__file__).parent / "data" / "cn_embassies.csv"))


CARD = Card(
    id="cn-embassy",
    publisher="Embassies and consulates of China",
    publisher_zh="中国驻外使领馆",
    authority=Authority.HOME,
    shape=Shape.STREAM,
    url=sites()[0].url,
    hosts=tuple(dict.fromkeys(site.host for site in sites())),
    language="zh",
    rhythm="a few notices a week at each post",
    entries=(3, 400),  # believed: 15 to 30 lines a list, about half of them warnings; one readable site is enough
    known_levels=1,  # nearly every title that warns is a reminder, which is level 2
    stale_after=timedelta(days=90),  # believed: of several posts, one reminds of something in a season
    change_limit=10,  # believed: a site that is seen for the first time brings more, and is held
    terms="Government notices: quote with link",
    unproven=True,
)
DETAILS_PER_RUN = 12
_ITEM = re.compile(r"(?:^|/)\d{6}/t\d{8}_\d+\.s?html?$")


def parse(capture: Capture) -> Reading:
    """Read one site's list; a title without a word of warning is no notice. A line without a date is quarantined. Pure.

    Raises:
        SourceBroken: no known site, no list, or one that was cut off.
    """
    site = _site_of(capture.url)
    if site is None:
        raise wrong_shape(capture, t("a site of the table"))
    lines = [line for line in lines_of(capture, site.links, _ITEM) if WARNS.search(line.title)]
    good, bad = sort_out(
        lines, lambda line: notice(CARD.id, line, capture.url, host=site.country), lambda line: line.title or line.href
    )
    return Reading(once(good), bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch each site's list, then the pages of new notices. A site or page that cannot be had is a note.

    Raises:
        SourceBroken: no site could be read.
    """
    readings, notes = read_sites(get, (site.url for site in sites()), parse)
    listed = once(one for reading in readings for one in reading.advisories)
    advisories, missing = with_pages(get, listed, known, DETAILS_PER_RUN, _fuller)
    quarantined = tuple(bad for reading in readings for bad in reading.quarantined)
    return Reading(advisories, quarantined, notes + missing)


def _fuller(capture: Capture, advisory: Advisory) -> Advisory:
    site = _site_of(capture.url)
    if site is None:
        raise wrong_shape(capture, t("a site of the table"))
    return with_text(capture, advisory, site.body)


def _site_of(url: str) -> Site | None:
    host = urlsplit(url).hostname
    return next((site for site in sites() if site.host == host), None)
