"""Whom to call next: pure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.duty.ladder import Made, Step, Target, ladder, next_step, ways

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOME, ABROAD = "+8613800138000", "+260970000001"


@pytest.mark.parametrize(
    ("phone", "channels", "found"),
    [
        (ABROAD, ("sms", "voice"), ("sms", "voice")),
        (ABROAD, ("sms", "sms_cn"), ("sms", "sms")),
        (ABROAD, ("voice",), ("voice",)),
        (HOME, ("sms", "voice"), ("sms", "sms")),
        (HOME, ("sms", "sms_cn", "voice"), ("sms_cn", "sms_cn")),
        (HOME, ("voice", "email"), ()),
        (ABROAD, (), ()),
    ],
)
def test_ways(phone: str, channels: tuple[str, ...], found: tuple[str, ...]) -> None:
    """An SMS and a call; a second SMS where nobody can be called, as in mainland China; at home by the provider at home."""
    assert ways(phone, channels) == found


def steps_of(phones: list[str]) -> list[tuple[bytes, Step]]:
    """Return the ladder of these numbers."""
    found = ladder([Target(number, phone) for number, phone in enumerate(phones)], ("sms", "voice"))
    return [(one.target.phone.encode(), one) for one in found]


def test_one_number_on_two_shifts_is_called_once() -> None:
    """Somebody on two shifts, or who is the fallback too, has one place on the ladder."""
    assert [one.target.shift_id for one in ladder([Target(1, ABROAD), Target(2, ABROAD)], ("sms", "voice"))] == [1, 1]


def test_no_ladder() -> None:
    """Nobody on duty and no fallback: no step."""
    assert next_step([], []) is None


@given(
    st.lists(st.sampled_from([f"+26097000000{n}" for n in range(4)]), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(["accepted", "doubt", "unresolved"]), min_size=12, max_size=12),
)
@settings(max_examples=100, deadline=None)
def test_each_step_once(phones: list[str], outcomes: list[str]) -> None:
    """Nobody answers: each number gets one SMS and one call, in order, and then there is an end."""
    steps = steps_of(phones)
    made: list[Made] = []
    order: list[Step] = []
    for outcome in outcomes:
        step = next_step(steps, made)
        if step is None:
            break
        order.append(step)
        made.append(Made(step.target.phone.encode(), outcome, NOW))
    assert order == [step for _, step in steps]


@given(st.lists(st.booleans(), max_size=10))
@settings(max_examples=100, deadline=None)
def test_a_changing_table_calls_nobody_twice(changes: list[bool]) -> None:
    """Shifts change between the steps: still no number gets more than one SMS and one call."""
    made: list[Made] = []
    for swapped in changes:
        step = next_step(steps_of([HOME.replace("86", "26"), ABROAD][:: -1 if swapped else 1]), made)
        if step is not None:
            made.append(Made(step.target.phone.encode(), "accepted", NOW))
    assert all(sum(one.phone == other.phone for other in made) <= 2 for one in made)


def test_as_long_as_nothing_gets_out_it_begins_again() -> None:
    """Every step failed for certain: the next is the first again, because nobody was told."""
    steps = steps_of([ABROAD])
    made = [Made(ABROAD.encode(), "failed", NOW), Made(ABROAD.encode(), "refused", NOW)]
    assert next_step(steps, made) == steps[0][1]
    assert next_step(steps, [*made, Made(ABROAD.encode(), "accepted", NOW)]) is None
