"""Hong Kong Security Bureau: the Outbound Travel Alert index as JSON. Pure but for `read`.

Facts (capture of September 2026; 44 rows in four buckets, 29 of them current):
- Rows with `showInIndex` 0 are kept for years after they ended (Italy 2021): they are dropped. Some have no English name.
- `countryCode` may be a place holder: "Schengen countries*" carries AL, Albania. A code counts only if a name confirms it.
- A part of a country shares the code of the whole; only the bracket or the words of the title tell.
- A bucket may be about one danger (`levelExt`: Ebola Disease); its country may stand in a second bucket as well.
- `otherInfoOta` and `otherInfoNonOTA` list places with information but no alert of their own: they are not read.
- Advice is HTML, escaped; times are Hong Kong's, without a zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from core.i18n import Message, t
from core.places.finder import resolve
from core.places.names import codes
from sources.entries import Unreadable, sort_out, web_address, without_twins
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Reading, Shape
from sources.reading.hazards import hazards_of
from sources.reading.text import to_text

CARD = Card(
    id="hk-sb",
    publisher="Security Bureau of Hong Kong",
    publisher_zh="香港特别行政区政府保安局",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.sb.gov.hk/json/ota_index/ota_index.json",
    hosts=("www.sb.gov.hk",),
    language="zh",
    rhythm="a few rows a month",
    entries=(15, 120),  # 29 current rows in September 2026; a pandemic put nearly all countries on the list
    known_levels=15,  # every row stands in a bucket with a colour
    stale_after=timedelta(days=150),  # the longest silence among the rows of 2026 was 55 days
    change_limit=15,
    terms="Open data of the Hong Kong SAR Government (data.gov.hk): free re-use with acknowledgement",
)
_PAGE = "https://www.sb.gov.hk/eng/ota/"
_LEVELS = {"amber": (2, "黄色"), "red": (3, "红色"), "black": (4, "黑色")}
_HONG_KONG = ZoneInfo("Asia/Hong_Kong")
_BRACKET = re.compile(r"[(（](?P<part>[^)）]+)[)）]\s*$")
_PART = re.compile(r"regions?|provinces?|areas?|coast|border|地区|地區|省份|省|边境|邊境|区域|區域|沿海", re.IGNORECASE)
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9]+")


class _Row(BaseModel):
    shown: Literal[0, 1] = Field(alias="showInIndex")
    code: str = Field(alias="countryCode")
    english: str = Field("", alias="titleEn")
    traditional: str = Field("", alias="titleTc")
    simplified: str = Field("", alias="titleSc")
    updated: str = Field(alias="updateDate")
    file: str = Field(alias="countryFileName", min_length=1)

    @property
    def name(self) -> str:
        """Return the row's name, in simplified characters if it has one."""
        return next((one.strip() for one in (self.simplified, self.traditional, self.english) if one.strip()), "")


class _Bucket(BaseModel):
    level: str
    special: str = Field("", alias="levelExt")
    words: str = Field("", alias="titleSc")
    advice: str = Field("", alias="adviceSc")


@dataclass(frozen=True)
class _Where:
    """The countries of a row, the words of the part that is meant, and the name if it could not be placed."""

    countries: tuple[str, ...] = ()
    part: str = ""
    unresolved: tuple[str, ...] = ()


def parse(capture: Capture) -> Reading:
    """Read all current rows. One whose level, place or date cannot be understood is quarantined. Pure.

    Raises:
        SourceBroken: this is not the index.
    """
    page = read_json(capture)
    buckets = page.get("otas")
    if not isinstance(buckets, list) or not all(_is_bucket(bucket) for bucket in buckets):
        raise wrong_shape(capture, t("a JSON object with entries"))
    found = [(bucket, row) for bucket in buckets for row in bucket["countries"] if not _is_archived(row)]
    good, bad = sort_out(found, lambda pair: _advisory(*pair), lambda pair: _name(pair[1]))
    kept, notes = _highest_of_each(without_twins(good, bad, resolve))
    return Reading(kept, bad, notes, complete=not bad, built_at=_built_at(str(page.get("validFrom", ""))))


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _is_bucket(raw: object) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("countries"), list)


def _is_archived(row: object) -> bool:
    return isinstance(row, dict) and row.get("showInIndex") == 0


def _name(row: object) -> str:
    return (
        str(row.get("titleEn") or row.get("titleSc") or row.get("countryCode")) if isinstance(row, dict) else str(row)
    )


def _advisory(raw_bucket: dict[str, Any], raw_row: object) -> Advisory:
    bucket, row = _Bucket.model_validate(raw_bucket), _Row.model_validate(raw_row)
    if bucket.level not in _LEVELS:
        raise Unreadable(t("unknown level: {words}", words=bucket.level))
    level, colour = _LEVELS[bucket.level]
    where, when = _where(row), _moment(row.updated)
    special = _NOT_IN_A_KEY.sub("-", bucket.special.casefold()).strip("-")
    advice = "；".join(to_text(bucket.advice).splitlines())
    return Advisory(
        source=CARD.id,
        native_id="/".join(word for word in (_key(row, where), special) if word),
        title=f"{row.name}：{bucket.words.strip()}",
        url=web_address(_PAGE, row.file),
        language=CARD.language,
        countries=tuple(sorted(where.countries)),
        places=(where.part,) if where.part else (),
        level_national=Grade.UNSTATED if where.part else level,
        level_regional_max=level if where.part else Grade.UNSTATED,
        level_words=f"{colour}：{advice}" if advice else colour,
        hazards=hazards_of(f"{bucket.words} {bucket.special}"),
        published_at=when,
        updated_at=when,
        unresolved=where.unresolved,
    )


def _where(row: _Row) -> _Where:
    """Return where a row is about: its code if one of its names confirms it, with the further countries of a joint name.

    Raises:
        Unreadable: the names say a country, and not the code's.
    """
    names = [one.strip() for one in (row.english, row.simplified, row.traditional) if one.strip()]
    named = [found for name in names if (found := resolve(name))]
    if not named or row.code not in codes():
        return _Where(unresolved=(row.name or row.file,))
    if not any(row.code in found for found in named):
        raise Unreadable(
            t(
                "the name {name} and the country code disagree ({by_name} against {by_code})",
                name=row.name,
                by_name=" ".join(named[0]),
                by_code=row.code,
            )
        )
    part = _part(row.name)
    if part:  # 沙特阿拉伯邻近也门边境地区 is about the one, the other is a landmark
        return _Where((row.code,), part)
    return _Where(next(found for found in named if row.code in found))


def _part(name: str) -> str:
    """Return the words for a part of a country: the bracket at the end, or the whole name if it speaks of a region."""
    if bracket := _BRACKET.search(name):
        return bracket["part"].strip()
    return name if _PART.search(name) else ""


def _key(row: _Row, where: _Where) -> str:
    """Return the country's code; for a part, and for what could not be placed, the name of its page."""
    page = row.file.removesuffix(".html").removeprefix("note-")
    if where.countries and not where.part:
        return row.code
    return f"{row.code}/{page}" if where.countries else page


def _highest_of_each(advisories: Iterable[Advisory]) -> tuple[tuple[Advisory, ...], tuple[Message, ...]]:
    """Keep one row per key, the one of the highest level; name the others. (A row may be moving between two buckets.)"""
    kept: list[Advisory] = []
    notes: list[Message] = []
    for _, group in groupby(sorted(advisories, key=lambda one: one.native_id), key=lambda one: one.native_id):
        first, *others = sorted(group, key=lambda one: one.level if isinstance(one.level, int) else 0, reverse=True)
        kept.append(first)
        notes += [t("Listed twice; the lower level was left out: {title}", title=other.title) for other in others]
    return tuple(kept), tuple(notes)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=_HONG_KONG).astimezone(UTC)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=text)) from error


def _built_at(text: str) -> datetime | None:
    try:
        return _moment(text)
    except Unreadable:
        return None
