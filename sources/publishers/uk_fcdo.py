"""UK Foreign, Commonwealth & Development Office: the index of travel advice on GOV.UK, and one document per country.

Facts (official schema and source code of 2026, a document of July 2026, derived tables of April to June 2026):
- The index has dates and notes, but no level: `alert_status` is only in the documents. They are read in turn, see
  `sources/sweep.py`: what moved first, then what was never read, at most `DOCUMENTS_PER_RUN`.
- `public_updated_at` is the clock; `updated_at` also moves when a page is merely published again. About 4 move on an ordinary
  day, 207 moved on 11 December 2025: a note that speaks of advice against travel goes first.
- Slugs and names change (Czech Republic, Palestine); `content_id` stays.
- `alert_status` has exactly four values. The site's own code calls the field deprecated, so an empty one is checked against
  the words of the first part.
- The Atom feed holds only the newest 20 and no levels: it is not read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from core.clock import iso
from core.i18n import Message, t
from core.places.finder import is_part, resolve
from sources.entries import Unreadable, agree, sort_out, web_address
from sources.formats import read_json, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Level, Reading, Shape
from sources.reading.text import to_text
from sources.sweep import Turn, sweep

CARD = Card(
    id="uk-fcdo",
    publisher="UK Foreign, Commonwealth & Development Office",
    publisher_zh="英国外交部",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://www.gov.uk/api/content/foreign-travel-advice",
    hosts=("www.gov.uk",),
    language="en",
    rhythm="about four dates a day, a status every week",
    entries=(200, 250),  # 226 in every table of 2026
    known_levels=0,  # levels are in documents, of which a quiet run reads none
    stale_after=timedelta(days=14),  # a date moved on nearly every day of 16 months
    terms="Open Government Licence v3.0, with attribution",
)
DOCUMENTS_PER_RUN = 60
"""A minute of asking, one page after the other; the first round of some 226 takes four nights."""
_API, _SITE = "https://www.gov.uk/api/content", "https://www.gov.uk"
# (level of the whole country, highest level of a part, the advice in the words of GOV.UK)
_STATUS: dict[str, tuple[Level, int, str]] = {
    "avoid_all_but_essential_travel_to_parts": (
        Grade.UNSTATED, 3, "FCDO advises against all but essential travel to parts of the country",
    ),
    "avoid_all_travel_to_parts": (Grade.UNSTATED, 4, "FCDO advises against all travel to parts of the country"),
    "avoid_all_but_essential_travel_to_whole_country": (
        3, 3, "FCDO advises against all but essential travel to the whole country",
    ),
    "avoid_all_travel_to_whole_country": (4, 4, "FCDO advises against all travel to the whole country"),
}  # fmt: skip
_ADVICE = re.compile(
    r"FCDO (?:\w+ )?advises? against (?P<kind>all(?: but essential)?) travel to (?P<where>[^.\n:;]{1,120})",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"^(?:the )?(?:whole|entirety|all) of (?:the )?|^the ", re.IGNORECASE)
_REASON = re.compile(
    r",? (?:due to|because|based on|given|as a result|following|at this time|while|until)\b.*$", re.IGNORECASE
)
_ABOUT_LEVEL = re.compile(r"advi[sc]es? against|no longer advis|all travel|all but essential", re.IGNORECASE)


class _Country(BaseModel):
    slug: str = Field(min_length=1)
    name: str = Field(min_length=1)


class _Details(BaseModel):
    country: _Country
    note: str | None = Field(None, alias="change_description")


class _Child(BaseModel):
    path: str = Field(alias="base_path", pattern=r"^/foreign-travel-advice/[a-z0-9-]+$")
    content_id: str = Field(min_length=1)
    updated: AwareDatetime = Field(alias="public_updated_at")
    title: str = Field(min_length=1)
    withdrawn: bool = False
    details: _Details


class _Part(BaseModel):
    slug: str = ""
    body: str = ""


class _DocumentDetails(_Details):
    status: list[str] = Field(alias="alert_status")
    parts: list[_Part] = Field(min_length=1)


class _Document(_Child):
    details: _DocumentDetails
    withdrawn_notice: dict[str, Any] = {}


def parse(capture: Capture) -> Reading:
    """Read the index, or one country's document. An entry whose place or date cannot be understood is quarantined. Pure.

    Raises:
        SourceBroken: this is neither.
    """
    page = read_json(capture)
    if "alert_status" in (page.get("details") or {}):
        advisory, notes = parse_document(capture)
        return Reading((advisory,), notes=notes)
    links = page.get("links")
    children = links.get("children") if isinstance(links, dict) else None
    if not isinstance(children, list) or not children:
        raise wrong_shape(capture, t("a JSON object with entries"))
    standing = [raw for raw in children if not (isinstance(raw, dict) and raw.get("withdrawn") is True)]
    good, bad = sort_out(standing, lambda raw: _listed(_Child.model_validate(raw)), _name)
    apart = _apart(good)
    built = max((one.updated_at for one in apart if one.updated_at), default=None)
    return Reading(apart, bad, complete=not bad, built_at=built)


def read(get: Get, known: Known) -> Reading:
    """Fetch the index and the documents whose turn it is; a document that cannot be had is a note."""
    capture = get(CARD.url)
    listed, notes = parse(capture), list[Message]()

    def page_of(one: Advisory) -> Advisory:
        """Read the document of one entry."""
        advisory, more = parse_document(get(_API + one.url.removeprefix(_SITE)))
        if advisory.native_id != one.native_id:
            raise wrong_shape(capture, t("the text of {title}", title=one.title))
        notes.extend(more)
        return replace(advisory, countries=one.countries)

    turn = Turn(DOCUMENTS_PER_RUN, lambda one: iso(one.updated_at) or "", _is_urgent)
    swept = sweep(listed, known, page_of, turn, capture.fetched_at)
    return replace(swept, notes=(*swept.notes, *notes))


def parse_document(capture: Capture) -> tuple[Advisory, tuple[Message, ...]]:
    """Read one country's document, with notes on what was odd in it. Pure.

    Raises:
        SourceBroken: this is no document of a country, it was withdrawn, or its place is not known.
    """
    try:
        document = _Document.model_validate(read_json(capture))
        listed = _listed(document)
    except (ValidationError, Unreadable) as error:
        raise wrong_shape(capture, t("a country's travel advice")) from error
    if document.withdrawn_notice or document.withdrawn:
        raise wrong_shape(capture, t("travel advice that is in force"))
    body = next((part.body for part in document.details.parts if part.slug == "warnings-and-insurance"), None)
    text = to_text(document.details.parts[0].body if body is None else body)
    national, regional, words = _levels(document.details.status)
    notes = tuple(
        t("{title}: unknown alert status {status}; an officer must read the page.", title=document.title, status=status)
        for status in document.details.status
        if status not in _STATUS
    )
    if not document.details.status:
        national, regional, words = _levels_of_text(text, document.details.country.name, listed.countries)
    advisory = replace(
        listed,
        summary=text,
        level_national=national,
        level_regional_max=regional,
        level_words=" · ".join(part for part in (*words, listed.level_words) if part),
        detail_read=True,
    )
    return advisory, notes


def _name(raw: object) -> str:
    return str(raw.get("title", "")) if isinstance(raw, dict) else str(raw)[:40]


def _listed(child: _Child) -> Advisory:
    """Return an entry without a level. Its name and its slug, both the publisher's own, must not contradict each other."""
    country, when = child.details.country, child.updated.astimezone(UTC)
    by_slug = resolve(country.slug.replace("-", " ").title())
    countries = agree(country.name, resolve(country.name), *(by_slug if len(by_slug) == 1 else ()))
    return Advisory(
        source=CARD.id,
        native_id=child.content_id,
        title=child.title,
        url=web_address(_SITE, child.path),
        language=CARD.language,
        countries=tuple(sorted(countries)),
        places=(country.name,) if is_part(country.name) else (),
        level_national=Grade.UNKNOWN,
        level_words=" ".join((child.details.note or "").split()),
        published_at=when,
        updated_at=when,
        list_mark=iso(when) or "",
    )


def _apart(listed: tuple[Advisory, ...]) -> tuple[Advisory, ...]:
    """Take from joint entries the members that also have an entry of their own."""
    own = {one.countries[0] for one in listed if len(one.countries) == 1}
    return tuple(
        replace(one, countries=tuple(code for code in one.countries if code not in own) or one.countries)
        if len(one.countries) > 1
        else one
        for one in listed
    )


def _is_urgent(one: Advisory) -> bool:
    return _ABOUT_LEVEL.search(one.level_words) is not None


def _levels(status: list[str]) -> tuple[Level, Level, tuple[str, ...]]:
    """Return the levels of an alert status and their words (knowledge: sources-western, section 1)."""
    known = [_STATUS[one] for one in status if one in _STATUS]
    whole = [national for national, _, _ in known if isinstance(national, int)]
    unknown = len(known) < len(status)
    national: Level = Grade.UNKNOWN if unknown else max(whole, default=Grade.UNSTATED)
    regional: Level = max((part for _, part, _ in known), default=Grade.UNSTATED)
    return national, regional, tuple(words for _, _, words in known)


def _levels_of_text(text: str, name: str, countries: tuple[str, ...]) -> tuple[Level, Level, tuple[str, ...]]:
    """Return the levels that the words of the first part state, for a page whose status says nothing."""
    found: list[tuple[bool, int, str]] = []
    for match in _ADVICE.finditer(text):
        where = _WHOLE.sub("", match["where"].strip())
        named = resolve(where)
        if not named or set(named) & set(countries):  # pages also say what is advised for their neighbours
            whole = _REASON.sub("", where).casefold() == name.casefold()
            found.append((whole, 3 if "essential" in match["kind"].lower() else 4, match[0]))
    national: Level = max((level for whole, level, _ in found if whole), default=Grade.UNSTATED)
    regional: Level = max((level for _, level, _ in found), default=Grade.UNSTATED)
    return national, regional, tuple(words for _, _, words in found)
