"""Levels that stand on one page per country: turns, first sight, and pages that cannot be had."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.errors import SourceBroken, SourceTransient
from core.i18n import t
from sources.change import Comparison
from sources.model import Advisory, Grade, Known, Level, Reading
from sources.sweep import Turn, sweep
from tests.sources.made import DAY, NIGHT, Book, advisory

OLD = NIGHT - 30 * DAY


def listed(key: str, when: datetime | None = OLD, words: str = "") -> Advisory:
    """Make an entry of a list without levels."""
    return advisory(key, Grade.UNKNOWN, updated_at=when, level_words=words)


class Site:
    """A publisher with one page per entry: `levels` by key; a missing key is a page that cannot be had."""

    def __init__(self, turn: Turn, *entries: Advisory, **levels: Level) -> None:
        """Publish `entries`, with the levels of their pages."""
        self.turn, self.entries, self.levels = turn, list(entries), levels
        self.book, self.asked, self.error = Book(), list[str](), SourceBroken
        self.notes: list[str] = []

    def page_of(self, one: Advisory) -> Advisory:
        """Return the page of an entry."""
        self.asked.append(one.native_id)
        if one.native_id not in self.levels:
            raise self.error(t("{source}: {url} is no address.", source="one", url=one.url))
        return replace(one, level_national=self.levels[one.native_id], updated_at=one.updated_at or OLD)

    def night(self, at: datetime) -> Comparison:
        """Read once and remember, as a run does."""
        self.asked = []
        marks = {key: entry.advisory.list_mark for key, entry in self.book.entries.items()}
        known = Known(marks, self.book.first_time)
        swept = sweep(Reading(tuple(self.entries)), known, self.page_of, self.turn, at)
        self.notes = [str(note) for note in swept.notes]
        return self.book.look(*swept.advisories, at=at)

    def move(self, key: str, when: datetime, level: Level) -> None:
        """Publish a page anew."""
        self.entries = [replace(one, updated_at=when) if one.native_id == key else one for one in self.entries]
        self.levels[key] = level

    def standing(self) -> dict[str, Level]:
        """Return the level that stands for each entry."""
        return {key: entry.advisory.level for key, entry in self.book.entries.items()}


def dated(one: Advisory) -> str:
    """Return the stamp of a list with dates."""
    return f"{one.updated_at:%Y-%m-%dT%H:%M:%SZ}" if one.updated_at else ""


def said(compared: Comparison) -> list[tuple[str, str]]:
    """Return kind and key of each change."""
    return [(change.kind.value, change.native_id) for change in compared.changes]


def test_a_first_sight_is_read_over_several_runs_and_tells_nobody() -> None:
    """Three pages a run, all seven read after three runs, no change on the way, the unread ones unknown and counted."""
    site = Site(Turn(3, dated), *(listed(key) for key in "abcdefg"), **dict.fromkeys("abcdefg", 4))
    seen = list[str]()
    for night in range(4):
        assert said(site.night(NIGHT + night * DAY)) == []
        seen += site.asked
        if night == 0:
            assert site.notes == ["Pages never read so far, a few come with each run: 4"]
            assert sorted(map(str, site.standing().values())) == ["4"] * 3 + ["unknown"] * 4
    assert sorted(seen) == list("abcdefg")
    assert set(site.standing().values()) == {4}


def test_a_page_that_moved_after_first_sight_counts_although_it_was_never_read() -> None:
    """Its level may be news: it is read before the others, and its rise goes out."""
    site = Site(Turn(1, dated), *(listed(key) for key in "abc"), a=2, b=2, c=2)
    site.night(NIGHT)
    unread = next(key for key, level in site.standing().items() if level is Grade.UNKNOWN)
    site.move(unread, NIGHT + timedelta(hours=5), 4)
    assert said(site.night(NIGHT + DAY)) == [("raised", unread)]
    assert site.asked == [unread]


def test_only_what_moved_is_read_again() -> None:
    """Once all is read, a quiet night asks for no page, and a moved one for its page alone."""
    site = Site(Turn(5, dated), listed("a"), listed("b"), a=2, b=3)
    site.night(NIGHT)
    site.night(NIGHT + DAY)
    assert site.asked == []
    site.move("b", NIGHT + DAY, 4)
    assert said(site.night(NIGHT + 2 * DAY)) == [("raised", "b")]
    assert site.asked == ["b"]


def test_a_fall_is_looked_at_again() -> None:
    """The page of a fall that waits is asked for at the next run too, which confirms it."""
    site = Site(Turn(5, dated), listed("a"), a=4)
    site.night(NIGHT)
    site.move("a", NIGHT + DAY, 2)
    first = site.night(NIGHT + 2 * DAY)
    assert [(change.kind.value, change.confirmed) for change in first.changes] == [("lowered", False)]
    second = site.night(NIGHT + 3 * DAY)
    assert [(change.kind.value, change.confirmed) for change in second.changes] == [("lowered", True)]


def test_a_page_that_cannot_be_had_is_a_note_and_never_a_calm() -> None:
    """The level read before stands, the page is named, and asked for again."""
    site = Site(Turn(5, dated), listed("a"), listed("b"), a=4, b=2)
    site.night(NIGHT)
    site.move("a", NIGHT + DAY, 4)
    site.move("b", NIGHT + DAY, 2)
    del site.levels["a"]
    assert said(site.night(NIGHT + 2 * DAY)) == [("touched", "b")]
    assert site.notes == ["The page of About a was not read: one: https://one.example/a is no address."]
    assert site.standing() == {"a": 4, "b": 2}
    site.levels["a"] = 4
    assert said(site.night(NIGHT + 3 * DAY)) == [("touched", "a")]


def test_more_moves_than_allowed_are_named_and_come_later() -> None:
    """Notes that speak of the level go first, the newest of them ahead; the others by age."""
    turn = Turn(2, dated, urgent=lambda one: "against" in one.level_words)
    site = Site(turn, *(listed(key) for key in "abcd"), a=2, b=2, c=2, d=2)
    site.night(NIGHT)
    site.night(NIGHT + DAY)
    for hours, key in enumerate("abcd"):
        site.move(key, NIGHT + DAY + timedelta(hours=hours), 2)
    site.entries[2] = replace(site.entries[2], level_words="advises against")
    site.night(NIGHT + 2 * DAY)
    assert site.asked == ["c", "a"]
    assert site.notes == ["Not read yet, more moved than we ask for in one run: About b, About d"]
    site.night(NIGHT + 3 * DAY)
    assert site.asked == ["b", "d"]


def test_without_dates_the_page_read_longest_ago_comes_next() -> None:
    """Two pages a run go round five entries; a page that stands still tells nobody, a rise is seen in its turn."""
    site = Site(Turn(2), *(listed(key, None) for key in "abcde"), **dict.fromkeys("abcde", 2))
    rounds = []
    for night in range(5):
        assert said(site.night(NIGHT + night * DAY)) == []
        rounds.append(sorted(site.asked))
    assert {key for asked in rounds[:3] for key in asked} == set("abcde")
    site.levels = dict.fromkeys("abcde", 3)
    raised = said(site.night(NIGHT + 5 * DAY)) + said(site.night(NIGHT + 6 * DAY)) + said(site.night(NIGHT + 7 * DAY))
    assert {key for kind, key in raised if kind == "raised"} == set("abcde")


def test_an_entry_that_joins_the_list_later_is_news() -> None:
    """It is new at once, and its level a rise when its page is read."""
    site = Site(Turn(1, dated), listed("a"), a=2)
    site.night(NIGHT)
    site.entries.append(listed("b", NIGHT))
    assert said(site.night(NIGHT + DAY)) == [("new", "b")]
    site.levels["b"] = 4
    assert said(site.night(NIGHT + 2 * DAY)) == [("raised", "b")]


def test_a_page_older_than_the_list_says_is_asked_for_again() -> None:
    """A cache in between may answer with yesterday's page: it does not count as read."""
    site = Site(Turn(5, dated), listed("a"), a=2)
    site.night(NIGHT)
    site.move("a", NIGHT + DAY, 2)
    late = replace(site.entries[0], level_national=2, updated_at=OLD)
    known = Known({"a": dated(listed("a"))}, first_time=False)
    swept = sweep(Reading(tuple(site.entries)), known, lambda one: late, site.turn, NIGHT + DAY)
    assert swept.advisories[0].list_mark == dated(listed("a"))


@pytest.mark.parametrize(("error", "most"), [(SourceBroken, 5), (SourceTransient, 3)])
def test_a_site_that_refuses_every_page_is_broken_and_left_alone(error: type[SourceBroken], most: int) -> None:
    """After the first sight, nothing but failures is no calm; few pages are asked for before we stop."""
    site = Site(Turn(20, dated), *(listed(f"k{n}") for n in range(20)))
    site.error = error
    site.night(NIGHT)
    assert len(site.asked) == most
    with pytest.raises(error, match="is no address"):
        site.night(NIGHT + DAY)


def test_pages_that_are_always_broken_do_not_block_the_others() -> None:
    """Six dead pages among thirty, ten a run: every living one is read all the same, and the source is not broken."""
    keys = [f"k{n:02}" for n in range(30)]
    site = Site(Turn(10), *(listed(key, None) for key in keys), **dict.fromkeys(keys[6:], 2))
    for night in range(12):
        site.night(NIGHT + night * DAY)
    assert {key for key, level in site.standing().items() if level == 2} == set(keys[6:])
