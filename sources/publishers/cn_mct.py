"""China's Ministry of Culture and Tourism (出行提示): travel hints, at home and abroad. Pure but for `read`.

Facts (only the address is known; knowledge: sources-asia, section 3):
- The list mixes hints for journeys at home (road weather, holidays) with reminders on countries abroad.
- A hint that names no place abroad and does not speak of going abroad is about journeys at home: it is kept as one about
  China without a level, which warns nobody and shows that the list is alive. Its page is not read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sources.entries import sort_out
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Reading, Shape
from sources.notices import Line, lines_of, notice, once, with_pages, with_text
from sources.reading.titles import read_title

CARD = Card(
    id="cn-mct",
    publisher="Ministry of Culture and Tourism of China",
    publisher_zh="中国文化和旅游部",
    authority=Authority.HOME,
    shape=Shape.STREAM,
    url="https://www.mct.gov.cn/ggfw/cxts/",
    hosts=("www.mct.gov.cn",),
    language="zh",
    rhythm="several hints a month, most of them about journeys at home",
    entries=(5, 120),  # believed: 15 to 20 lines a page on the ministries' sites
    stale_after=timedelta(days=60),  # believed: every holiday brings hints
    terms="Government notices: quote with link",
    unproven=True,
)
DETAILS_PER_RUN = 10
_HOME = ("CN",)
_ITEM = re.compile(r"(?:^|/)\d{6}/t\d{8}_\d+\.s?html?$")
_LINKS = "li a, td a, dd a"
_BODY = "div.TRS_Editor, div.trs_editor_view, div.TRS_UEDITOR, #zoom, div.gsj_htmlcon_bot"


def parse(capture: Capture) -> Reading:
    """Read the first page of the list. A line without a readable date is quarantined. Pure.

    Raises:
        SourceBroken: no list, or one that was cut off.
    """
    lines = lines_of(capture, _LINKS, _ITEM)
    good, bad = sort_out(lines, lambda line: _advisory(line, capture.url), lambda line: line.title or line.href)
    return Reading(once(good), bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the list, then the pages of new hints about places abroad. A page that cannot be had is a note."""
    listed = parse(get(CARD.url))
    abroad = tuple(one for one in listed.advisories if one.countries != _HOME)
    fuller, notes = with_pages(get, abroad, known, DETAILS_PER_RUN, _fuller)
    by_key = {one.native_id: one for one in fuller}
    return Reading(tuple(by_key.get(one.native_id, one) for one in listed.advisories), listed.quarantined, notes)


def _advisory(line: Line, page: str) -> Advisory:
    found = notice(CARD.id, line, page)
    if _is_abroad(line):
        return found
    none = Grade.UNSTATED
    return replace(
        found, countries=_HOME, unresolved=(), level_national=none, level_regional_max=none, level_words="", acute=False
    )


def _is_abroad(line: Line) -> bool:
    found = read_title(line.title)
    return bool(set(found.countries) - {*_HOME} or found.worldwide or found.ambiguous or found.unresolved)


def _fuller(capture: Capture, advisory: Advisory) -> Advisory:
    return with_text(capture, advisory, _BODY)
