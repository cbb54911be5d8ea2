"""What must be true of a reading of mutated bytes: sound objects in time, nothing for a person to trip over, no other meaning."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache

from core.errors import SourceBroken
from core.i18n import Message
from core.places.names import codes
from sources.entries import plain_words
from sources.model import Advisory, Level, Reading
from tests.sources.mutations import Promise
from tests.sources.scenes import Said, said, scenes, truth

SLOWEST = 20.0
"""Seconds of computing that no reading takes, however slow the machine: the pages here take a hundredth of one, and what
grows with the square of a page takes minutes."""
TAG = re.compile(r"</?(?:script|style|iframe|object|svg|img|a|p|div|b|br|ul|li)(?=[\s/>])[^<>]*>", re.IGNORECASE)
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
TWICE = frozenset({("au-dfat", "PE"), ("hk-sb", "BH"), ("us-state", "JM")})
"""Entries that our own pages list twice: without the one that holds, the list says what the other says."""
NO_GRADE = frozenset({"unstated", "unknown"})


def keeps(scene: str, page: str, body: bytes, promise: Promise) -> None:
    """Assert that the scene, read with `body` for one of its pages, keeps a promise.

    Raises:
        AssertionError: it takes too long, gives an unsound object, or says what the undamaged page does not say.
    """
    start = time.process_time()
    try:
        reading = scenes()[scene].read(page, body)
    except SourceBroken as error:
        reading = Reading((), notes=(plain_words(error.message),))
    took = time.process_time() - start
    assert took < SLOWEST, f"{took:.1f} s"
    for one in reading.advisories:
        sound(one)
    clean_words(text for one in reading.quarantined for text in (one.entry, str(one.reason)))
    clean_words(_words(reading.notes))
    known = truth(scene)
    told = {said(one) for one in reading.advisories}
    wrong: list[Said] = []
    if promise is Promise.SAME:
        whole = (set(undamaged(scene).advisories), set(without(scene, page)))
        assert set(reading.advisories) in whole, f"{len(reading.advisories)} entries are left"
    elif promise is Promise.TOLD:
        wrong = [one for one in told - known if one.countries or _graded(one)]
    elif promise is Promise.WEAKER:
        healed = len(reading.quarantined) < len(undamaged(scene).quarantined)
        excused = {
            one for one in told if (scene, one.key) in TWICE or (healed and one.key not in {o.key for o in known})
        }
        wrong = [one for one in told - excused if not any(_weaker(one, other, told, known) for other in known)]
    assert not wrong, wrong


def sound(one: Advisory) -> None:
    """Assert what is true of every advisory: real countries, a web address, aware times, a level, clean words."""
    assert set(one.countries) <= codes()
    assert re.fullmatch(r"https?://[^\s<>\"@]+", one.url)
    assert all(moment is None or moment.tzinfo for moment in (one.published_at, one.updated_at, one.expires_at))
    assert all(level in {1, 2, 3, 4, "unstated", "unknown"} for level in (one.level_national, one.level_regional_max))
    assert one.title
    assert "\n" not in one.title
    words = [one.title, one.summary, one.level_words, one.url, *one.places, *one.unresolved, *one.ambiguous]
    clean_words(words + [text for contact in one.contacts for text in asdict(contact).values()])


def clean_words(texts: Iterable[str]) -> None:
    """Assert that no text holds a tag or a character that nobody sees."""
    dirty = [text for text in texts if TAG.search(text) or UNSEEN.search(text)]
    assert not dirty, dirty


@cache
def undamaged(scene: str) -> Reading:
    """Return the reading of the undamaged pages."""
    page = scenes()[scene].pages[0]
    return scenes()[scene].read(page.name, page.body)


@cache
def without(scene: str, page: str) -> tuple[Advisory, ...]:
    """Return what is told while one page cannot be had."""
    try:
        return scenes()[scene].read(page).advisories
    except SourceBroken:
        return ()


def _words(notes: Iterable[Message]) -> list[str]:
    return [str(note) for note in notes]


def _graded(one: Said) -> bool:
    return not {one.national, one.regional} <= NO_GRADE


def _weaker(one: Said, other: Said, told: set[Said], known: frozenset[Said]) -> bool:
    """Say whether `one` says nothing beyond `other`.

    A joint entry takes over members whose own entry is gone: what nobody else tells any more is not beyond it.
    """
    if one.key != other.key and any(one.key == third.key for third in known):
        return False
    gone = {code for third in known for code in third.countries} - {
        code for third in told - {one} for code in third.countries
    }
    return (
        one.countries <= other.countries | (gone if len(one.countries) > 1 else frozenset())
        and _no_more(one.national, other.national)
        and _no_more(one.regional, other.regional)
    )


def _no_more(one: Level, other: Level) -> bool:
    return one == other or one in NO_GRADE
