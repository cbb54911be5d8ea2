"""China's Ministry of Commerce (走出去公共服务平台, 特别提醒): reminders for companies abroad. Pure but for `read`.

Facts (items of 2020 and 2025 were seen, the list never; knowledge: sources-asia, section 3):
- It re-posts the foreign ministry's reminders, with their validity (有效期), under its own day and address.
- Items end in YYYYMM/YYYYMMDDnnn….shtml below the list.
- A copy whose day and title are the original's has the original's key (`sources.notices`), so that the two can be joined.
"""

from __future__ import annotations

import re
from datetime import timedelta

from sources.entries import sort_out
from sources.model import Advisory, Authority, Capture, Card, Get, Known, Reading, Shape
from sources.notices import lines_of, notice, once, with_pages, with_text

CARD = Card(
    id="cn-mofcom",
    publisher="Ministry of Commerce of China",
    publisher_zh="中国商务部",
    authority=Authority.HOME,
    shape=Shape.STREAM,
    url="https://fec.mofcom.gov.cn/article/jwaq/tbtx/",
    hosts=("fec.mofcom.gov.cn",),
    language="zh",
    rhythm="a few reminders a month",
    entries=(5, 120),  # believed: 15 to 20 lines a page on the ministry's sites
    known_levels=3,  # believed: nearly every title is a reminder, which is level 2 at least
    stale_after=timedelta(days=180),  # believed: the original's longest silence is 59 days, copies come late
    terms="Original items may be reprinted with the source named (footer of the site)",
    unproven=True,
)
DETAILS_PER_RUN = 10
_ITEM = re.compile(r"(?:^|/)\d{6}/\d{8}\d+\.s?html?$")
_LINKS = "li a, td a, dd a"
_BODY = "#zoom, div.article_con, div.art-con, div.content, div.TRS_Editor"


def parse(capture: Capture) -> Reading:
    """Read the first page of the list. A line without a readable date is quarantined. Pure.

    Raises:
        SourceBroken: no list, or one that was cut off.
    """
    lines = lines_of(capture, _LINKS, _ITEM)
    good, bad = sort_out(lines, lambda line: notice(CARD.id, line, capture.url), lambda line: line.title or line.href)
    return Reading(once(good), bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the list, then the pages of new reminders. A page that cannot be had is a note."""
    listed = parse(get(CARD.url))
    advisories, notes = with_pages(get, listed.advisories, known, DETAILS_PER_RUN, _fuller)
    return Reading(advisories, listed.quarantined, notes)


def _fuller(capture: Capture, advisory: Advisory) -> Advisory:
    return with_text(capture, advisory, _BODY)
