"""What makes a title too doubtful to be sent by rule although its words are clear one by one. Pure.

Each doubt reads `words: CODES`, like an open abbreviation, and makes the notice a draft at most: several grades for
several countries (who gets which?), a grade beside which other countries are named, a place that is reversed
(马里以外地区), another government that warns its own people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.places.finder import Found
from core.places.gazetteer import Kind
from core.places.spans import Role, Span
from sources.reading import grammar
from sources.reading.levels import LevelReading, grades_of
from sources.reading.regions import counts

_BODY = re.compile(
    r"[^,，。;；:：!！?？、和与及\s]{0,10}?(?:外交部|外务省|外务部|国?务院|国?务卿|外长|总统|总理|首相|政府|国?防部|当局|保安局|外事部门|外交部门|旅游局|卫生部|使领馆|使馆|领馆|领事馆)"
)
_WARNS = "(?:提醒|警告|呼吁|敦促|要求|建议|促|下令|[:：])"
_UNNAMED = re.compile(
    r"(?:[美英法德日韩俄加澳印泰越意西以]{1,3}(?:等国|等多国|两国)?(?:驻[^,，。;；:：!！?？\s]{1,6}?)?"
    r"|多国|数国|等国|西方国家|外国|欧盟|联合国|北约)(?:国务院|外交部|外务省|政府|大使馆|使馆|领馆)"
    rf"(?=[^,，。;；:：!！?？\s]{{0,10}}?{_WARNS})"
    rf"|(?:多国|数国|西方国家|欧盟|联合国|北约)(?=(?:已|紧急|纷纷|相继|再次|联合)*{_WARNS})"
)
"""Governments named by one character each, or not at all (美外交部, 美英等国政府, 多国)."""
_OURS = re.compile(r"驻[^,，。;；:：!！?？\s]{0,12}$")
"""Before such a word: it is part of the name of our post (驻巴西使馆, 驻泰国等国使馆)."""


def doubts_of(found: Found) -> tuple[str, ...]:
    """Return why an officer must decide about a title that has countries, as `words: CODES`; none if it is clear."""
    codes = " ".join(sorted(found.countries))
    if not codes:
        return ()
    grades = grades_of(found.text, found.spans)
    several = _several_grades(found, grades) or _beyond(found, grades)
    words = (*several, *_reversed(found), *_speakers(found, grades))
    return tuple(dict.fromkeys(f"{word}: {codes}" for word in words))


def _several_grades(found: Found, grades: Sequence[LevelReading]) -> tuple[str, ...]:
    """Return the words of different grades in a title about several countries, joined: which country has which?"""
    if not grades or len(set(found.countries)) < 2:
        return ()
    words = [one.words for one in grades]
    mild = _attention(found, grades)
    if len({one.level for one in grades}) == 1 and not mild:
        return ()
    return ("/".join(dict.fromkeys((*words, *mild))),)


def _attention(found: Found, grades: Sequence[LevelReading]) -> tuple[str, ...]:
    """Return the words of level 2 of clauses about countries of their own (…，在Y的注意安全)."""
    graded = {_clause(found.text, one.object_at - 1) for one in grades}
    words, theirs = [], _codes(found, graded)
    for match in grammar.ATTENTION.finditer(found.text):
        clause = _clause(found.text, match.start())
        if clause not in graded and _codes(found, {clause}) - theirs:
            words.append(match[0])
    return tuple(words)


def _beyond(found: Found, grades: Sequence[LevelReading]) -> tuple[str, ...]:
    """Return the words of a grade whose clause names fewer countries than the title (A对B发动空袭 提醒在B中国公民撤离)."""
    graded = {_clause(found.text, one.object_at - 1) for one in grades}
    theirs = _codes(found, graded)
    return tuple(dict.fromkeys(one.words for one in grades)) if theirs and set(found.countries) - theirs else ()


def _reversed(found: Found) -> tuple[str, ...]:
    """Return the whole countries that are excepted rather than meant (马里以外地区)."""
    whole = [span for span in found.spans if counts(span) and span.kind is Kind.NAME]
    said = ((span.word, grammar.EXCEPT.match(found.text, span.end)) for span in whole)
    return tuple(word + match[0] for word, match in said if match)


def _speakers(found: Found, grades: Sequence[LevelReading]) -> tuple[str, ...]:
    """Return the other governments that speak, unless one only speaks of its own country beside our own grade."""
    graded = {_clause(found.text, one.object_at - 1) for one in grades}
    speaking = [span for span in found.spans if span.role is Role.SPEAKER]
    theirs = [span for span in speaking if not _at_home(span, found, graded)]
    named = [span.word + (body[0] if (body := _BODY.match(found.text, span.end)) else "") for span in theirs]
    return (*named, *_unnamed(found))


def _unnamed(found: Found) -> list[str]:
    taken = {at for span in found.spans if len(span.word) > 1 for at in range(span.start, span.end)}
    free = [match for match in _UNNAMED.finditer(found.text) if match.start() not in taken]
    return [match[0] for match in free if not _OURS.search(found.text[: match.start()])]


def _at_home(span: Span, found: Found, graded: set[tuple[int, int]]) -> bool:
    return bool(graded) and set(span.codes) <= set(found.countries) and _clause(found.text, span.start) not in graded


def _codes(found: Found, clauses: set[tuple[int, int]]) -> set[str]:
    meant = [span for span in found.spans if counts(span) or span.role is Role.ISSUER]
    within = [span for span in meant if _clause(found.text, span.start) in clauses]
    return {code for span in within for code in span.codes}


def _clause(text: str, at: int) -> tuple[int, int]:
    """Return where the clause around the position `at` begins and ends."""
    start = max((match.end() for match in grammar.CLAUSE_END.finditer(text, 0, max(at, 0))), default=0)
    end = grammar.CLAUSE_END.search(text, max(at, 0))
    return start, end.start() if end else len(text)
