"""Drafting: the words of an alert that comes from a change of an advisory. Pure.

A notice quotes the publisher; what we add is only who said it, where it applies, and what became of an earlier notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notify.compose import place_words
from notify.decide import Decision
from notify.model import AlertDraft
from notify.tables import VersionKind
from sources.model import Advisory, AdvisoryChange, Card, ChangeKind, Hazard

LEVEL_ZH = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}
MFA_ENGLISH = {"暂勿前往": "do not travel for now", "谨慎前往": "travel with caution", "注意安全": "stay alert"}
FALLS = {ChangeKind.LOWERED, ChangeKind.WITHDRAWN, ChangeKind.EXPIRED}


@dataclass(frozen=True)
class Origin:
    """Where a draft comes from: the change and the numbers of its rows, and the alert it follows, if any."""

    change: AdvisoryChange
    change_id: int
    advisory_id: int | None
    as_of: datetime
    follows: int | None = None


def draft_from(origin: Origin, decision: Decision, card: Card, channels: tuple[str, ...], policy: str) -> AlertDraft:
    """Write the draft that a change leads to."""
    change, advisory = origin.change, origin.change.advisory
    kind = _kind(origin)
    title_zh, title_en = (
        _follow_up_title(change) if change.kind in FALLS else _title(card, advisory, decision.countries)
    )
    level = advisory.level if isinstance(advisory.level, int) else None
    route = decision.route
    return AlertDraft(
        kind=kind, level=level, level_words=advisory.level_words, title_zh=title_zh, title_en=title_en,
        body_zh=advisory.summary, body_en=advisory.summary, origin_zh=card.publisher_zh, origin_en=card.publisher,
        url=advisory.url, countries=decision.countries, regions=advisory.places, hazard=_hazard(advisory),
        as_of=origin.as_of, rule=route.name, policy=policy, channels=channels, every_channel=route.every_channel,
        quiet=route.quiet, ask_safe=decision.ask_safe, include_doubtful=route.doubtful,
        validity_minutes=route.valid, contacts=advisory.contacts, source_id=card.id, native_id=advisory.native_id,
        change_id=origin.change_id, advisory_id=origin.advisory_id, follows=origin.follows,
        origin_key=None if origin.follows else f"change/{origin.change_id}", issued_at=advisory.published_at,
    )  # fmt: skip


def _kind(origin: Origin) -> VersionKind:
    if origin.change.kind in {ChangeKind.WITHDRAWN, ChangeKind.EXPIRED}:
        return VersionKind.ALL_CLEAR
    return VersionKind.FIRST if origin.follows is None else VersionKind.UPDATE


def _hazard(advisory: Advisory) -> str:
    return (advisory.hazards[0] if advisory.hazards else Hazard.OTHER).value


def _title(card: Card, advisory: Advisory, countries: tuple[str, ...]) -> tuple[str, str]:
    if advisory.language.startswith("zh"):
        words = next((MFA_ENGLISH[w] for w in MFA_ENGLISH if w in advisory.level_words), "safety notice")
        where = place_words(countries, "en") or "worldwide"
        return advisory.title, f'"{advisory.title}" ({words}: {where})'
    where = place_words(countries, "zh") or "全球"
    level = f"（对应{LEVEL_ZH[advisory.level]}）" if isinstance(advisory.level, int) else ""
    words = f"：“{advisory.level_words}”" if advisory.level_words else ""
    return f"{card.publisher_zh}关于{where}的提醒{words}{level}", advisory.title


def _follow_up_title(change: AdvisoryChange) -> tuple[str, str]:
    title = change.advisory.title
    if change.kind is ChangeKind.EXPIRED:
        return (
            f"“{title}”有效期已过，请继续关注当地安全形势",
            f'"{title}" has reached the end of its validity; keep watching the situation',
        )
    if change.kind is ChangeKind.WITHDRAWN:
        return (
            f"“{title}”已由发布方撤下，请继续关注当地安全形势",
            f'"{title}" was withdrawn by its publisher; keep watching the situation',
        )
    words = change.advisory.level_words
    return f"“{title}”等级已由发布方下调{f'为“{words}”' if words else ''}", f'"{title}": level lowered by its publisher'
