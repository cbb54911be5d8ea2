"""China's Ministry of Foreign Affairs (中国领事服务网, 安全提醒): the primary source. A list, and one page per notice.

Facts (captures of October 2026):
- The section moved three times, the last time in July 2026: every item was filed again under new addresses and
  numbers. The key is therefore date and title, never the address; the date in the address is not the issue date.
- Titles repeat word for word for new events, so the title alone is no key either.
- 15 items a page; the number of pages is only in the script that draws the pager. The order is not strictly by date.
- Countries and level are in the title. Neighbours appear in the body: no country is ever taken from there.
- A detail page has two `h1`; the first is the name of the site.
- The HTTP header names no charset.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from core.errors import SourceBroken
from core.i18n import Message, t
from sources.entries import sort_out
from sources.formats import has_end, is_closed, read_html, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Known, Reading, Shape, squeeze
from sources.notices import Line, notice, once
from sources.reading.expiry import BEIJING, contacts_of, expiry_of
from sources.reading.text import shown, to_text

CARD = Card(
    id="cn-mfa",
    publisher="Ministry of Foreign Affairs of China",
    publisher_zh="中国外交部",
    authority=Authority.HOME,
    shape=Shape.STREAM,
    url="https://cs.mfa.gov.cn/aqtx/",
    hosts=("cs.mfa.gov.cn",),
    language="zh",
    rhythm="two or three notices a month",
    entries=(8, 120),  # 15 a page, 5 pages; a shorter first page means another layout
    known_levels=5,  # nearly every title states one
    stale_after=timedelta(days=150),  # the longest silence in the list of 2026 was 59 days
    terms="© 外交部; government notices: quote with link",
)
MOST_PAGES = 5
DETAILS_PER_RUN = 20
_PAGES = re.compile(r"\bcountPage\s*=\s*(\d{1,3})\b")
_LIST = re.compile(rb"<ul\b[^>]*\bnews-list\b[^>]*>")
_BODY = re.compile(rb"<div\b[^>]*\barticle-content\b[^>]*>")
_PUBLISHED = re.compile(r"发布时间[:：]\s*(\d{4}-\d{2}-\d{2} \d{2}:\d{2})")


def parse(capture: Capture) -> Reading:
    """Read one page of the list. A line without title, date or link is quarantined. Pure.

    Raises:
        SourceBroken: no list, an empty one, or one that was cut off.
    """
    listed = read_html(capture).select_one("ul.news-list")
    lines = listed.find_all("li", recursive=False) if listed else []
    if not lines or not is_closed(capture, _LIST, "ul"):
        raise wrong_shape(capture, t("a whole list of notices"))
    good, bad = sort_out(
        (_item(line) for line in lines),
        lambda item: notice(CARD.id, item, capture.url),
        lambda item: item.title or item.href,
    )
    return Reading(once(good), bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the first page; further ones as long as everything on them is new; and the details of what is new.

    A page or detail that cannot be had is a note: what was read goes out without waiting for it.
    """
    first = get(CARD.url)
    reading = parse(first)
    if not has_end(first):  # the number of pages stands at the end
        raise wrong_shape(first, t("the end of an HTML page"))
    pages, notes = _further_pages(get, known, first, reading)
    advisories = once(one for page in (reading, *pages) for one in page.advisories)
    if not known.first_time:
        advisories, missing = _with_details(get, advisories, known)
        notes += missing
    quarantined = tuple(bad for page in (reading, *pages) for bad in page.quarantined)
    return Reading(advisories, quarantined, notes)


def parse_detail(capture: Capture, advisory: Advisory) -> tuple[Advisory, tuple[Message, ...]]:
    """Add what only the notice's own page says: exact time, text, numbers to call, expiry. Pure.

    Returns:
        The fuller advisory, and a note if the page's title is another than the list's (the list's is kept).

    Raises:
        SourceBroken: this is no page of a notice, or one that was cut off: its end holds the numbers and the validity.
    """
    soup = read_html(capture)
    heading, body = soup.select_one("h1.article-title"), soup.select_one("div.article-content div.view_default")
    text = to_text(str(body)) if body else ""
    if heading is None or not text.strip() or not is_closed(capture, _BODY, "div"):
        raise wrong_shape(capture, t("the text of {title}", title=advisory.title))
    fuller = replace(
        advisory,
        summary=text,
        published_at=_exact_time(soup, advisory.published_at),
        expires_at=expiry_of(text),
        contacts=contacts_of(text),
        detail_read=True,
    )
    title = heading.get_text(" ", strip=True)
    if squeeze(title) == squeeze(advisory.title):
        return fuller, ()
    return fuller, (t("The page of {title} is headed {other}.", title=advisory.title, other=title),)


def _item(line: Tag) -> Line:
    link, date = line.find("a"), line.find("span")
    return Line(
        title=shown(link) if link else "",
        date=date.get_text(strip=True) if date else "",
        href=str(link.get("href") or "") if link else "",
    )


def _all_new(reading: Reading, known: Known) -> bool:
    return all(one.native_id not in known.marks for one in reading.advisories)


def _further_pages(
    get: Get, known: Known, first: Capture, reading: Reading
) -> tuple[list[Reading], tuple[Message, ...]]:
    """Read on while all that was read is new: notices of a long outage may have slipped to the next page."""
    counted = _PAGES.search(first.body.decode("utf-8", "replace"))
    pages: list[Reading] = []
    for number in range(1, min(int(counted[1]) if counted else 1, MOST_PAGES)):
        if not _all_new(pages[-1] if pages else reading, known):
            break
        url = urljoin(first.url, f"index_{number}.html")
        try:
            pages.append(parse(get(url)))
        except SourceBroken as error:
            return pages, (t("Older notices may be missing: {reason}", reason=error.message),)
    return pages, ()


def _with_details(
    get: Get, advisories: tuple[Advisory, ...], known: Known
) -> tuple[tuple[Advisory, ...], tuple[Message, ...]]:
    """Read the pages of new notices. One that cannot be had leaves its notice as the list has it."""
    fuller: dict[str, Advisory] = {}
    notes: list[Message] = []
    new = [one for one in advisories if one.native_id not in known.marks]
    for one in new[:DETAILS_PER_RUN]:
        try:
            fuller[one.native_id], said = parse_detail(get(one.url), one)
            notes += said
        except SourceBroken as error:
            notes.append(t("Read from the list alone: {title} ({reason})", title=one.title, reason=error.message))
    if new[DETAILS_PER_RUN:]:
        names = ", ".join(one.title for one in new[DETAILS_PER_RUN:])
        notes.append(t("More is new than we ask for in one run; read from the list alone: {names}", names=names))
    return tuple(fuller.get(one.native_id, one) for one in advisories), tuple(notes)


def _exact_time(soup: BeautifulSoup, listed: datetime | None) -> datetime | None:
    """Return the page's time if it is on the list's day: a page filed again carries the time of the filing."""
    meta = soup.select_one("div.article-meta")
    found = _PUBLISHED.search(meta.get_text(" ")) if meta else None
    if not found or listed is None:
        return listed
    try:
        exact = datetime.strptime(found[1], "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
    except ValueError:
        return listed
    return exact.astimezone(UTC) if exact.date() == listed.astimezone(BEIJING).date() else listed
