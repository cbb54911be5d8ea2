"""Reference codes: one to one, and others in another office."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.ref import ALPHABET, GAP, MASK, fill, reference

NUMBERS = st.integers(1, MASK)


def test_a_hundred_thousand_deliveries_have_a_code_each() -> None:
    """The first hundred thousand codes of an instance are all different."""
    assert len({reference("one", number) for number in range(1, 100_001)}) == 100_000


@given(st.uuids(), st.lists(NUMBERS, min_size=2, max_size=200, unique=True))
def test_one_to_one(instance: object, numbers: list[int]) -> None:
    """Different deliveries of any instance have different codes, of six letters and digits that can be read out loud."""
    codes = [reference(str(instance), number) for number in numbers]
    assert len(set(codes)) == len(numbers)
    assert all(len(code) == 6 and set(code) <= set(ALPHABET) for code in codes)


def test_two_instances_do_not_share_codes() -> None:
    """The codes of a test system do not look up a delivery of the live one, but for chance."""
    ours = [reference("one", number) for number in range(1, 10_001)]
    theirs = [reference("two", number) for number in range(1, 10_001)]
    assert sum(a == b for a, b in zip(ours, theirs, strict=True)) < 5


def test_neighbours_do_not_look_alike() -> None:
    """Codes of consecutive deliveries differ in more than one place on average: a slip of the tongue finds nobody else."""
    codes = [reference("one", number) for number in range(1, 2001)]
    apart = [sum(a != b for a, b in zip(x, y, strict=True)) for x, y in pairwise(codes)]
    assert sum(apart) / len(apart) > 4


@pytest.mark.parametrize("number", [0, -1, MASK + 1])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    """There is no code that two deliveries could share."""
    with pytest.raises(ValueError, match="out of range"):
        reference("one", number)


def test_the_code_goes_into_the_gap() -> None:
    """A text gets its code where the gap was, and nowhere else."""
    assert fill(f"编号{GAP}", "0A1B2C") == "编号0A1B2C"
