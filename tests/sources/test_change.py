"""Change detection: what counts as news, and what has to wait for a second look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sources.model import Advisory, ChangeKind, Grade
from tests.sources.made import CONFIRM, DAY, NIGHT, STATE, STREAM, Book, advisory, unreadable

LATER = NIGHT + DAY
THIRD = LATER + DAY


def begun(*advisories: Advisory, stream: bool = False) -> Book:
    """Return a book after its first reading."""
    book = Book(STREAM if stream else STATE)
    assert book.said(*advisories, at=NIGHT) == []
    return book


def test_the_first_sight_of_a_source_is_silent() -> None:
    """A baseline, whatever its levels, makes no change, and is remembered whole."""
    book = begun(advisory("a", 4), advisory("b", 1), advisory("c", expires_at=NIGHT - DAY))
    assert set(book.entries) == {"a", "b", "c"}
    assert book.entries["c"].expired


def test_an_entry_that_was_not_there_is_new() -> None:
    """Not there at the last good read: new, at once, however old its own date is in a state list."""
    book = begun(advisory("a", published_at=NIGHT))
    assert book.said(advisory("a", published_at=NIGHT), advisory("b", published_at=NIGHT - 900 * DAY), at=LATER) == [
        ("new", "b", True)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (advisory("a", 2), advisory("a", 3)),
        (advisory("a", Grade.UNSTATED), advisory("a", 1)),
        (advisory("a", 2), advisory("a", 2, level_regional_max=4)),
        (advisory("a", 2, level_regional_max=4), advisory("a", 3, level_regional_max=4)),
        (advisory("a", 2, level_regional_max=4), advisory("a", 3)),
        (advisory("a", Grade.UNSTATED, tier=1), advisory("a", Grade.UNSTATED, tier=3)),
        (advisory("a", 2), advisory("a", Grade.UNKNOWN, level_regional_max=4)),
        (advisory("a", 2), advisory("a", 2, countries=("MW", "ZM"))),
        (advisory("a", 3), advisory("a", 2, countries=("MW", "ZM"))),
        (advisory("a", 2), advisory("a", 2, worldwide=True)),
    ],
)
def test_whatever_warns_of_more_is_a_rise_at_once(old: Advisory, new: Advisory) -> None:
    """A rise of the whole, the country, a region, a tier, or a new country is told at once, even beside a fall."""
    assert begun(old).said(new, at=LATER) == [("raised", "a", True)]


def test_a_rise_of_the_country_names_the_level_of_the_country() -> None:
    """Where only the national level rose, the reason does not say “from 4 to 4”."""
    change = begun(advisory("a", 2, level_regional_max=4)).look(advisory("a", 3, level_regional_max=4), at=LATER)
    assert str(change.changes[0].reason) == "Level of the whole country raised from 2 to 3."


def test_a_fall_counts_when_a_second_read_still_shows_it() -> None:
    """A fall is first unconfirmed, said once, and confirmed by a read of a later night; only then it stands."""
    book = begun(advisory("a", 4))
    assert book.said(advisory("a", 2), at=LATER) == [("lowered", "a", False)]
    assert book.entries["a"].advisory.level == 4
    assert book.said(advisory("a", 2), at=LATER) == []
    assert book.said(advisory("a", 2), at=LATER + CONFIRM - timedelta(seconds=1)) == []
    assert book.said(advisory("a", 2), at=LATER + CONFIRM) == [("lowered", "a", True)]
    assert book.entries["a"].advisory.level == 2
    assert book.said(advisory("a", 2), at=THIRD) == []


def test_the_same_night_never_confirms_even_without_a_waiting_time() -> None:
    """With a waiting time of nothing, a second read of the same night is still the same look."""
    book = Book(confirm_after=timedelta(0))
    book.said(advisory("a", 4), at=NIGHT)
    assert book.said(advisory("a", 2), at=LATER) == [("lowered", "a", False)]
    assert book.said(advisory("a", 2), at=LATER) == []


def test_a_fall_that_is_undone_clears_silently() -> None:
    """A dip that is gone at the next read was nothing, and a later dip starts anew."""
    book = begun(advisory("a", 4))
    book.said(advisory("a", 2), at=LATER)
    assert book.said(advisory("a", 4), at=THIRD) == []
    assert book.said(advisory("a", 2), at=THIRD + DAY) == [("lowered", "a", False)]


def test_a_deeper_fall_waits_for_its_own_second_look() -> None:
    """A level that was seen only once is never confirmed by a smaller fall seen before it."""
    book = begun(advisory("a", 4))
    book.said(advisory("a", 3), at=LATER)
    assert book.said(advisory("a", Grade.UNSTATED), at=THIRD) == [("lowered", "a", False)]
    assert book.said(advisory("a", 3), at=THIRD + DAY) == [("lowered", "a", True)]
    assert book.entries["a"].advisory.level == 3


def test_a_rise_ends_a_fall_that_waits() -> None:
    """Up after down: the rise is told at once, and nothing of the fall is left."""
    book = begun(advisory("a", 3))
    book.said(advisory("a", 2), at=LATER)
    assert book.said(advisory("a", 4), at=THIRD) == [("raised", "a", True)]
    assert book.entries["a"].pending is None


def test_a_disappearance_counts_when_a_second_read_still_shows_it() -> None:
    """An entry missing from a complete state list is withdrawn only by the second read that misses it."""
    book = begun(advisory("a"), advisory("b"))
    assert book.said(advisory("b"), at=LATER) == [("withdrawn", "a", False)]
    assert book.said(advisory("b"), at=LATER) == []
    assert book.said(advisory("b"), at=THIRD) == [("withdrawn", "a", True)]
    assert book.said(advisory("b"), at=THIRD + DAY) == []


def test_an_entry_that_comes_back_is_new() -> None:
    """After a confirmed withdrawal, the same key is news again."""
    book = begun(advisory("a"), advisory("b"))
    book.said(advisory("b"), at=LATER)
    book.said(advisory("b"), at=THIRD)
    assert book.said(advisory("a"), advisory("b"), at=THIRD + DAY) == [("new", "a", True)]


@pytest.mark.parametrize("odd", [advisory("a", Grade.UNKNOWN), advisory("a", updated_at=NIGHT - DAY)])
def test_being_seen_in_any_form_disproves_a_disappearance(odd: Advisory) -> None:
    """An entry that is back, though oddly, is not withdrawn by the next read that misses it."""
    book = begun(advisory("a", updated_at=NIGHT), advisory("b"))
    book.said(advisory("b"), at=LATER)
    assert book.said(odd, advisory("b"), at=THIRD) == []
    assert book.said(advisory("b"), at=THIRD + DAY) == [("withdrawn", "a", False)]


def test_a_fall_that_waits_does_not_confirm_a_disappearance() -> None:
    """Falling and disappearing are two things: each needs its own second look."""
    book = begun(advisory("a", 4), advisory("b"))
    book.said(advisory("a", 2), advisory("b"), at=LATER)
    assert book.said(advisory("b"), at=THIRD) == [("withdrawn", "a", False)]


@pytest.mark.parametrize("values", [{"complete": False}, {"quarantined": (unreadable(),)}])
def test_absence_from_a_list_that_is_not_whole_proves_nothing(values: dict[str, object]) -> None:
    """With an unread entry or an incomplete list, what is missing may be what was not read."""
    book = begun(advisory("a"), advisory("b"))
    assert book.said(advisory("b"), at=LATER, **values) == []
    assert book.entries["a"].pending is None


def test_scrolling_off_a_stream_is_no_withdrawal() -> None:
    """An item that left the page of a stream stands, however often it is missed."""
    book = begun(advisory("a"), advisory("b"), stream=True)
    assert [book.said(advisory("b"), at=at) for at in (LATER, THIRD)] == [[], []]
    assert not book.entries["a"].gone


def test_an_old_item_that_appears_in_a_stream_is_not_confirmed() -> None:
    """Far older than the newest known: something above it was removed; nobody is told by rule."""
    book = begun(advisory("a", published_at=NIGHT), stream=True)
    old, fresh = advisory("b", published_at=NIGHT - 31 * DAY), advisory("c", published_at=NIGHT - 29 * DAY)
    assert book.said(advisory("a", published_at=NIGHT), old, fresh, at=LATER) == [
        ("new", "b", False),
        ("new", "c", True),
    ]


def test_an_item_that_is_over_when_it_appears_is_not_confirmed() -> None:
    """A notice whose own validity ended before we saw it is news for an officer only."""
    assert begun(advisory("a")).said(advisory("a"), advisory("b", expires_at=LATER - DAY), at=LATER) == [
        ("new", "b", False)
    ]


def test_an_entry_that_goes_back_in_time_changes_nothing() -> None:
    """An older version served again, even with a higher level, is ignored and remarked on."""
    book = begun(advisory("a", 2, updated_at=NIGHT))
    result = book.look(advisory("a", 4, updated_at=NIGHT - DAY), at=LATER)
    assert result.changes == []
    assert len(result.notes) == 1
    assert book.entries["a"].advisory.level == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (advisory("a", 3), advisory("a", Grade.UNKNOWN)),
        (advisory("a", 4, level_regional_max=2), advisory("a", Grade.UNKNOWN, level_regional_max=2)),
        (advisory("a", 2, level_regional_max=4), advisory("a", 2, level_regional_max=Grade.UNKNOWN)),
        (
            advisory("a", Grade.UNSTATED, level_regional_max=4),
            advisory("a", Grade.UNSTATED, level_regional_max=Grade.UNKNOWN),
        ),
    ],
)
def test_a_level_not_understood_is_never_a_fall(old: Advisory, new: Advisory) -> None:
    """However long a level cannot be read, of the country or of a region, the last known one stands, with a remark."""
    book = begun(old)
    for at in (LATER, THIRD):
        result = book.look(new, at=at)
        assert (result.changes, len(result.notes)) == ([], 1)
    assert book.entries["a"].advisory == old


def test_a_moved_date_is_a_touch() -> None:
    """Same meaning, later date: touched, and the new date is remembered."""
    book = begun(advisory("a", updated_at=NIGHT))
    assert book.said(advisory("a", updated_at=LATER), at=LATER) == [("touched", "a", True)]
    assert book.said(advisory("a", updated_at=LATER), at=THIRD) == []


def test_other_words_at_the_same_level_are_a_rewording() -> None:
    """A changed text is reworded; a changed layout of the same text is nothing."""
    book = begun(advisory("a", summary="Stay  alert."))
    assert book.said(advisory("a", summary="Stay alert."), at=LATER) == []
    assert book.said(advisory("a", summary="Keep away."), at=THIRD) == [("reworded", "a", True)]


def test_a_country_that_is_no_longer_meant_is_named() -> None:
    """Taking a country out is a rewording that says which one."""
    book = begun(advisory("a", countries=("MW", "ZM")))
    change = book.look(advisory("a", countries=("ZM",)), at=LATER).changes[0]
    assert (change.kind, str(change.reason)) == (ChangeKind.REWORDED, "No longer about MW.")


def test_validity_ends_once() -> None:
    """An entry expires in the first night after its end, whether it is still listed or not, and only once."""
    over = advisory("a", expires_at=LATER)
    book = begun(over, stream=True)
    assert book.said(at=LATER - timedelta(seconds=1)) == []
    assert book.said(at=LATER) == [("expired", "a", True)]
    assert book.said(over, at=THIRD) == []


def test_a_validity_that_is_prolonged_after_its_end_warns_again() -> None:
    """People were told that it ended; that it is in force again is a rise, not a rewording."""
    book = begun(advisory("a", expires_at=LATER), stream=True)
    book.said(at=LATER)
    assert book.said(advisory("a", expires_at=THIRD + DAY), at=THIRD) == [("raised", "a", True)]


def test_a_rise_that_is_over_when_it_is_read_is_not_confirmed() -> None:
    """Nobody is woken by a level that ended before we saw it."""
    book = begun(advisory("a", 2))
    assert book.said(advisory("a", 4, expires_at=LATER - DAY), at=LATER) == [("raised", "a", False)]


@pytest.mark.parametrize(("count", "held"), [(15, False), (16, True)])
def test_a_flood_is_held(count: int, held: bool) -> None:
    """More rises, falls, newcomers and disappearances than the card's limit are all held, touches never."""
    book = begun(advisory("z", updated_at=NIGHT))
    more = [advisory(f"n{i}") for i in range(count)]
    result = book.look(advisory("z", updated_at=LATER), *more, at=LATER)
    assert {c.kind: c.held for c in result.changes} == {ChangeKind.NEW: held, ChangeKind.TOUCHED: False}


def test_touches_do_not_make_a_flood() -> None:
    """A publisher that moves all its dates at once is not held, and neither is the one rise among them."""
    many = [advisory(f"n{i}", updated_at=NIGHT) for i in range(40)]
    book = begun(*many)
    moved = [replace(one, updated_at=LATER) for one in many]
    result = book.look(*moved[1:], replace(moved[0], level_national=4), at=LATER)
    assert [c.held for c in result.changes] == [False] * 40
    assert result.changes[-1].kind is ChangeKind.RAISED


DETAILED = advisory("a", 2, summary="All about it", detail_read=True, list_mark="m1")


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (advisory("a", 2, list_mark="m1"), []),
        (advisory("a", Grade.UNSTATED, list_mark="m1"), []),
        (advisory("a", Grade.UNSTATED, list_mark="m2"), []),
        (advisory("a", 4, list_mark="m2"), [("raised", "a", True)]),
    ],
)
def test_a_list_alone_does_not_unsay_the_details(listed: Advisory, said: list[tuple[str, str, bool]]) -> None:
    """Details read before stand when only the list is read now, unless the list itself shows a rise."""
    book = begun(DETAILED)
    assert book.said(listed, at=LATER) == said
    assert book.entries["a"].advisory.list_mark == ("m1" if not said else "m2")


def test_each_reading_of_a_list_alone_says_when_the_entry_was_seen() -> None:
    """Being in the list moves the date of the last sight, not the version."""
    book = begun(DETAILED)
    book.said(advisory("a", 2, list_mark="m1"), at=LATER)
    assert book.entries["a"].last_seen == LATER
    assert book.entries["a"].advisory == DETAILED
