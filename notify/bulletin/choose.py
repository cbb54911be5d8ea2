"""Which changes of a week stand in the bulletin, and in which section. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core.i18n import Language
from notify.bulletin.model import Graded, Item
from sources.copies import same_notice
from sources.model import Advisory, Authority, Card, ChangeKind
from sources.store import StoredChange

NEWS = frozenset(
    {
        ChangeKind.NEW,
        ChangeKind.RAISED,
        ChangeKind.REWORDED,
        ChangeKind.LOWERED,
        ChangeKind.WITHDRAWN,
        ChangeKind.EXPIRED,
    }
)
MOVES = frozenset({ChangeKind.NEW, ChangeKind.RAISED, ChangeKind.LOWERED})
PEER_FROM, TIER_FROM = 3, 2
"""A new entry of another government counts from this level, an event from this tier."""
LONGEST = 160
"""Characters of a publisher's text in the bulletin; the link leads to the whole."""
_SENTENCE = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n")


def items(
    changes: Sequence[StoredChange], cards: Mapping[str, Card], authority: Authority, language: Language, zone: str
) -> tuple[Item, ...]:
    """Return what publishers of one authority said or moved, each entry once with its newest change, by country.

    What was not confirmed, is held, or was dismissed by an officer is none of it.
    """
    newest: dict[tuple[str, str], StoredChange] = {}
    for one in changes:
        card = cards.get(one.change.source)
        if card is not None and card.authority is authority and one.change.confirmed and not one.change.held:
            key = (one.change.source, one.change.native_id)
            newest[key] = _together(newest.get(key), one)
    chosen = [one for one in newest.values() if _counts(one, authority)]
    if authority is Authority.HOME:
        chosen = _without_copies(chosen)
    found = [_item(one, cards[one.change.source], language, zone) for one in chosen]
    return tuple(sorted(found, key=lambda one: (one.countries[:1] or ("~",), one.day, one.publisher, one.title)))


def _together(before: StoredChange | None, now: StoredChange) -> StoredChange:
    """Return the change to tell of an entry that changed before in this week: a date that moved hides no news."""
    return before if before is not None and now.change.kind is ChangeKind.TOUCHED else now


def _counts(one: StoredChange, authority: Authority) -> bool:
    change = one.change
    if authority is Authority.HOME:
        return change.kind in NEWS
    if authority is Authority.HAZARD:
        return change.kind in MOVES and (change.advisory.tier or 0) >= TIER_FROM
    level = change.advisory.level
    moved = change.before is not None and change.before.level != level
    return change.kind in MOVES and (
        moved or (change.kind is ChangeKind.NEW and isinstance(level, int) and level >= PEER_FROM)
    )


def _without_copies(chosen: Sequence[StoredChange]) -> list[StoredChange]:
    """Leave out what a mirror or an embassy printed again: the first in the order of the sources stays."""
    found: list[StoredChange] = []
    for one in chosen:
        if not any(same_notice(one.change.advisory, other.change.advisory) for other in found):
            found.append(one)
    return found


def _item(one: StoredChange, card: Card, language: Language, zone: str) -> Item:
    change, said = one.change, one.change.advisory
    day = (said.published_at or said.updated_at or one.as_of).astimezone(ZoneInfo(zone)).date()
    words = excerpt(said.summary) if card.authority is not Authority.PEER else said.level_words
    return Item(
        change.kind, said.countries, said.title, words, card.publisher_zh if language == "zh" else card.publisher,
        said.url, day, None if change.before is None else change.before.level, None if change.after is None else change.after.level,
        said.worldwide,
    )  # fmt: skip


def excerpt(text: str) -> str:
    """Return the first sentences of a text that fit, whole; a first sentence that is too long is cut and marked."""
    found = ""
    for part in _SENTENCE.split(text):
        sentence = " ".join(part.split())
        if found and len(found) + len(sentence) > LONGEST:
            break
        found += sentence if not found or found[-1] in "。！？" else f" {sentence}"
    return found if len(found) <= LONGEST else found[: LONGEST - 1] + "…"


def grades(standing: Sequence[Advisory], now: datetime) -> tuple[Graded, ...]:
    """Return the grades that stand, in the publishers' own words: of a country the newest one; the highest grade first.

    Args:
        standing: entries of home authorities that are neither gone nor expired.
    """
    newest: dict[str, Advisory] = {}
    for one in sorted(standing, key=_issued):
        over = one.expires_at is not None and one.expires_at <= now
        if isinstance(one.level_national, int) and one.level_words and not over:
            newest |= dict.fromkeys(one.countries, one)
    groups: dict[tuple[int, str], list[str]] = {}
    for code, one in newest.items():
        assert isinstance(one.level_national, int)
        groups.setdefault((one.level_national, one.level_words), []).append(code)
    ordered = sorted(groups, key=lambda key: (-key[0], key[1]))
    return tuple(Graded(level, words, tuple(sorted(groups[level, words]))) for level, words in ordered)


def _issued(one: Advisory) -> float:
    moment = one.published_at or one.updated_at
    return 0.0 if moment is None else moment.timestamp()
