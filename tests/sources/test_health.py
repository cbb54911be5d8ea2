"""What is wrong with a source, from the sentence of its fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import SourceBroken
from core.i18n import Message, t
from sources.check import check
from sources.fetch import refusal, timed_out
from sources.formats import read_feed, read_html, read_json, wrong_shape
from sources.health import Ailment, advice, ailment, name
from sources.model import Capture, Grade, Reading
from sources.wire import load_message, message_json
from tests.sources.made import LIST_URL, NIGHT, STATE, advisory, reading, unreadable

CARD = replace(STATE, entries=(3, 10), known_levels=2, stale_after=timedelta(days=5))
FULL = tuple(advisory(key, updated_at=NIGHT) for key in "abcdef")


def disbelief(found: Reading, before: int | None = None) -> Message:
    """Return why a reading is not believed."""
    with pytest.raises(SourceBroken) as raised:
        check(CARD, found, NIGHT, before)
    return raised.value.message


def page(body: bytes) -> Capture:
    """Return bytes as the answer of the list's address."""
    return Capture("one", LIST_URL, NIGHT, body)


def refused(body: bytes, how: object) -> Message:
    """Return why bytes are refused by one of the readers of formats."""
    assert callable(how)
    with pytest.raises(SourceBroken) as raised:
        how(page(body))
    return raised.value.message


OLD = tuple(replace(one, updated_at=NIGHT - timedelta(days=9)) for one in FULL)
CASES = [
    (refusal(STATE, LIST_URL, 403).message, Ailment.BLOCKED),
    (refusal(STATE, LIST_URL, 404).message, Ailment.MOVED),
    (refusal(STATE, LIST_URL, 503).message, Ailment.UNREACHABLE),
    (refusal(STATE, LIST_URL, 418).message, Ailment.OTHER),
    (timed_out(STATE, LIST_URL).message, Ailment.UNREACHABLE),
    (disbelief(reading()), Ailment.EMPTY),
    (disbelief(reading(*FULL[:2])), Ailment.FEWER),
    (disbelief(reading(*FULL[:4]), 6), Ailment.FEWER),
    (disbelief(reading(*FULL), 3), Ailment.MORE),
    (disbelief(reading(*(advisory(str(n)) for n in range(11)))), Ailment.MORE),
    (disbelief(reading(*OLD)), Ailment.FROZEN),
    (disbelief(reading(*(advisory(key) for key in "abcd"))), Ailment.CHANGED),
    (disbelief(reading(*(replace(one, level_national=Grade.UNKNOWN) for one in FULL))), Ailment.WORDS),
    (disbelief(reading(*FULL[:4], quarantined=(unreadable("a"), unreadable("b")))), Ailment.WORDS),
    (disbelief(reading(*FULL, FULL[0])), Ailment.CHANGED),
    (wrong_shape(page(b""), t("an HTML page")).message, Ailment.CHANGED),
    (refused(b"<html>", read_json), Ailment.CHANGED),
    (refused(b"<rss>", read_feed), Ailment.CHANGED),
    (refused(b"<div>" * 500, read_html), Ailment.CHANGED),
    (refused(b"<p>\xff", read_html), Ailment.CHANGED),
]


@pytest.mark.parametrize(("reason", "expected"), CASES, ids=lambda one: None if isinstance(one, Message) else str(one))
def test_a_fault_is_known_fresh_and_from_the_database(reason: Message, expected: Ailment) -> None:
    """The sentences that are raised are the ones that are known, also after they were stored as JSON."""
    assert ailment(reason) is expected
    assert ailment(load_message(message_json(reason))) is expected


@pytest.mark.parametrize("found", Ailment)
def test_every_ailment_has_a_word_and_advice_in_both_languages(found: Ailment) -> None:
    """Nobody is left with a word alone: each ailment says what to do."""
    for said in (name(found), advice(found)):
        assert said.render("en") != said.render("zh")
