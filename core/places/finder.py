"""Which countries and places a text, or a feed's country field, refers to. Pure; the automaton is built once.

Longest match first, no overlaps, whole words in Latin, Katakana and Hangul, case-sensitive (`turkey` is a bird).
What may be several countries is reported as ambiguous, an area without one country as unresolved: never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import ahocorasick

from core.places.gazetteer import Entry, Kind, fields, guards, words
from core.places.normal import key, normalise
from core.places.shorts import candidates, short_names, short_pairs
from core.places.spans import Role, Span, settled, with_roles


@dataclass(frozen=True)
class Found:
    """What a text refers to.

    Attributes:
        countries: codes in order of appearance, each once.
        places: region and city words as written.
        worldwide: the text names no place and speaks to people abroad in general.
        ambiguous: words with several possible countries, as `乌: UA UZ UG UY`.
        unresolved: words for areas without one country (印度洋, Sahel), and nationalities and speakers if nothing else was named.
        spans: every place word, by position in `text`.
        text: the normalised text that `spans` refers to.
    """

    countries: tuple[str, ...]
    places: tuple[str, ...]
    worldwide: bool
    ambiguous: tuple[str, ...]
    unresolved: tuple[str, ...]
    spans: tuple[Span, ...]
    text: str


_LIST = re.compile(r"\s*(?:,| and | und | et |&|/|;|、|和|及|与)\s*")
_WORLD = re.compile(r"全球|世界|海外|境外|国外|出境|出国|旅外|在外|赴外|各国|[Ww]orld-?wide|[Gg]lobal|[Aa]broad")
_LETTER = re.compile(r"[A-Za-zÀ-ɏЀ-ӿ]")
_CHINA = frozenset({"CN", "HK", "MO", "TW"})


def find(text: str, *, host: str | None = None) -> Found:
    """Find the places `text` refers to.

    Args:
        host: ISO code of the country where the issuing post sits; settles ambiguous one-character names.
    """
    flat = normalise(text)
    return gather(flat, settled(with_roles(_select(flat), flat), host))


def gather(text: str, spans: Iterable[Span]) -> Found:
    """Sum up the spans of a normalised text: nationalities and landmarks name no place."""
    kept = tuple(spans)
    meant = [span for span in kept if span.role in (Role.PLACE, Role.ISSUER)]
    clear = [span for span in meant if span.kind in (Kind.NAME, Kind.PART)]
    countries = tuple(dict.fromkeys(code for span in clear for code in span.codes))
    ambiguous = tuple(
        dict.fromkeys(f"{span.word}: {' '.join(span.codes)}" for span in meant if span.kind is Kind.EITHER)
    )
    unresolved = tuple(dict.fromkeys(span.word for span in meant if span.kind is Kind.REGION))
    if not countries and not ambiguous and not unresolved:
        people = [
            span for span in kept if span.role in (Role.PEOPLE, Role.SPEAKER) and not _CHINA.intersection(span.codes)
        ]
        unresolved = tuple(dict.fromkeys(span.word for span in people))
    nowhere = not (countries or ambiguous or unresolved)
    return Found(
        countries=countries,
        places=tuple(dict.fromkeys(span.word for span in clear if span.kind is Kind.PART and span.role is Role.PLACE)),
        worldwide=nowhere and _WORLD.search(text) is not None,
        ambiguous=ambiguous,
        unresolved=unresolved,
        spans=kept,
        text=text,
    )


def resolve(name: str) -> tuple[str, ...]:
    """Return the country codes of a feed's own country field, taken as a whole; () if it is not known.

    A joint name (`Israel, the West Bank and Gaza`) gives several codes. A field that is no known name but has one in it
    (`Southeast Of Honshu, Japan`) is read as a text, and counts only if nothing in it is in doubt.
    """
    entry = _field(name)
    if entry is not None:
        return entry.codes
    parts = [part for part in _LIST.split(normalise(name)) if part.strip()]
    known = [_field(part) for part in parts]
    if len(parts) > 1 and all(known):
        return tuple(dict.fromkeys(code for one in known if one is not None for code in one.codes))
    found = find(name)
    return () if found.ambiguous or found.unresolved else found.countries


def is_part(name: str) -> bool:
    """Say whether `name` is known as a part of a country (Saba, Azores, Somaliland) rather than a country itself."""
    entry = _field(name)
    return entry is not None and entry.kind is Kind.PART


def _field(name: str) -> Entry | None:
    """Return the entry of a whole field, also without a trailing bracket; one that is ambiguous or no place is None."""
    for form in (name, re.sub(r"\s*[(（][^)）]*[)）]\s*$", "", normalise(name))):
        entry = fields().get(key(form))
        if entry is not None and entry.kind in (Kind.NAME, Kind.PART, Kind.FIELD):
            return entry
        if entry is not None:
            return None
    return None


@cache
def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word, entry in words().items():
        automaton.add_word(word, (word, entry))
    automaton.make_automaton()
    return automaton


def _select(text: str) -> list[Span]:
    """Return the chosen spans: leftmost, then longest, then those of one-character names where no name stands."""
    hits = []
    for last, (word, entry) in _automaton().iter(text):
        start = last - len(word) + 1
        if _whole(text, start, last + 1, word):
            hits.append(Span(start, last + 1, word, entry.kind, entry.codes))
    hits += [Span(start, end, text[start:end], Kind.NAME, codes) for start, end, codes in short_pairs(text)]
    chosen: list[Span] = []
    for span in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not chosen or span.start >= chosen[-1].end:
            chosen.append(span)
    return sorted(chosen + _shorts(text, chosen), key=lambda span: span.start)


def _shorts(text: str, chosen: list[Span]) -> list[Span]:
    taken = {at for span in chosen for at in range(span.start, span.end)}
    found = []
    for start, end, issuer in short_names(text):
        if start not in taken:
            codes = candidates(text[start:end])
            kind = Kind.NAME if len(codes) == 1 else Kind.EITHER
            found.append(Span(start, end, text[start:end], kind, codes, Role.ISSUER if issuer else Role.PLACE))
    return found


def _whole(text: str, start: int, end: int, word: str) -> bool:
    """Say whether the match stands as a word of its own: letters and Katakana need an edge, some names a guard."""
    before, after = text[start - 1 : start], text[end : end + 1]
    guard = guards().get(word)
    if guard is not None and not guard.allows(before, after):
        return False
    return not (_glued(before, word[0]) or (_glued(word[-1], after) and not "\uac00" <= after <= "\ud7a3"))


def _glued(left: str, right: str) -> bool:
    """Say whether two neighbouring characters belong to one word, for scripts where that can be told."""
    if not left or not right:
        return False
    return any(script(left) and script(right) for script in (_letter, _katakana, _hangul))


def _letter(char: str) -> bool:
    return _LETTER.match(char) is not None


def _katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30fa" or char == "\u30fc"


def _hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"
