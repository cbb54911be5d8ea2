"""An older edition of a whole list: only its rises count."""

from __future__ import annotations

from sources.change import OLDER_EDITION
from sources.model import Advisory, Level
from tests.sources.made import DAY, NIGHT, STREAM, Book, advisory

KEYS = "abcdefgh"


def edition(*, days: int, level: Level = 2, **values: object) -> list[Advisory]:
    """Make a list whose dates lie so many days back."""
    return [advisory(key, level, updated_at=NIGHT - days * DAY, **values) for key in KEYS]


def test_what_is_new_other_or_gone_in_an_older_edition_proves_nothing() -> None:
    """A missing entry is not withdrawn, a new one is a note, other words under the same date change nothing."""
    book = Book()
    undated = advisory("z", 2)
    book.look(*edition(days=1), undated, advisory("gone"), at=NIGHT)
    older = [*edition(days=9), advisory("z", 2, title="Other words"), advisory("new", 4)]
    found = book.look(*older, at=NIGHT + DAY)
    assert found.changes == []
    assert "new" not in book.entries
    assert any("About new: new in a list older" in str(note) for note in found.notes)
    assert sum("older than what was read before" in str(note) for note in found.notes) == len(KEYS)
    again = book.look(*edition(days=1), undated, advisory("gone"), at=NIGHT + 2 * DAY)
    assert again.changes == []


def test_a_rise_in_an_older_edition_counts() -> None:
    """An entry that is not older than before and has risen is believed at once."""
    book = Book()
    book.look(*edition(days=1), advisory("z", 2), at=NIGHT)
    assert book.said(*edition(days=9), advisory("z", 4), at=NIGHT + DAY) == [("raised", "z", True)]


def test_what_was_new_in_it_counts_when_the_list_is_newer_again() -> None:
    """It waits for one reading, it is not lost."""
    book = Book()
    book.look(*edition(days=1), at=NIGHT)
    book.look(*edition(days=9), advisory("new"), at=NIGHT + DAY)
    assert book.said(*edition(days=1), advisory("new"), at=NIGHT + 2 * DAY) == [("new", "new", True)]


def test_a_few_entries_that_go_back_are_no_older_edition() -> None:
    """Below the limit each is ignored alone, and the rest of the list is believed."""
    book = Book()
    book.look(*edition(days=1), at=NIGHT)
    few = edition(days=9)[: OLDER_EDITION - 1] + edition(days=1)[OLDER_EDITION - 1 :]
    assert book.said(*few, advisory("new"), at=NIGHT + DAY) == [("new", "new", True)]


def test_a_stream_has_no_editions() -> None:
    """Items of a stream stand for themselves."""
    book = Book(STREAM)
    book.look(*edition(days=1), at=NIGHT)
    assert book.said(*edition(days=9), advisory("new"), at=NIGHT + DAY) == [("new", "new", True)]
