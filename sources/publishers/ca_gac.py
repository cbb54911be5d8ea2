"""Global Affairs Canada: the JSON index of all travel advisories. Pure but for `read`.

Facts (captures of 2014 and 2026; one static file of about 200 kB):
- `advisory-state` counts from 0. Several programs read it as 1 to 4 and are one level too low.
- Dates move by the hundred for a paragraph on consular help: `date-published` and the `recent-updates` sentence are a
  touch. The sentence is shown behind the level's words, which do not count as meaning.
- Keys are ISO alpha-2, save PT-20 (Azores) and IC (Canary Islands). IL is "Israel and Palestine".
- 2014 had no `country-id`, HTML entities in the texts, and dates without an offset.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictInt

from core.i18n import t
from core.places.finder import resolve
from core.places.names import codes
from sources.entries import Unreadable, agree, moment_of_epoch, sort_out
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Reading, Shape

CARD = Card(
    id="ca-gac",
    publisher="Global Affairs Canada",
    publisher_zh="加拿大全球事务部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://data.international.gc.ca/travel-voyage/index-alpha-eng.json",
    hosts=("data.international.gc.ca",),
    language="en",
    rhythm="dates daily, a level text on one day in six",
    entries=(210, 260),  # 229 in 2014, 230 in 2026
    known_levels=210,  # every entry states one
    stale_after=timedelta(days=14),  # the newest entry was of the same day in both captures
    terms="Open Government Licence – Canada",
)
_PAGE = "https://travel.gc.ca/destinations/{slug}"
_PARTS = {"PT-20": "PT", "IC": "ES"}
_WORDS = {"exercise normal": 0, "take normal": 0, "exercise a high degree": 1, "avoid non-essential": 2, "avoid all": 3}


class _Date(BaseModel):
    timestamp: StrictInt
    asp: str = ""


class _English(BaseModel):
    name: str = Field(min_length=1)
    slug: str = Field(alias="url-slug", min_length=1)
    words: str = Field(alias="advisory-text", min_length=1)
    recent: str = Field("", alias="recent-updates")


class _Entry(BaseModel):
    state: Annotated[StrictInt, Field(alias="advisory-state", ge=0, le=3)]
    regional: Annotated[StrictInt, Field(alias="has-regional-advisory", ge=0, le=1)]
    published: _Date = Field(alias="date-published")
    english: _English = Field(alias="eng")


def parse(capture: Capture) -> Reading:
    """Read the whole index. An entry whose state, words, code or date cannot be understood is quarantined. Pure.

    Raises:
        SourceBroken: this is not the index.
    """
    page = read_json(capture)
    data = page.get("data")
    if not isinstance(data, dict) or not data:
        raise wrong_shape(capture, t("a JSON object with entries"))
    own = frozenset(data)
    good, bad = sort_out(data.items(), lambda item: _advisory(item[0], item[1], own), lambda item: str(item[0]))
    return Reading(good, bad, complete=not bad, built_at=_built_at(page))


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(key: str, raw: object, own: frozenset[str]) -> Advisory:
    entry = _Entry.model_validate(raw)
    name, words = html.unescape(entry.english.name).strip(), html.unescape(entry.english.words).strip()
    if _WORDS.get(next((w for w in _WORDS if words.casefold().startswith(w)), ""), -1) != entry.state:
        raise Unreadable(t("unknown level: {words}", words=f"{entry.state}, {words}"))
    when = _published(entry.published)
    recent = html.unescape(entry.english.recent).strip()
    return Advisory(
        source=CARD.id,
        native_id=key,
        title=f"{name} - {words}",
        url=_PAGE.format(slug=entry.english.slug),
        language=CARD.language,
        countries=_countries(key, name, own),
        places=(name,) if key in _PARTS else (),
        level_national=entry.state + 1,
        level_regional_max=Grade.UNKNOWN if entry.regional else Grade.UNSTATED,
        level_words=f"{words} · {recent}" if recent else words,
        published_at=when,
        updated_at=when,
    )


def _countries(key: str, name: str, own: frozenset[str]) -> tuple[str, ...]:
    """Return the entry's countries; members of a joint one that have an entry of their own are left to that."""
    code = _PARTS.get(key, key)
    if code not in codes():
        raise Unreadable(t("unknown country code: {code}", code=key))
    return tuple(sorted(c for c in agree(name, resolve(name), code) if c == code or c not in own))


def _published(date: _Date) -> datetime:
    """Prefer the text with an offset; the epoch number of 2014 was local time, hours off, but all there is."""
    try:
        moment = datetime.fromisoformat(date.asp) if date.asp else None
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=date.asp)) from error
    if moment is None or moment.tzinfo is None:
        return moment_of_epoch(date.timestamp)
    return moment.astimezone(UTC)


def _built_at(page: Mapping[str, Any]) -> datetime | None:
    """Return when the index was written; None if it does not say so in the known form."""
    metadata = page.get("metadata")
    generated = metadata.get("generated") if isinstance(metadata, dict) else None
    number = generated.get("timestamp") if isinstance(generated, dict) else None
    try:
        return moment_of_epoch(number) if isinstance(number, int) else None
    except Unreadable:
        return None
