"""Which country an abbreviation means where the title leaves it open (提醒在乌中国公民): what the countries' own recent
notices show. Pure.

A source that has just warned of the same danger in exactly one of the candidates, by its full name, means that one. With
two such candidates, or none, an officer must choose: nothing is guessed. What was settled once stays so. A settled notice
still says what it was settled from (`乌: UA`), so that no rule sends it: the draft has its country, and an officer its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from core.i18n import Message, t
from core.places.names import display
from sources.model import Advisory, Hazard, Reading

RECENT = timedelta(days=30)
"""How far back a notice explains another: the pace of a crisis. Notices of a season earlier are of another one."""
_CHINESE = "zh"


def settle(reading: Reading, known: Mapping[str, Advisory]) -> Reading:
    """Resolve the open abbreviations of a reading of a Chinese source.

    Args:
        known: what the source said at the last good read, by key.

    Returns:
        The reading, each settled notice with its country, and a note for each that says by what it was settled.
    """
    shown = {**known, **{one.native_id: one for one in reading.advisories}}
    clear = [one for one in shown.values() if one.countries and not one.ambiguous and one.published_at is not None]
    notes: list[Message] = []
    advisories = tuple(_settled(one, known.get(one.native_id), clear, notes) for one in reading.advisories)
    return replace(reading, advisories=advisories, notes=(*reading.notes, *notes))


def _settled(one: Advisory, before: Advisory | None, clear: list[Advisory], notes: list[Message]) -> Advisory:
    if not one.ambiguous or one.language != _CHINESE:
        return one
    if before is not None and before.title == one.title:
        return replace(one, countries=before.countries, ambiguous=before.ambiguous)
    found, left = set(one.countries), []
    for said in one.ambiguous:
        word, _, codes = said.partition(": ")
        # What names countries of the notice itself is a doubt of another kind (two grades in one title): no notice settles it.
        meant = {} if found.issuperset(codes.split()) else _meant(one, set(codes.split()), clear)
        if len(meant) == 1:
            ((code, proof),) = meant.items()
            found.add(code)
            left.append(f"{word}: {code}")
            notes.append(t("{title}: {word} was read as {country}, as in {other}.", title=one.title, word=word,
                           country=f"{display(code, 'zh')} ({code})", other=proof.title))  # fmt: skip
        else:
            left.append(said)
    return replace(one, countries=tuple(sorted(found)), ambiguous=tuple(left))


def _meant(one: Advisory, candidates: set[str], clear: Iterable[Advisory]) -> dict[str, Advisory]:
    """Return the candidates that recent notices warned about for the same danger, each with the notice that shows it."""
    dangers = set(one.hazards) - {Hazard.OTHER}
    if one.published_at is None or not dangers:
        return {}
    found: dict[str, Advisory] = {}
    for other in clear:
        assert other.published_at is not None
        recent = timedelta() <= one.published_at - other.published_at <= RECENT
        if recent and dangers & set(other.hazards):
            found.update(dict.fromkeys(candidates & set(other.countries), other))
    return found
