"""German Foreign Office (Auswärtiges Amt): the open-data index of travel advice, and details of what moved.

Facts (captures of 2025 and 2026; 199 or 200 countries; the documentation, bundesAPI/travelwarning-api, is others'):
- An error or a switched-off service is an **empty JSON object with answer 200**.
- Times are epoch seconds in every capture, milliseconds in the documentation: told apart by magnitude.
- The envelope's `lastModified` is that of its first entry, months old: never used.
- The flags do not tell all: advice against journeys that are not necessary is only in the text of the detail page.
- `countryName` may end in a star, a political footnote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from pydantic import BaseModel, Field, StrictBool, StrictInt

from core.errors import SourceBroken
from core.i18n import Message, t
from core.places.finder import resolve
from core.places.names import codes, iso2
from sources.entries import Unreadable, agree, moment_of_epoch, sort_out
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Level, Reading, Shape
from sources.reading.text import to_text

CARD = Card(
    id="de-aa",
    publisher="Federal Foreign Office of Germany",
    publisher_zh="德国外交部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.auswaertiges-amt.de/opendata/travelwarning",
    hosts=("www.auswaertiges-amt.de",),
    language="de",
    rhythm="several texts a day, a flag every few weeks",
    entries=(180, 220),  # 199 in 2025, 200 in 2026
    known_levels=25,  # flags: 16 to 18 whole and 27 or 28 partial warnings in every capture
    stale_after=timedelta(days=14),  # dates move almost daily
    terms="Attribution; take over completely and keep current: quote and link (terms of the open-data interface)",
)
DETAILS_PER_RUN = 20
_LIST_KEYS = frozenset({"lastModified", "contentList"})
_ADVISED_AGAINST = re.compile(
    r"Von (?:nicht|touristischen und (?:anderen )?nicht)\s+(?:(?:unbedingt|zwingend|dringend)\s+)?"
    r"(?:notwendigen|erforderlichen)(?:,? touristischen)? Reisen\b"
    r"(?P<where>[^.\n]{0,200}?)\bwird\b[^.\n]{0,80}?\babgeraten",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(
    ("nach", "in", "ins", "im", "die", "den", "das", "der", "dem", "derzeit", "aktuell", "zurzeit", "weiterhin")
)
_WHOLE_COUNTRY = frozenset({"land", "gesamt land", "ganz land"})
_ENDINGS = "enrsm"


class _Entry(BaseModel):
    modified: StrictInt = Field(alias="lastModified")
    effective: StrictInt
    title: str = Field(min_length=1)
    code: str = Field(alias="countryCode")
    code3: str = Field("", alias="iso3CountryCode")
    country: str = Field(alias="countryName")
    warning: StrictBool
    partial: StrictBool = Field(alias="partialWarning")
    situation: StrictBool = Field(alias="situationWarning")
    situation_part: StrictBool = Field(alias="situationPartWarning")


def parse(capture: Capture) -> Reading:
    """Read the index. An entry whose flags, codes or dates cannot be understood is quarantined. Pure.

    Raises:
        SourceBroken: this is not the index, or the empty object of a switched-off service.
    """
    entries = {key: value for key, value in _response(capture).items() if key not in _LIST_KEYS}
    good, bad = sort_out(
        entries.items(), lambda item: _advisory(item[0], item[1]), lambda item: _name(item[0], item[1])
    )
    return Reading(good, bad, complete=not bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the index, then the details of entries whose dates or flags moved, newest first, at most `DETAILS_PER_RUN`.

    A detail that is not read now is asked for again at the next run: until then the entry keeps the date of its last
    mark. The flags count at once.
    """
    reading = parse(get(CARD.url))
    if known.first_time:
        return reading
    moved = [one for one in reading.advisories if known.marks.get(one.native_id) != one.list_mark]
    moved.sort(key=lambda one: (one.updated_at is not None, one.updated_at), reverse=True)
    details, notes = _details(get, moved[:DETAILS_PER_RUN])
    late = {one.native_id for one in moved} - details.keys()
    if moved[DETAILS_PER_RUN:]:
        names = ", ".join(one.title for one in moved[DETAILS_PER_RUN:])
        notes += (t("Not read yet, more moved than we ask for in one run: {names}", names=names),)
    advisories = tuple(
        _not_read(one, known) if one.native_id in late else details.get(one.native_id, one)
        for one in reading.advisories
    )
    return replace(reading, advisories=advisories, notes=reading.notes + notes)


def parse_detail(capture: Capture, advisory: Advisory) -> Advisory:
    """Add the text of a detail page, and the level only the text states, to the index's entry. Pure.

    Raises:
        SourceBroken: the page is not the detail of this entry.
    """
    raw = _response(capture).get(advisory.native_id)
    content = raw.get("content") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(content, str) or not content.strip():
        raise wrong_shape(capture, t("the text of {title}", title=advisory.title))
    text, changes = to_text(content), to_text(str(raw.get("lastChanges") or ""))
    national, regional = _levels_of_text(text, advisory.title.partition(":")[0].strip("* "))
    words = (advisory.level_words, " ".join(changes.split()))
    return replace(
        advisory,
        summary=text,
        level_national=_higher(advisory.level_national, national),
        level_regional_max=_higher(advisory.level_regional_max, regional),
        level_words=" · ".join(word for word in words if word),
        detail_read=True,
    )


def _response(capture: Capture) -> Mapping[str, object]:
    found = read_json(capture).get("response")
    if not isinstance(found, dict) or not found:
        raise wrong_shape(capture, t("a JSON object with entries"))
    return found


def _name(key: str, raw: object) -> str:
    return str(raw.get("countryName", key)) if isinstance(raw, dict) else key


def _advisory(key: str, raw: object) -> Advisory:
    entry = _Entry.model_validate(raw)
    name = entry.country.strip("* ")
    if entry.code not in codes():
        raise Unreadable(t("unknown country code: {code}", code=entry.code))
    countries = agree(name, resolve(name), entry.code, iso2(entry.code3) if entry.code3 else None)
    modified = moment_of_epoch(entry.modified)
    national, regional, words = _levels(entry)
    flags = "".join("01"[flag] for flag in (entry.warning, entry.partial, entry.situation, entry.situation_part))
    return Advisory(
        source=CARD.id,
        native_id=key,
        title=entry.title,
        url=f"{CARD.url}/{key}",
        language=CARD.language,
        countries=tuple(sorted(countries)),
        level_national=national,
        level_regional_max=regional,
        level_words=words,
        published_at=moment_of_epoch(entry.effective),
        updated_at=modified,
        list_mark=f"{flags} {entry.modified}",
    )


def _levels(entry: _Entry) -> tuple[Level, Level, str]:
    """Turn the flags into levels and their words (knowledge: sources-western, section 1). No flag states no level."""
    if entry.warning:
        return 4, 4, "Reisewarnung"
    national: Level = 3 if entry.situation else Grade.UNSTATED
    if entry.partial:
        return national, 4, "Teilreisewarnung"
    if entry.situation or entry.situation_part:
        return national, 3, "Situationsbedingte Reisewarnung"
    return national, Grade.UNSTATED, ""


def _levels_of_text(text: str, country: str) -> tuple[Level, Level]:
    """Return the national and regional level the text states by advising against journeys that are not necessary."""
    places = [_plain(match["where"]) for match in _ADVISED_AGAINST.finditer(text)]
    whole = {"", _plain(country), *_WHOLE_COUNTRY}
    if any(place in whole for place in places):
        return 3, Grade.UNSTATED
    return Grade.UNSTATED, 3 if places else Grade.UNSTATED


def _plain(where: str) -> str:
    """Return the place without articles, prepositions and endings: German inflects names ("in die Vereinigten …")."""
    first = re.split(r",| und | sowie ", where.strip(), maxsplit=1)[0]
    words = [word for word in re.findall(r"[\w'’-]+", first.casefold()) if word not in _SMALL_WORDS]
    return " ".join(word.rstrip(_ENDINGS) for word in words)


def _higher(one: Level, other: Level) -> Level:
    numbers = [level for level in (one, other) if isinstance(level, int)]
    return max(numbers) if numbers else one


def _details(get: Get, moved: list[Advisory]) -> tuple[dict[str, Advisory], tuple[Message, ...]]:
    """Read the detail of each entry; one that cannot be had is a note."""
    found: dict[str, Advisory] = {}
    notes: list[Message] = []
    for one in moved:
        try:
            found[one.native_id] = parse_detail(get(one.url), one)
        except SourceBroken as error:
            notes.append(t("Read from the list alone: {title} ({reason})", title=one.title, reason=error.message))
    return found, tuple(notes)


def _not_read(one: Advisory, known: Known) -> Advisory:
    """Keep the date of the last mark, so that the next run asks again, with the flags of today."""
    flags, before = one.list_mark.partition(" ")[0], known.marks.get(one.native_id, "").partition(" ")[2]
    return replace(one, list_mark=f"{flags} {before}")
