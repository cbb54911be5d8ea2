"""Public ids: they come back, differ from company to company, and tell no order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.ids import LARGEST, NOWHERE, Ids, Kind

SECRET = bytes(range(32))
NUMBERS = st.integers(1, LARGEST)
KINDS = st.sampled_from(Kind)


@given(NUMBERS, KINDS, st.integers(1, 10**6))
def test_an_id_leads_back_to_its_row(number: int, kind: Kind, employer: int) -> None:
    """Every number of a row that a database can hold comes back, whatever it names."""
    ids = Ids(SECRET, employer)
    assert ids.read(kind, ids.show(kind, number)) == number


@given(st.integers(0, (1 << 64) - 1))
def test_each_text_stands_for_one_row_at_most(value: int) -> None:
    """Every text of sixteen digits is the id of exactly one number, or of none that can be a row."""
    ids, text = Ids(SECRET, 7), f"{value:016x}"
    number = ids.read(Kind.PERSON, text)
    assert number == NOWHERE or ids.show(Kind.PERSON, number) == text


def test_neighbours_are_strangers() -> None:
    """The first thousand rows: all ids differ, stand in no order, and no digit of them gives a count away."""
    shown = [Ids(SECRET, 7).show(Kind.PERSON, number) for number in range(1, 1001)]
    assert len(set(shown)) == 1000
    rising = sum(one < other for one, other in pairwise(shown))
    assert 400 < rising < 600
    assert all(len({text[place] for text in shown}) == 16 for place in range(16))
    changed = [bin(int(a, 16) ^ int(b, 16)).count("1") for a, b in pairwise(shown)]
    assert 30 < sum(changed) / len(changed) < 34


def test_every_company_kind_and_database_has_its_own() -> None:
    """The same row has another id for each company, each kind and each database."""
    several = {
        Ids(secret, employer).show(kind, 1)
        for secret in (SECRET, bytes(32))
        for employer in (1, 2, 12)
        for kind in Kind
    }
    assert len(several) == 2 * 3 * len(Kind)


@pytest.mark.parametrize(
    "text", ["", "1", "0" * 15, "0" * 17, "g" * 16, "0" * 15 + "²", "A" * 16, "-" + "0" * 15, "\n" * 16]
)
def test_what_is_no_id_leads_nowhere(text: str) -> None:
    """A text of another form is no row: it is looked for like any other, and not found."""
    assert Ids(SECRET, 7).read(Kind.PERSON, text) == NOWHERE


def test_a_cursor_is_proven() -> None:
    """A cursor leads to its place; one of another company, and one with a single digit changed, to none."""
    ids, cursor = Ids(SECRET, 7), Ids(SECRET, 7).mark(41, 42)
    assert (ids.place(cursor), ids.place("")) == ((41, 42), (0, 0))
    assert Ids(SECRET, 8).place(cursor) is None
    for at, digit in enumerate(cursor):
        other = "0" if digit != "0" else "1"
        assert ids.place(cursor[:at] + other + cursor[at + 1 :]) is None
    assert [ids.place(text) for text in ("x", cursor + "0", "é" * 48)] == [None] * 3
