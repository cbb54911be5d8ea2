"""Read the title of a reminder: which places, which level and for what part, which hazards. Pure.

The title alone decides: the body names neighbours, offenders' origins and transit routes, and must not add countries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.places.finder import Found, find, gather
from core.places.gazetteer import Kind
from core.places.spans import Role, Span
from sources.model import Grade, Hazard, Level
from sources.reading.doubts import doubts_of
from sources.reading.hazards import hazards_of, is_acute
from sources.reading.levels import level_of
from sources.reading.regions import regional_of

_SENT_TO = re.compile(r"(?:前往|赴|去|进入|到|往|来|在|撤离|离开|留)$")


@dataclass(frozen=True)
class TitleReading:
    """What a title says.

    Attributes:
        countries: ISO codes, sorted.
        places: region and city words as written, with the words that bound the level's part (边境地区).
        ambiguous: place words with several possible countries, as `乌: UA UZ UG UY`, and what else an officer must settle
            before anybody is told (`sources.reading.doubts`), as `暂勿前往/谨慎前往: EG SD`.
        unresolved: words that look like places and name no country.
        regional: the level holds for a part of the countries only.
        level_words: the words that state the level.
        acute: the title names something as happening.
    """

    countries: tuple[str, ...]
    places: tuple[str, ...]
    worldwide: bool
    ambiguous: tuple[str, ...]
    unresolved: tuple[str, ...]
    level: Level
    regional: bool
    level_words: str
    hazards: tuple[Hazard, ...]
    acute: bool


def read_title(text: str, *, host: str | None = None) -> TitleReading:
    """Read one title, Chinese (simplified or traditional) or English.

    Args:
        host: ISO code of the country where the issuing post sits; settles 乌, 印, 巴 and the like.
    """
    found = _elsewhere(find(text, host=host))
    said = level_of(found.text, found.spans)
    regional, parts = regional_of(found.text, found.spans, said.object_at)
    regional = regional and said.level is not Grade.UNKNOWN  # an unknown level is unknown for the whole
    return TitleReading(
        countries=tuple(sorted(found.countries)),
        places=tuple(dict.fromkeys((*found.places, *parts))),
        worldwide=found.worldwide,
        ambiguous=(*found.ambiguous, *doubts_of(found)),
        unresolved=found.unresolved,
        level=said.level,
        regional=regional,
        level_words=said.words,
        hazards=hazards_of(found.text),
        acute=is_acute(found.text),
    )


def _elsewhere(found: Found) -> Found:
    """Leave out the issuing post's country if people are sent elsewhere (驻约旦使馆提醒…暂勿前往叙利亚).

    An open abbreviation is elsewhere too, if none of its countries is the post's (驻俄罗斯使馆：在乌中国公民尽快撤离).
    """
    sent = [span for span in found.spans if _is_sent(span, found.text)]
    if not sent or not any(span.role is Role.ISSUER for span in found.spans):
        return found
    there = {code for span in sent for code in span.codes}
    kept = [span for span in found.spans if span.role is not Role.ISSUER or there.intersection(span.codes)]
    return gather(found.text, kept)


def _is_sent(span: Span, text: str) -> bool:
    return (
        span.role is Role.PLACE
        and span.kind in (Kind.NAME, Kind.PART, Kind.EITHER)
        and _SENT_TO.search(text[max(0, span.start - 4) : span.start]) is not None
    )
