"""China's embassies and consulates: the notice lists of the sites in `data/cn_embassies.csv` and in the settings. Pure but
for `read`.

Facts (no page was ever captured; knowledge: sources-asia, section 2):
- All moved to <letters>.china-embassy.gov.cn and <city>.china-consulate.gov.cn in 2022. No common section and no common
  template: each site has its own row with selectors, and fails alone.
- Items end in YYYYMM/tYYYYMMDD_number.htm (or .html, .shtml).
- Most items are passport hours and lectures: only titles with a word of warning are read.
- The site gives the country that speaks: it settles 在加 and 领区, and is meant where a title names no place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import WrongSetting
from core.i18n import t
from core.places.tables import rows
from core.settings_tables import PostSite
from sources.entries import sort_out
from sources.formats import wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Known, Reading, Shape
from sources.notices import lines_of, notice, once, warns, with_pages, with_text
from sources.sites import check_post, check_posts, read_sites

_ID = "cn-embassy"
DETAILS_PER_RUN = 12
LINKS, BODY = "li a", "div.trs_editor_view, div.TRS_UEDITOR, #News_Body_Txt_A"
"""What most of these sites use: for a post in the settings that says nothing else."""
_ITEM = re.compile(r"(?:^|/)\d{6}/t\d{8}_\d+\.s?html?$")


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
    """Return the sites that are read unless the settings say otherwise, in the order of the table."""
    return tuple(Site(**row) for row in rows(Path(__file__).parent / "data" / "cn_embassies.csv"))


class Posts:
    """The publisher: the posts of a list of sites, of which at least one."""

    def __init__(self, sites: Sequence[Site]) -> None:
        """Take the sites in the order in which they are asked."""
        self.sites = tuple(sites)
        self.CARD = _card(self.sites)

    def parse(self, capture: Capture) -> Reading:
        """Read one site's list; a title that warns of nothing is no notice. A line without a date is quarantined. Pure.

        Raises:
            SourceBroken: no known site, no list, or one that was cut off.
        """
        site = self._site_of(capture)
        lines = [line for line in lines_of(capture, site.links, _ITEM) if warns(line.title)]
        good, bad = sort_out(
            lines, lambda line: notice(_ID, line, capture.url, host=site.country), lambda line: line.title or line.href
        )
        return Reading(once(good), bad)

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch each site's list, then the pages of new notices. A site that cannot be had is named, a page is a note.

        Raises:
            SourceBroken: no site could be read.
        """
        listed = read_sites(get, known, (site.url for site in self.sites), self.parse)
        # What a post says that is read for the first time is news to nobody: its pages are not asked for.
        old = dict.fromkeys(listed.first_sights, "") | dict(known.marks)
        advisories, missing = with_pages(
            get, listed.advisories, replace(known, marks=old), DETAILS_PER_RUN, self._fuller
        )
        return replace(listed, advisories=advisories, notes=listed.notes + missing)

    def _fuller(self, capture: Capture, advisory: Advisory) -> Advisory:
        return with_text(capture, advisory, self._site_of(capture).body)

    def _site_of(self, capture: Capture) -> Site:
        host = urlsplit(capture.url).hostname
        found = next((site for site in self.sites if site.host == host), None)
        if found is None:
            raise wrong_shape(capture, t("a site of the table"))
        return found


def with_posts(posts: Sequence[PostSite]) -> Posts:
    """Return the publisher with posts of the settings: added to ours, or in their place.

    Raises:
        WrongSetting: a country does not exist, two posts are on one host, a selector is none, or no post is left.
    """
    own = {site.post: site for site in sites()}
    for post in posts:
        own.pop(post.post, None)
        if post.read:
            check_post(post)
            if len(post.countries) > 1:
                raise WrongSetting(t("Post {name}: give one country, where the post sits.", name=post.post))
            own[post.post] = Site(post.post, post.countries[0], post.url, post.links or LINKS, post.body or BODY)
    check_posts(_ID, [site.host for site in own.values()])
    return Posts(tuple(own.values()))


def _card(sites: Sequence[Site]) -> Card:
    return Card(
        id=_ID,
        publisher="Embassies and consulates of China",
        publisher_zh="中国驻外使领馆",
        authority=Authority.HOME,
        shape=Shape.STREAM,
        url=sites[0].url,
        hosts=tuple(dict.fromkeys(site.host for site in sites)),
        language="zh",
        rhythm="a few notices a week at each post",
        entries=(3, 400),  # believed: 15 to 30 lines a list, about half of them warnings; one readable site is enough
        known_levels=1,  # nearly every title that warns is a reminder, which is level 2
        stale_after=timedelta(days=90),  # believed: of several posts, one reminds of something in a season
        change_limit=10,  # believed: a site that is seen for the first time brings more, and is held
        terms="Government notices: quote with link",
        unproven=True,
    )


_SHIPPED = Posts(sites())
CARD, parse, read = _SHIPPED.CARD, _SHIPPED.parse, _SHIPPED.read
