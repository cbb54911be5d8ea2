"""Levels side by side, told: as JSON, and in a sentence for drafts and the brief. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from core.clock import iso
from core.i18n import Language, Message, t
from notify.levels import SideBySide, Stance, level_words
from sources.wire import level_json


def side_json(found: SideBySide, language: Language) -> dict[str, Any]:
    """Write all publishers on one country as plain JSON values; sentences in `language`, ages in seconds."""
    first = found.first
    return {
        "country": found.country,
        "levels": [_stance_json(one, language) for one in found.stances],
        "moved": [
            {"at": iso(one.at), "source": one.source, "direction": one.direction.value,
             "before": None if one.before is None else level_json(one.before),
             "after": None if one.after is None else level_json(one.after)}
            for one in found.moves
        ],
        "first": None if first is None else {"source": first.source, "at": iso(first.at), "direction": first.direction.value},
        "nothing": [card.id for card in found.nothing],
        "sick": [
            {"source": one.card.id, "reason": one.reason.render(language),
             "age": None if one.age is None else int(one.age.total_seconds())}
            for one in found.sick
        ],
    }  # fmt: skip


def _stance_json(one: Stance, language: Language) -> dict[str, Any]:
    return {
        "source": one.card.id,
        "publisher": one.card.publisher_zh if language == "zh" else one.card.publisher,
        "authority": one.card.authority.value,
        "level": level_json(one.level),
        "level_national": level_json(one.national),
        "level_regional_max": level_json(one.regional),
        "level_words": one.words,
        "title": one.title,
        "url": one.url,
        "published_at": iso(one.published_at),
        "since": iso(one.since),
        "first_sight": one.first_sight,
        "age": None if one.age is None else int(one.age.total_seconds()),
        "also": one.also,
    }


def in_a_line(found: SideBySide, zone: tzinfo, language: Language) -> str:
    """Say in one line what the others say, the highest first: for the draft of an officer and for the brief."""
    told = [stance_words(one, language) for one in found.stances]
    if not told:
        return t("No government we read says anything of it.").render(language)
    line = ("；" if language == "zh" else "; ").join(told)
    first = first_words(found, zone, language)
    ending = "。" if language == "zh" else "."
    return f"{line}{ending}" + ("" if first is None else f"{'' if language == 'zh' else ' '}{first.render(language)}")


def stance_words(one: Stance, language: Language) -> str:
    """Say in a few words what one publisher says: its name, the level as we read it, and its own words."""
    name = one.card.publisher_zh if language == "zh" else one.card.publisher
    level = t("level {level}", level=one.level) if isinstance(one.level, int) else level_words(one.level)
    told = level.render(language) if isinstance(level, Message) else level
    return f"{name}: {told}" + (f" (“{one.words}”)" if one.words else "")


def first_words(found: SideBySide, zone: tzinfo, language: Language) -> Message | None:
    """Say who moved first the way the newest move went; None if nobody moved in the last 90 days."""
    first = found.first
    if first is None:
        return None
    cards = {one.card.id: one.card for one in found.stances}
    card = cards.get(first.source)
    name = first.source if card is None else card.publisher_zh if language == "zh" else card.publisher
    day = f"{first.at.astimezone(zone):%Y-%m-%d}"
    before, after = level_words(first.before), level_words(first.after)
    return t("Moved first: {who} on {day}, from {before} to {after}.", who=name, day=day, before=before, after=after)
