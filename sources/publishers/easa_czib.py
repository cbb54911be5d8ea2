"""European Union Aviation Safety Agency: Conflict Zone Information Bulletins, from the list's JSON export. Pure.

Facts (a public program's copies of July and August 2026, none of EASA's own bytes; knowledge: hazards-and-cap, section 1.9):
- The export has a node id and no bulletin number: the node id is the key; a revision keeps the node.
- Bulletins are issued again every few months with nothing but a later end: that is no news.
- The field for countries may be empty ("Iran and neighbouring airspace"); then the name of the bulletin is read.
- Dates: the issue as ISO 8601 or day/month/year, the end as day/month/year (Cologne; the whole day holds).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field

from core.i18n import t
from core.places.finder import find, resolve
from sources.entries import Unreadable, sort_out
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape
from sources.reading.text import to_text

CARD = Card(
    id="easa-czib",
    publisher="European Union Aviation Safety Agency",
    publisher_zh="欧盟航空安全局",
    authority=Authority.HAZARD,
    shape=Shape.STATE,
    url="https://www.easa.europa.eu/en/domains/air-operations/czibs/export-json?page&_format=json",
    hosts=("www.easa.europa.eu",),
    language="en",
    rhythm="a few bulletins a month in a crisis, else every few months",
    entries=(5, 60),  # 15 active bulletins in July 2026, 33 with the withdrawn ones
    stale_after=timedelta(days=200),  # believed: bulletins hold for half a year at most
    change_limit=10,
    terms="EASA legal notice: reproduction with acknowledgement of the source (believed)",
    enabled=False,
    unproven=True,
)
LIST_URL = "https://www.easa.europa.eu/en/domains/air-operations/czibs"
_TIERS = {"active": 2, "withdrawn": 1}


class _Bulletin(BaseModel):
    nid: str = Field(alias="Nid", pattern=r"^\d+$")
    name: str = Field(min_length=1)
    status: str
    country: str | None = ""
    issued: str = Field(alias="issued_date")
    until: str | None = Field("", alias="valid_until_date")


def parse(capture: Capture) -> Reading:
    """Read all bulletins. One with an unknown status, or with a date that is none, is quarantined. Pure.

    Raises:
        SourceBroken: this is no such export.
    """
    items = read_json(capture).get("conflict_zones")
    if not isinstance(items, list):
        raise wrong_shape(capture, t("a JSON list with entries"))
    good, bad = sort_out(items, _advisory, lambda raw: str(raw.get("name", "") if isinstance(raw, dict) else raw)[:80])
    return Reading(good, bad, complete=not bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(raw: object) -> Advisory:
    bulletin = _Bulletin.model_validate(raw)
    status = bulletin.status.strip().casefold()
    if status not in _TIERS:
        raise Unreadable(t("unknown level: {words}", words=bulletin.status))
    name, issued = " ".join(to_text(bulletin.name).split()), _moment(bulletin.issued)
    countries, unresolved = _places(name, to_text(bulletin.country or ""))
    until = (bulletin.until or "").strip()
    return Advisory(
        source=CARD.id,
        native_id=bulletin.nid,
        title=name,
        summary=bulletin.status.strip(),
        url=LIST_URL,
        language=CARD.language,
        countries=countries,
        level_words=bulletin.status.strip(),
        hazards=(Hazard.AVIATION, Hazard.CONFLICT),
        acute=False,
        published_at=issued,
        updated_at=issued,
        expires_at=_moment(until) + timedelta(days=1) - timedelta(seconds=1) if until else None,
        unresolved=unresolved,
        tier=_TIERS[status],
    )


def _places(name: str, field: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries of the field, and what of it is no known place; of the name if the field is empty."""
    countries: set[str] = set()
    unresolved: list[str] = []
    for one in (part.strip() for part in field.split(",")):
        found = resolve(one) if one else ()
        countries.update(found)
        if one and not found:
            unresolved.append(one)
    if not countries and not unresolved:
        found_in_name = find(name)
        countries.update(found_in_name.countries)
        # "Iran and neighbouring airspace" is about more than Iran: an officer sees the words.
        unresolved = [*found_in_name.unresolved, *([name] if "neighbour" in name.casefold() or not countries else [])]
    return tuple(sorted(countries)), tuple(dict.fromkeys(unresolved))


def _moment(text: str) -> datetime:
    """Read a day as `31/08/2026`, or a moment as ISO 8601 with or without a colon in its zone."""
    bare = text.strip()
    for known, form in ((f"{bare} +0000", "%d/%m/%Y %z"), (bare, "%Y-%m-%dT%H:%M:%S%z")):
        try:
            return datetime.strptime(known, form).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    raise Unreadable(t("unreadable date: {value}", value=text))
