"""Smithsonian Global Volcanism Program: the Weekly Volcanic Activity Report as RSS. Pure. Background, not an alarm.

Facts (capture of September 2026; knowledge: hazards-and-cap, section 1.8):
- The guid ends with the volcano's number (`#vn_332010`) and is the same every week: the number is the key.
- Title: "<Volcano> (<Country>) - Report for <dates> - New|Continuing Eruptive Activity".
- The file says ISO-8859-1; letters beyond ASCII are already lost in it ("Kilauea?s").
- Local alert levels are prose on scales of their own, and are not read. GDACS warns of eruptions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.i18n import t
from core.places.finder import resolve
from sources.entries import Unreadable, moment_of, sort_out, web_address
from sources.events import Event, EventKind
from sources.formats import read_feed
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape
from sources.reading.text import to_text

CARD = Card(
    id="gvp",
    publisher="Smithsonian Global Volcanism Program",
    publisher_zh="史密森学会全球火山活动计划",
    authority=Authority.HAZARD,
    shape=Shape.STREAM,
    url="https://volcano.si.edu/news/WeeklyVolcanoRSS.xml",
    hosts=("volcano.si.edu",),
    language="en",
    rhythm="weekly, on Thursdays",
    entries=(2, 80),  # 2 in a shortened capture; about 20 to 25 volcanoes a week are believed
    stale_after=timedelta(days=21),  # two missed weeks
    change_limit=15,
    terms="Smithsonian terms of use; title and link are quoted",
)
_NUMBER = re.compile(r"#vn_(\d+)$")
_TITLE = re.compile(
    r"^(?P<volcano>.+?)\s*\((?P<country>[^()]+)\)\s*-\s*Report for\s.+?-\s*(?P<kind>New|Continuing)\b", re.DOTALL
)


def parse(capture: Capture) -> Reading:
    """Read all reports. One without the volcano's number, or with another form of title, is quarantined. Pure.

    Raises:
        SourceBroken: this is no feed.
    """
    feed = read_feed(capture)
    good, bad = sort_out(feed.entries, _advisory, lambda entry: str(entry.get("title", ""))[:80])
    return Reading(good, bad, built_at=moment_of(feed.feed.get("published_parsed"), None))


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(entry: Mapping[str, Any]) -> Advisory:
    title = " ".join(to_text(str(entry.get("title", ""))).split())
    number, said = _NUMBER.search(str(entry.get("id", ""))), _TITLE.match(title)
    if number is None or said is None:
        raise Unreadable(t("no volcano number, or another form of title: {title}", title=title))
    when = moment_of(entry.get("published_parsed"), entry.get("published"))
    countries = resolve(said["country"])
    is_new = said["kind"] == "New"
    return Advisory(
        source=CARD.id,
        native_id=number[1],
        title=title,
        summary=to_text(str(entry.get("summary", ""))),
        url=web_address(CARD.url, str(entry.get("id", ""))),
        language=CARD.language,
        countries=tuple(sorted(countries)),
        places=(said["volcano"],),
        level_words=f"{said['kind']} Eruptive Activity",
        hazards=(Hazard.NATURAL_DISASTER,),
        published_at=when,
        updated_at=when,
        unresolved=() if countries else (said["country"],),
        # A line in the brief for a new eruption, nothing more (knowledge: hazards-and-cap, section 5).
        tier=int(is_new),
        event=Event(EventKind.VOLCANO, when, ids=(f"vn:{number[1]}",)),
    )
