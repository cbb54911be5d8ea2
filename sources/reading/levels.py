"""Which level the words of a Chinese (or English) reminder state. Pure.

The ministry's grades are 注意安全 (2), 谨慎前往 (3) and 暂勿前往 (4). A verb counts only if it governs travel to the
place: 避免前往人群密集场所 and 谨慎赴X娶妻 are advice on conduct, hence level 2. What is no reminder states none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.places.spans import Role, Span
from sources.model import Grade, Level
from sources.reading import grammar, lifted
from sources.reading.regions import counts


@dataclass(frozen=True)
class LevelReading:
    """A level, the words that state it, and where in the text the object of the verb begins (-1: no graded verb)."""

    level: Level
    words: str = ""
    object_at: int = -1


def level_of(text: str, spans: Sequence[Span]) -> LevelReading:
    """Read the level of a normalised title with its place grammar.

    The highest level stated counts. A reminder without a graded verb is level 2 (注意安全); what is no safety reminder
    is `Grade.UNSTATED`. A title that lifts, denies or changes a grade is `Grade.UNKNOWN`: an officer says what holds.
    """
    stated = grades_of(text, spans)
    if stated:
        words = lifted.lifting(text)
        return _unknown(text, words, stated) if words else max(stated, key=lambda one: (int(one.level), -one.object_at))
    words = lifted.ends(text)
    return _unknown(text, words, ()) if words else _reminder(text)


def grades_of(text: str, spans: Sequence[Span]) -> tuple[LevelReading, ...]:
    """Return every grade of going (3 or 4) that the title states, in the order of the text."""
    do_not = [one for pattern in grammar.DO_NOT_GO for one in _graded(text, spans, 4, pattern)]
    care = [one for pattern in grammar.GO_WITH_CARE for one in _graded(text, spans, 3, pattern)]
    first = {one.object_at: one for one in reversed((*do_not, *_told(text), *care))}
    return tuple(first[at] for at in sorted(first))


def _unknown(text: str, words: str, stated: Sequence[LevelReading]) -> LevelReading:
    """Return the level of a title whose grades do not hold, with the stretch of it that an officer should see."""
    at = text.find(words)
    starts = [one.object_at - len(one.words) for one in stated]
    return LevelReading(
        Grade.UNKNOWN, text[min((at, *starts)) : max((at + len(words), *(one.object_at for one in stated)))]
    )


def _graded(text: str, spans: Sequence[Span], level: int, pattern: re.Pattern[str]) -> list[LevelReading]:
    return [
        LevelReading(level, match["verb"], match.end())
        for match in pattern.finditer(text)
        if _governs(text, match.end(), spans) and not grammar.NEGATED_GRADE.search(text[: match.start()])
    ]


def _told(text: str) -> list[LevelReading]:
    """Return the orders to leave: 尽快撤离, and 立即疏散 and its kin."""
    urged = [match for match in grammar.LEAVE.finditer(text) if _is_urged(text, match)]
    moved = [match for match in grammar.EVACUATE.finditer(text) if not _is_undone(text, match)]
    return [LevelReading(4, match["verb"], match.end()) for match in (*urged, *moved)]


def _is_undone(text: str, match: re.Match[str]) -> bool:
    """Say whether the order is denied (无需撤离) or reported as done (已撤离)."""
    before = text[: match.start("leave")]
    return grammar.NEGATED.search(before) is not None or grammar.LEFT.search(before[-10:]) is not None


def _reminder(text: str) -> LevelReading:
    for level, pattern in grammar.ENGLISH:
        if match := pattern.search(text):
            return LevelReading(level, match[0])
    match = grammar.REMIND.search(text) or _told_to_leave(text)
    if match is None or (grammar.OFFICE.search(text) and not grammar.STRONG_REMIND.search(text)):
        return LevelReading(Grade.UNSTATED)
    return LevelReading(2, match[0])


def _told_to_leave(text: str) -> re.Match[str] | None:
    """Return a word of leaving that is no news of people who left."""
    matches = re.finditer("撤离|离境", text)
    return next((m for m in matches if not grammar.LEFT.search(text[max(0, m.start() - 14) : m.start()])), None)


def _is_urged(text: str, match: re.Match[str]) -> bool:
    """Say whether people are told to leave, rather than told that somebody left or how to leave a place in town."""
    at, after = match.start("leave"), text[match.end() :]
    if _is_undone(text, match) or grammar.LEFT_AFTER.match(after):
        return False
    if grammar.CONDITION.search(text[max(0, match.start() - 10) : at]):
        return False
    object_ = grammar.CLAUSE_END.split(after, maxsplit=1)[0]
    if grammar.VENUE.search(object_):
        return False
    soft = grammar.MILD.match(match["verb"]) and match["leave"] in ("离开", "回国", "离境")
    return not soft or grammar.HASTE.search(match["verb"]) is not None


def _governs(text: str, at: int, spans: Sequence[Span]) -> bool:
    """Say whether the verb that ends at `at` governs travel to a place: one follows, or nothing does."""
    rest = grammar.CLAUSE_END.split(text[at : at + 40], maxsplit=1)[0]
    ahead = [span for span in spans if at <= span.start < at + len(rest) and counts(span)]
    if ahead:
        last = _list_end(text, ahead)
        tail = text[last : at + len(rest)]
        conduct = grammar.CONDUCT.match(tail) and not grammar.TRAVEL_PURPOSE.match(tail)
        return not conduct and grammar.VENUE.search(tail) is None
    if grammar.VENUE.search(rest) or grammar.CONDUCT.match(rest):
        return False
    if not rest.strip() or grammar.AREA.search(rest) or grammar.TRAVEL_PURPOSE.match(rest):
        return True
    named = any(counts(span) or span.role is Role.ISSUER for span in spans)
    return named and grammar.PART_OBJECT.match(rest) is not None


def _list_end(text: str, ahead: Sequence[Span]) -> int:
    """Return where the list of places that begins with the first of `ahead` ends (塔吉克斯坦和阿富汗)."""
    end = ahead[0].end
    for span in ahead[1:]:
        if not grammar.JOIN.fullmatch(text, end, span.start):
            break
        end = span.end
    return end
