"""World Health Organization: Disease Outbreak News, from its OData interface. Pure.

Facts (no raw answer was ever captured; knowledge: hazards-and-cap, section 1.3):
- The RSS is dead. Without `$orderby` the interface answers with items of 2006.
- `DonId` is the key; old items have none, then `Id`. Two items may share an address, and one may change it.
- A further report on the same outbreak is a new item with the same title: only the first within 60 days is worth a draft.
- The place is in the title only, and diseases are named after places ("Sudan virus disease – Uganda").
- There is no level. "Very high" for the country in the assessment makes a later report worth a draft too.
- The oldest 60 days of the list only tell first reports from later ones: what came before them is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pydantic import BaseModel, Field

from core.i18n import t
from sources.entries import Unreadable, sort_out, web_address
from sources.events import Event, EventKind, disease_name
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape
from sources.reading.diseases import Outbreak, read_outbreak
from sources.reading.text import to_text

_FIELDS = "Id,DonId,Title,PublicationDate,ItemDefaultUrl,Summary,Assessment"
CARD = Card(
    id="who-don",
    publisher="World Health Organization",
    publisher_zh="世界卫生组织",
    authority=Authority.HAZARD,
    shape=Shape.STREAM,
    url="https://www.who.int/api/news/diseaseoutbreaknews?"
    + quote(f"$orderby=PublicationDate desc&$top=60&$select={_FIELDS}", safe="$&=,"),
    hosts=("www.who.int",),
    language="en",
    rhythm="about one item a week",
    entries=(5, 60),  # about 45 items in 2024: 60 items are more than a year, of which the last 60 days are left out
    stale_after=timedelta(days=75),  # believed: the longest pause between items is about a month
    change_limit=10,
    terms="CC BY-NC-SA 3.0 IGO (believed): title and link are quoted",
    unproven=True,
)
ITEM_URL = "https://www.who.int/emergencies/disease-outbreak-news/item"
SAME_OUTBREAK = timedelta(days=60)
"""Two items on the same disease and a country in common within this time are one outbreak (knowledge: section 4)."""
_VERY_HIGH = re.compile(
    r"\bnational(?:ly| level| risk)?\b[^.]{0,80}\bvery high\b|\bvery high\b[^.]{0,40}\bnational", re.IGNORECASE
)


class _Item(BaseModel):
    key: str = Field(alias="Id", min_length=1)
    number: str | None = Field(None, alias="DonId")
    title: str = Field(alias="Title", min_length=1)
    published: datetime = Field(alias="PublicationDate")
    address: str | None = Field("", alias="ItemDefaultUrl")
    summary: str | None = Field("", alias="Summary")
    assessment: str | None = Field("", alias="Assessment")


@dataclass(frozen=True)
class _Report:
    """One item as read, the outbreak its title names, and the assessment as text."""

    advisory: Advisory
    outbreak: Outbreak
    published: datetime
    assessment: str


def parse(capture: Capture) -> Reading:
    """Read all items but those of the oldest 60 days. One without a title, a key or a date is quarantined. Pure.

    Raises:
        SourceBroken: this is no answer of the interface.
    """
    items = read_json(capture).get("value")
    if not isinstance(items, list):
        raise wrong_shape(capture, t("a JSON list with entries"))
    reports: list[_Report] = []

    def keep(raw: object) -> Advisory:
        """Read one report, and keep it beside the others."""
        reports.append(_report(raw))
        return reports[-1].advisory

    _, bad = sort_out(items, keep, lambda raw: str(raw.get("Title", "")) if isinstance(raw, dict) else str(raw)[:80])
    oldest = min((one.published for one in reports), default=capture.fetched_at)
    kept = (one for one in reports if one.published >= oldest + SAME_OUTBREAK)
    return Reading(tuple(_graded(one, reports) for one in kept), bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _report(raw: object) -> _Report:
    item = _Item.model_validate(raw)
    title = " ".join(to_text(item.title).split())
    if not title:
        raise Unreadable(t("a line without title or link"))
    # The interface writes UTC, mostly with a Z.
    published = (item.published if item.published.tzinfo else item.published.replace(tzinfo=UTC)).astimezone(UTC)
    outbreak = read_outbreak(title)
    advisory = Advisory(
        source=CARD.id,
        native_id=item.number or item.key,
        title=title,
        summary=to_text(item.summary or ""),
        url=web_address(CARD.url, ITEM_URL + "/" + (item.address or item.number or "").strip().lstrip("/")),
        language=CARD.language,
        countries=outbreak.countries,
        worldwide=outbreak.worldwide,
        hazards=(Hazard.EPIDEMIC,),
        published_at=published,
        updated_at=published,
        unresolved=outbreak.unresolved,
        ambiguous=outbreak.ambiguous,
        event=Event(EventKind.EPIDEMIC, published, name=disease_name(outbreak.disease)),
    )
    return _Report(advisory, outbreak, published, to_text(item.assessment or ""))


def _graded(report: _Report, reports: Sequence[_Report]) -> Advisory:
    """Return the advisory with its tier: 2 for a first report, 1 for a later one, 0 for what is about the whole world."""
    if report.outbreak.worldwide:
        tier = 0
    elif _VERY_HIGH.search(report.assessment) or not any(_precedes(one, report) for one in reports):
        tier = 2
    else:
        tier = 1
    return replace(report.advisory, tier=tier, acute=tier >= 2)


def _precedes(one: _Report, other: _Report) -> bool:
    """Say whether `one` is an earlier report on the outbreak of `other`."""
    in_time = other.published - SAME_OUTBREAK <= one.published < other.published
    ours, theirs = set(one.outbreak.countries), set(other.outbreak.countries)
    # Reports that name no country, only a region, are told apart by their whole titles.
    common = bool(ours & theirs) or not (ours or theirs)
    return in_time and one.outbreak.disease == other.outbreak.disease and common
