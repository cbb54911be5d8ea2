"""Drafting: the words of an alert that comes from a change of an advisory. Pure.

A notice quotes the publisher; what we add is only who said it, where it applies, and what became of an earlier notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notify.decide import Decision
from notify.model import AlertDraft, Manner, manner_of
from notify.policy import Action
from notify.routing import by_level
from notify.tables import VersionKind
from notify.texts.values import place_words
from sources.model import Advisory, AdvisoryChange, Card, ChangeKind, Hazard

SAID = {
    4: (("暂勿", "do not travel for now"), ("暂不", "do not travel for now"), ("避免", "avoid travel"), ("撤", "leave"),
        ("离", "leave"), ("回国", "leave"), ("返国", "leave"), ("", "do not travel")),
    3: (("非必要", "avoid non-essential travel"), ("", "travel with caution")),
}  # fmt: skip
"""By level, words of a Chinese publisher's grade and what they say in English; the first that fits counts."""
OVER = {ChangeKind.WITHDRAWN, ChangeKind.EXPIRED}
FALLS = OVER | {ChangeKind.LOWERED}


@dataclass(frozen=True)
class Origin:
    """Where a draft comes from: the change and the numbers of its rows, and the alert it follows, if any.

    Attributes:
        replaces: versions of that alert that nobody was told of and whose place it takes: it is a first word itself.
    """

    change: AdvisoryChange
    change_id: int
    advisory_id: int | None
    as_of: datetime
    follows: int | None = None
    replaces: tuple[int, ...] = ()


def draft_from(
    origin: Origin, decision: Decision, card: Card, channels: tuple[str, ...], policy: str, *, broken_by: int = 4
) -> AlertDraft:
    """Write the draft that a change leads to.

    Args:
        broken_by: the level from which what an officer sends breaks quiet hours.

    What was withdrawn or has expired is not said again: a follow-up that repeats "leave now" would be read as a new order.
    """
    change, advisory = origin.change, origin.change.advisory
    fall = change.kind in FALLS
    title_zh, title_en = _fall_title(change, card) if fall else _title(card, advisory, decision.countries)
    body = "" if change.kind in OVER else advisory.summary
    level = advisory.level if isinstance(advisory.level, int) else None
    route, manner = decision.route, _manner(decision, level, broken_by)
    return AlertDraft(
        kind=_kind(origin), level=level, level_words=advisory.level_words, title_zh=title_zh, title_en=title_en,
        body_zh=body, body_en=body, origin_zh=card.publisher_zh, origin_en=card.publisher,
        url=advisory.url, countries=decision.countries, regions=advisory.places, hazard=hazard_of(advisory),
        as_of=origin.as_of, rule=route.name, policy=policy, template=route.template,
        channels=by_level(channels, level), every_channel=manner.every_channel,
        quiet=manner.quiet, ask_safe=decision.ask_safe, include_doubtful=manner.include_doubtful,
        validity_minutes=route.valid, contacts=advisory.contacts, source_id=card.id, native_id=advisory.native_id,
        change_id=origin.change_id, advisory_id=origin.advisory_id, follows=origin.follows,
        told_only=decision.action is Action.FOLLOW_UP or (fall and origin.follows is not None),
        origin_key=None if origin.follows else f"change/{origin.change_id}", issued_at=advisory.published_at,
    )  # fmt: skip


def _manner(decision: Decision, level: int | None, broken_by: int) -> Manner:
    """Return how it goes out: as the route says; what an officer sends in its place, at least as its level asks for."""
    route = decision.route
    if decision.action is not Action.DRAFT:
        return Manner(route.every_channel, route.quiet, route.doubtful)
    own = manner_of(level, broken_by)
    return Manner(
        route.every_channel or own.every_channel, route.quiet and own.quiet, route.doubtful or own.include_doubtful
    )


def _kind(origin: Origin) -> VersionKind:
    if origin.change.kind in OVER:
        return VersionKind.ALL_CLEAR
    return VersionKind.FIRST if origin.follows is None or origin.replaces else VersionKind.UPDATE


def hazard_of(advisory: Advisory) -> str:
    """Return the hazard an alert from an advisory is about: the first it names."""
    return (advisory.hazards[0] if advisory.hazards else Hazard.OTHER).value


def _title(card: Card, advisory: Advisory, countries: tuple[str, ...]) -> tuple[str, str]:
    """Quote the title; in the other language, say in a few words what it is. Places are named where the text is composed."""
    title, words = advisory.title, advisory.level_words
    if advisory.language.startswith("zh"):
        return title, f'"{title}" ({_in_english(advisory)})'
    where = place_words(countries, "zh")
    grade_zh, grade_en = ("", "") if not words or words in title else (f"（“{words}”）", f' ("{words}")')
    return f"{f'关于{where}的' if where else ''}安全提醒“{title}”{grade_zh}", f"{title}{grade_en}"


def _in_english(advisory: Advisory) -> str:
    """Say what the grade in a Chinese title says."""
    said = SAID.get(advisory.level, ()) if isinstance(advisory.level, int) else ()
    return next((english for word, english in said if word in advisory.level_words), "safety notice")


def _fall_title(change: AdvisoryChange, card: Card) -> tuple[str, str]:
    """Say what became of a notice, and whose it was: these are our words, not the publisher's."""
    advisory, who_zh, who_en = change.advisory, card.publisher_zh, card.publisher
    title, words = advisory.title, advisory.level_words
    meaning = _in_english(advisory) if advisory.language.startswith("zh") else ""
    inside = ": ".join(part for part in (meaning, place_words(advisory.countries, "en")) if part)
    quoted = f'"{title}"' + (f" ({inside})" if inside else "")
    watch_zh, watch_en = "请继续关注当地安全形势", "Please keep watching the situation there"
    if change.kind is ChangeKind.EXPIRED:
        return (
            f"{who_zh}的提醒“{title}”有效期已过，{watch_zh}",
            f"{who_en}: the notice {quoted} is past its validity. {watch_en}",
        )
    if change.kind is ChangeKind.WITHDRAWN:
        return (
            f"{who_zh}已撤下提醒“{title}”，{watch_zh}",
            f"{who_en}: the notice {quoted} was withdrawn by its publisher. {watch_en}",
        )
    grade_zh, grade_en = ("", "") if not words or words in title else (f"（“{words}”）", f' to "{words}"')
    return (
        f"{who_zh}已下调提醒等级，现为“{title}”{grade_zh}，{watch_zh}",
        f"{who_en} lowered its level{grade_en}: {quoted}. {watch_en}",
    )
