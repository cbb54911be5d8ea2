"""Change detection under random histories: order does not matter, repeating changes nothing, no rise is ever lost."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sources.model import Advisory, ChangeKind, Grade, Level
from tests.sources.made import DAY, NIGHT, STATE, STREAM, Book, advisory

LEVELS: st.SearchStrategy[Level] = st.sampled_from([1, 2, 3, 4, Grade.UNSTATED, Grade.UNKNOWN])
KEYS = "abcde"


@st.composite
def advisories(draw: st.DrawFn, key: str) -> Advisory:
    """Draw one version of an entry: levels, countries, words and the end of its validity."""
    return advisory(
        key,
        draw(LEVELS),
        level_regional_max=draw(LEVELS),
        countries=tuple(sorted(draw(st.sets(st.sampled_from(["MW", "ZM", "ZW"]))))),
        summary=draw(st.sampled_from(["calm", "storm"])),
        expires_at=draw(st.sampled_from([None, NIGHT + 2 * DAY, NIGHT + 9 * DAY])),
    )


@st.composite
def pages(draw: st.DrawFn) -> list[Advisory]:
    """Draw one reading: some of the entries, each in some version."""
    return [draw(advisories(key)) for key in draw(st.sets(st.sampled_from(KEYS)))]


histories = st.lists(pages(), min_size=1, max_size=6)
books = st.sampled_from([STATE, STREAM])


def number(level: Level) -> int:
    """Return a level as a number, 0 where there is none."""
    return level if isinstance(level, int) else 0


@given(books, histories, st.randoms(use_true_random=False))
def test_the_order_of_a_list_does_not_matter(card: object, history: list[list[Advisory]], chance: object) -> None:
    """Shuffling every page changes neither the changes nor what is remembered."""
    straight, shuffled = Book(card), Book(card)  # type: ignore[arg-type]
    for i, page in enumerate(history):
        mixed = list(page)
        chance.shuffle(mixed)  # type: ignore[attr-defined]
        said = straight.said(*page, at=NIGHT + i * DAY)
        assert sorted(said) == sorted(shuffled.said(*mixed, at=NIGHT + i * DAY))
        assert straight.entries == shuffled.entries


@given(books, histories)
def test_reading_the_same_page_again_in_the_same_night_changes_nothing(
    card: object, history: list[list[Advisory]]
) -> None:
    """After every page of any history, the same page in the same night says nothing and leaves what is remembered."""
    book = Book(card)  # type: ignore[arg-type]
    for i, page in enumerate(history):
        book.said(*page, at=NIGHT + i * DAY)
        before = dict(book.entries)
        assert book.said(*page, at=NIGHT + i * DAY) == []
        assert book.entries == before


@given(books, histories)
def test_no_rise_is_ever_lost(card: object, history: list[list[Advisory]]) -> None:
    """Whatever stands higher than what was last believed is told in that very reading, if it is in force."""
    book = Book(card)  # type: ignore[arg-type]
    book.said(*history[0], at=NIGHT)
    for i, page in enumerate(history[1:], start=1):
        believed, at = dict(book.entries), NIGHT + i * DAY
        told = {(c.native_id, c.kind) for c in book.look(*page, at=at).changes if c.confirmed}
        for one in page:
            entry = believed.get(one.native_id)
            if one.expires_at is not None and one.expires_at <= at:
                continue
            if entry is None or entry.gone:
                assert (one.native_id, ChangeKind.NEW) in told
            elif number(one.level) > number(entry.advisory.level):
                assert (one.native_id, ChangeKind.RAISED) in told


@given(histories)
def test_every_confirmed_fall_was_seen_twice(history: list[list[Advisory]]) -> None:
    """A level that comes to stand lower than before was shown, at that level or lower, by an earlier reading as well."""
    book = Book(STATE)
    for i, page in enumerate(history):
        result = book.look(*page, at=NIGHT + i * DAY)
        earlier = {one.native_id: one for one in history[i - 1]} if i else {}
        for change in result.changes:
            if change.kind is ChangeKind.LOWERED and change.confirmed:
                assert change.after is not None
                shown = [x for p in history[:i] for x in p if x.native_id == change.native_id]
                assert any(number(x.level) <= number(change.after.level) for x in shown)
            if change.kind is ChangeKind.WITHDRAWN and change.confirmed:
                assert change.native_id not in earlier


@given(histories)
def test_a_second_look_that_comes_too_soon_confirms_nothing(history: list[list[Advisory]]) -> None:
    """Readings a second apart with ten minutes to wait never confirm a fall or a disappearance."""
    book = Book(STATE)
    for i, page in enumerate(history):
        changes = book.look(*page, at=NIGHT + timedelta(seconds=i)).changes
        assert not any(c.confirmed for c in changes if c.kind in {ChangeKind.LOWERED, ChangeKind.WITHDRAWN})
