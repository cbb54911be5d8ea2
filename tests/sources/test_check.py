"""Is a reading believable?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import SourceBroken
from core.i18n import t
from sources.check import check
from sources.model import Advisory, Authority, Card, Quarantined, Reading, Shape

NIGHT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
CARD = Card(
    id="one",
    publisher="One",
    publisher_zh="一",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url="https://one.example/",
    hosts=("one.example",),
    language="en",
    rhythm="daily",
    entries=(10, 300),
    known_levels=5,
    stale_after=timedelta(days=14),
)


def reading(count: int = 100, bad: int = 0, dated: datetime | None = NIGHT - timedelta(days=1)) -> Reading:
    """Make a believable reading of so many entries, some more of them unreadable."""
    entries = tuple(
        Advisory("one", f"E{n}", f"Entry {n}", CARD.url, "en", level_national=1 + n % 4, updated_at=dated)
        for n in range(count)
    )
    return Reading(entries, tuple(Quarantined(f"Bad {n}", t("unknown level: {words}", words="?")) for n in range(bad)))


def test_a_good_reading_passes_as_it_is() -> None:
    """Nothing is changed where nothing is wrong."""
    assert check(CARD, reading(), NIGHT, 100) == reading()


@pytest.mark.parametrize(
    ("found", "before", "words"),
    [
        (reading(0), None, "0 entries, between 10 and 300"),
        (reading(9), None, "9 entries"),
        (reading(301), None, "301 entries"),
        (reading(79), 100, "79 entries, the last good read had 100"),
        (reading(151), 100, "151 entries"),
        (reading(100, bad=6), 106, "6 of 106 entries cannot be read, the first is Bad 0"),
        (reading(100, dated=NIGHT - timedelta(days=15)), 100, "frozen: nothing newer than 2026-11-07"),
        (reading(100, dated=None), 100, "no entry has a date"),
        (replace(reading(), advisories=reading().advisories + reading().advisories[:1]), 100, "same key: E0"),
    ],
)
def test_what_is_not_believable_breaks_the_source(found: Reading, before: int | None, words: str) -> None:
    """Empty, half, swollen, unreadable, frozen, undated and doubled lists are named with source and reason."""
    with pytest.raises(SourceBroken, match=f"one: not believable: .*{words}"):
        check(CARD, found, NIGHT, before)


@pytest.mark.parametrize(("found", "before"), [(reading(80), 100), (reading(150), 100), (reading(100, bad=5), 100)])
def test_the_limits_themselves_pass(found: Reading, before: int) -> None:
    """80 %, 150 % and 5 % are still believed."""
    assert check(CARD, found, NIGHT, before) == found


def test_one_unreadable_entry_never_breaks_a_short_list() -> None:
    """In a list of 15, one entry is more than 5 % and still only one entry."""
    assert check(CARD, reading(14, bad=1), NIGHT, None).quarantined
    with pytest.raises(SourceBroken):
        check(CARD, reading(14, bad=2), NIGHT, None)


def test_a_calm_list_without_levels_is_broken() -> None:
    """A selector that finds no level any more must not read as calm."""
    calm = replace(
        reading(), advisories=tuple(Advisory("one", f"E{n}", "x", "u", "en", updated_at=NIGHT) for n in range(100))
    )
    with pytest.raises(SourceBroken, match="0 entries with a level, at least 5"):
        check(CARD, calm, NIGHT, None)


def test_an_entry_from_the_future_is_set_aside() -> None:
    """A date after tomorrow is a slip: the entry is quarantined, and absence means nothing that night."""
    found = reading()
    ahead = replace(found.advisories[3], published_at=NIGHT + timedelta(days=1, seconds=1))
    checked = check(CARD, replace(found, advisories=(*found.advisories[:3], ahead, *found.advisories[4:])), NIGHT, 100)
    assert [one.entry for one in checked.quarantined] == ["Entry 3"]
    assert len(checked.advisories) == 99
    assert not checked.complete


def test_tomorrow_is_not_the_future() -> None:
    """Publishers east of us are a day ahead."""
    found = replace(
        reading(),
        advisories=(
            replace(reading(1).advisories[0], updated_at=NIGHT + timedelta(hours=23)),
            *reading().advisories[1:],
        ),
    )
    assert check(CARD, found, NIGHT, 100) == found


def test_the_lists_own_date_proves_it_alive() -> None:
    """Old entries in a list written today are not frozen."""
    found = replace(reading(100, dated=NIGHT - timedelta(days=400)), built_at=NIGHT)
    assert check(CARD, found, NIGHT, 100) == found


def test_a_stream_may_grow_and_shrink() -> None:
    """From a stream items scroll off: its size is held to the card only."""
    stream = replace(CARD, shape=Shape.STREAM)
    assert check(stream, reading(20), NIGHT, 200) == reading(20)
