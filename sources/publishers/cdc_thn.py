"""US Centers for Disease Control: Travel Health Notices as RSS. Pure.

Facts (no feed was ever captured; consumers' samples of 2026; knowledge: hazards-and-cap, section 1.4):
- The folder of the address is the level (`notices/level2/chikungunya-suriname`): the key is the last part alone, so that a
  changed level is a rise or a fall of one notice and not a new one. guid and link move with the level.
- The title states the level too ("Level 2 - Chikungunya in Suriname"); if both disagree, neither is believed.
- The place is in the title only; notices about the whole world or a continent list their countries on the page alone.
- A notice that leaves the feed was lifted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from core.i18n import Message, t
from sources.entries import Unreadable, moment_of, sort_out, web_address
from sources.events import Event, EventKind, disease_name
from sources.formats import read_feed
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape
from sources.reading.diseases import read_outbreak
from sources.reading.text import to_text

CARD = Card(
    id="cdc-thn",
    publisher="US Centers for Disease Control and Prevention",
    publisher_zh="美国疾病控制与预防中心",
    authority=Authority.HAZARD,
    shape=Shape.STATE,
    url="https://wwwnc.cdc.gov/travel/rss/notices.xml",
    hosts=("wwwnc.cdc.gov",),
    language="en",
    rhythm="a few notices a month",
    entries=(5, 120),  # about 20 in February 2026; more than 100 countries had one of their own in 2020
    stale_after=timedelta(days=120),  # believed: notices are reviewed every few months; the list itself has no date
    change_limit=10,
    terms="Public domain (US government)",
    unproven=True,
)
_TITLE = re.compile(r"^Level\s+(?P<level>[1-4])\b\s*[-–—:]\s*(?P<what>.+)$", re.IGNORECASE | re.DOTALL)
_PATH = re.compile(r"/notices/level(?P<level>\d)/(?P<slug>[^/]+)/?$", re.IGNORECASE)


def parse(capture: Capture) -> Reading:
    """Read all notices. One whose level is not stated, or differently in title and address, is quarantined. Pure.

    Raises:
        SourceBroken: this is no feed.
    """
    feed = read_feed(capture)
    good, bad = sort_out(feed.entries, _advisory, lambda entry: str(entry.get("title", ""))[:80])
    kept, notes = _highest_of_each(good)
    return Reading(kept, bad, notes, complete=not bad, built_at=moment_of(feed.feed.get("published_parsed"), None))


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(entry: Mapping[str, Any]) -> Advisory:
    title = " ".join(to_text(str(entry.get("title", ""))).split())
    address = web_address(CARD.url, str(entry.get("link", "")))
    said, placed = _TITLE.match(title), _PATH.search(urlsplit(address).path)
    if said is None or placed is None:
        raise Unreadable(t("unknown level: {words}", words=title))
    if said["level"] != placed["level"]:
        words = f"{said['level']}, {placed['level']}"
        raise Unreadable(t("title and address state different levels: {words}", words=words))
    outbreak, level = read_outbreak(said["what"].strip()), int(said["level"])
    when = moment_of(entry.get("published_parsed"), entry.get("published"))
    tier = _tier(level, outbreak.worldwide)
    return Advisory(
        source=CARD.id,
        native_id=placed["slug"].casefold(),
        title=title,
        summary=to_text(str(entry.get("summary", ""))),
        url=address,
        language=CARD.language,
        countries=outbreak.countries,
        worldwide=outbreak.worldwide,
        level_words=f"Level {level}",
        hazards=(Hazard.EPIDEMIC,),
        acute=tier >= 2,
        published_at=when,
        updated_at=when,
        unresolved=outbreak.unresolved,
        ambiguous=outbreak.ambiguous,
        tier=tier,
        event=Event(EventKind.EPIDEMIC, when, name=disease_name(outbreak.disease)),
    )


def _tier(level: int, worldwide: bool) -> int:
    """Return the relevance tier (knowledge: hazards-and-cap, section 5): notices about the whole world are not sent out."""
    if worldwide:
        return 2 if level >= 3 else 0
    return min(level, 3)


def _highest_of_each(advisories: tuple[Advisory, ...]) -> tuple[tuple[Advisory, ...], tuple[Message, ...]]:
    """Return one notice for each key, the one of the higher level, and a note for each that was left out.

    While a level changes, one slug may stand in two folders (global polio did).
    """
    best: dict[str, Advisory] = {}
    for one in sorted(advisories, key=lambda one: one.level_words):
        best[one.native_id] = one
    kept = tuple(one for one in advisories if best[one.native_id] is one)
    left = (one for one in advisories if best[one.native_id] is not one)
    return kept, tuple(t("Listed twice; the lower level was left out: {title}", title=one.title) for one in left)
