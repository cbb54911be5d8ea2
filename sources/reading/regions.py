"""Whether a level holds for a whole country or for a part of it only, and how the part is worded. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.places.gazetteer import Kind
from core.places.spans import Role, Span
from sources.reading import grammar


def counts(span: Span) -> bool:
    """Say whether a place word can be what a verb governs: no issuer, nationality, landmark or blocked phrase."""
    return span.role is Role.PLACE and span.kind is not Kind.NOT


def regional_of(text: str, spans: Sequence[Span], object_at: int) -> tuple[bool, tuple[str, ...]]:
    """Say whether the level holds for a part only, and return the words for the parts as written.

    Args:
        object_at: where the object of the graded verb begins; places before it count only if none follows. -1: there is
            no graded verb, and only the places that people are said to be in or to go to count (在…, 赴…).
    """
    counted = [span for span in spans if counts(span) and span.kind is not Kind.REGION]
    ahead = [span for span in counted if span.start >= object_at]
    unnamed = None if object_at < 0 or _is_named(text, ahead, object_at) else grammar.PART_OBJECT.match(text, object_at)
    if unnamed is not None:
        return True, (unnamed["part"],)
    ahead = ahead or counted
    groups = _groups(text, ahead)
    parts = [_part_words(text, group) for group in groups]
    found = tuple(dict.fromkeys(word for part in parts for word in part))
    if object_at < 0:
        pairs = zip(parts, groups, strict=True)
        parts = [part for part, group in pairs if grammar.SENT_TO.search(text[: group[0].start])]
    return bool(parts) and all(parts), found


def _is_named(text: str, ahead: Sequence[Span], object_at: int) -> bool:
    """Say whether the clause that the verb governs names a place that we know."""
    clause = grammar.CLAUSE_END.split(text[object_at:], maxsplit=1)[0]
    return any(span.start < object_at + len(clause) for span in ahead)


def _groups(text: str, spans: Sequence[Span]) -> list[list[Span]]:
    """Put places that share one tail together: a list before 边境, and a country with its own city (日本东京)."""
    groups: list[list[Span]] = []
    for span in spans:
        last = groups[-1][-1] if groups else None
        joined = last is not None and grammar.JOIN.fullmatch(text, last.end, span.start) is not None
        own = (
            last is not None
            and span.kind is Kind.PART
            and set(span.codes) <= set(last.codes)
            and span.start - last.end <= 6
        )
        if groups and last is not None and (own or (joined and grammar.LIST_TAIL.match(text, span.end))):
            groups[-1].append(span)
        else:
            groups.append([span])
    return _merged(text, groups)


def _merged(text: str, groups: list[list[Span]]) -> list[list[Span]]:
    """Join earlier members of a list to the group whose tail (边境) speaks for all of them."""
    merged: list[list[Span]] = []
    for group in reversed(groups):
        following = merged[-1] if merged else None
        if (
            following is not None
            and grammar.JOIN.fullmatch(text, group[-1].end, following[0].start)
            and grammar.LIST_TAIL.match(text, following[-1].end)
        ):
            following[:0] = group
        else:
            merged.append(group)
    return merged[::-1]


def _part_words(text: str, group: Sequence[Span]) -> tuple[str, ...]:
    """Return the region words of a group of places, none if a whole country is meant."""
    last = group[-1]
    tail = grammar.PART_TAIL.match(text, last.end)
    named = [span.word for span in group if span.kind is Kind.PART]
    if tail is not None:
        said = grammar.PART_WORDS.match(text, last.end) or tail
        if last.kind is Kind.PART:
            return (*named[:-1], last.word + said[0])
        return (*named, said[0])
    return tuple(named) if named and last.kind is Kind.PART else ()
