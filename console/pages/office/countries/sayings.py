"""What publishers say of a country, as lines of its page: their own words, linked only where the address is a web address. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from console.pictures.levels import level_badge
from core.i18n import Language, Message, t
from notify.levels import SideBySide, Stance
from sources.change import Entry
from sources.model import Card

WEB = ("http://", "https://")


@dataclass(frozen=True)
class StanceLine:
    """One publisher in the table of levels. `language`: of its words; `age`: since it was last read, in words."""

    source: str
    publisher: str
    level: Markup
    regional: Markup | None
    words: str
    language: str
    url: str
    since: datetime | None
    first_sight: bool
    age: Message


@dataclass(frozen=True)
class Saying:
    """One advisory in its publisher's own words."""

    source: str
    publisher: str
    title: str
    words: str
    level: Markup
    language: str
    url: str
    at: datetime | None
    places: str


def stance_lines(side: SideBySide, language: Language) -> list[StanceLine]:
    """Return the publishers side by side, the highest first."""
    return [_stance(one, language) for one in side.stances]


def saying(one: Entry, card: Card, language: Language) -> Saying:
    """Return an advisory as a line."""
    said = one.advisory
    return Saying(
        card.id, name_of(card, language), said.title, said.level_words, level_badge(said.level, language), said.language,
        web(said.url), said.published_at or said.updated_at, "、".join(said.places[:8]),
    )  # fmt: skip


def _stance(one: Stance, language: Language) -> StanceLine:
    # A grade for a part of the country is told apart where it is the higher one: most of our people may live elsewhere.
    apart = isinstance(one.regional, int) and one.regional != one.national and isinstance(one.national, int)
    return StanceLine(
        one.card.id, name_of(one.card, language), level_badge(one.national if apart else one.level, language),
        level_badge(one.regional, language) if apart else None, one.words or one.title, one.card.language, web(one.url), one.since,
        one.first_sight, age_words(one.age),
    )  # fmt: skip


def name_of(card: Card, language: Language) -> str:
    """Return a publisher's name."""
    return card.publisher_zh if language == "zh" else card.publisher


def age_words(age: timedelta | None) -> Message:
    """Say how long ago a source was last read."""
    if age is None:
        return t("never")
    hours = int(age.total_seconds()) // 3600
    if hours < 1:
        return t("within the hour")
    return t("{hours} h ago", hours=hours) if hours < 48 else t("{days} days ago", days=hours // 24)


def web(url: str) -> str:
    """Return an address that a page may link to; empty for any other: what a feed prints may be a script."""
    return url if url.startswith(WEB) else ""
