"""The duty table: who is on duty, when nobody is, and how moments are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from notify.duty.roster import read_shift, read_table
from notify.duty.shifts import Shift, check, on_duty, read_moment, uncovered

DAY = datetime(2026, 11, 22, tzinfo=UTC)


def at(hour: float) -> datetime:
    """Return a moment so many hours into the day."""
    return DAY + timedelta(hours=hour)


def shift(number: int, begin: float, end: float) -> Shift:
    """Return a shift by hours."""
    return Shift(number, f"n{number}", f"+8613800138{number:03}", at(begin), at(end))


@pytest.mark.parametrize(
    ("hour", "who"),
    [(0, []), (8, [1]), (15.99, [1]), (16, [2]), (23, [2, 3]), (24, [2, 3]), (31.9, [2, 3]), (32, [3]), (40, [])],
)
def test_who_is_on_duty(hour: float, who: list[int]) -> None:
    """A shift holds from its first moment until before its last, over midnight too; of two, who began first is called first."""
    table = [shift(3, 22, 40), shift(1, 8, 16), shift(2, 16, 32)]
    assert [one.shift_id for one in on_duty(table, at(hour))] == who


@pytest.mark.parametrize(
    ("table", "holes"),
    [
        ([], [(0, 24)]),
        ([(0, 24)], []),
        ([(-5, 30)], []),
        ([(0, 8), (8, 24)], []),
        ([(0, 8), (9, 24)], [(8, 9)]),
        ([(1, 8), (2, 3), (10, 20)], [(0, 1), (8, 10), (20, 24)]),
        ([(30, 40)], [(0, 24)]),
        ([(-9, -1)], [(0, 24)]),
    ],
)
def test_holes(table: list[tuple[int, int]], holes: list[tuple[int, int]]) -> None:
    """The times at which nobody is on duty, however shifts overlap."""
    shifts = [shift(number, *hours) for number, hours in enumerate(table)]
    assert uncovered(shifts, at(0), at(24)) == [(at(a), at(b)) for a, b in holes]


@given(st.lists(st.tuples(st.integers(-10, 40), st.integers(1, 30)), max_size=6))
@settings(max_examples=200, deadline=None)
def test_every_moment_is_covered_or_a_hole(table: list[tuple[int, int]]) -> None:
    """At each hour somebody is on duty or the hour lies in a hole: never both, never neither."""
    shifts = [shift(number, begin, begin + length) for number, (begin, length) in enumerate(table)]
    holes = uncovered(shifts, at(0), at(24))
    for hour in range(24):
        assert bool(on_duty(shifts, at(hour))) != any(a <= at(hour) < b for a, b in holes)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-11-22 18:00", "Asia/Shanghai", "2026-11-22T10:00+00:00"),
        ("2026-11-22T18:00+01:00", "Asia/Shanghai", "2026-11-22T17:00+00:00"),
        ("2026-11-22 18:00", "America/New_York", "2026-11-22T23:00+00:00"),
        # When summer time ends an hour comes twice: the first is meant.
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30+00:00"),
    ],
)
def test_moments(text: str, zone: str, moment: str) -> None:
    """A moment is read by the clock of the office, or by the zone that stands beside it."""
    assert read_moment(text, zone) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "tomorrow", "25:00", "2026-13-01 08:00", "08:00"])
def test_no_moments(text: str) -> None:
    """What is no moment is refused; an hour alone says nothing about the day a shift begins."""
    with pytest.raises(BadInput):
        read_moment(text, "Asia/Shanghai")


def test_the_hour_that_summer_time_leaves_out() -> None:
    """An hour that no clock of this zone shows is asked about, not moved."""
    with pytest.raises(BadInput, match="never shows"):
        read_moment("2026-03-29 02:30", "Europe/Berlin")


@given(st.integers(0, 23), st.integers(0, 47), st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "America/St_Johns"]))
@settings(max_examples=100, deadline=None)
def test_an_hour_alone_is_the_next_one(hour: int, half_hours: int, zone: str) -> None:
    """`08:00` as an end is the first such hour after the beginning, within a day."""
    begin = DAY + timedelta(minutes=30 * half_hours)
    end = read_moment(f"{hour}:00", zone, after=begin)
    assert timedelta(0) < end - begin <= timedelta(days=1)
    assert end.astimezone(ZoneInfo(zone)).hour == hour


@pytest.mark.parametrize("hours", [(8, 8), (9, 8), (0, 24 * 32)])
def test_senseless_shifts(hours: tuple[int, int]) -> None:
    """A shift that ends before it begins, or lasts for a month and more, is refused."""
    with pytest.raises(BadInput):
        check(shift(1, *hours))


def test_a_shift_as_an_officer_writes_it() -> None:
    """A Chinese mobile number without a code, and the hour of the next morning."""
    found = read_shift(" 林黛玉 ", "138 0013 8000", "2026-11-22 18:00", "08:00", "Asia/Shanghai")
    assert (found.name, found.phone, found.begins, found.ends) == ("林黛玉", "+8613800138000", at(10), at(24))


@pytest.mark.parametrize(
    ("name", "phone"), [("", "13800138000"), ("林黛玉", "010-12345678"), ("林黛玉", "12308"), ("林黛玉", "")]
)
def test_shifts_nobody_can_be_called_on(name: str, phone: str) -> None:
    """No name, a fixed line, a short number, no number: refused."""
    with pytest.raises(BadInput):
        read_shift(name, phone, "2026-11-22 18:00", "08:00", "Asia/Shanghai")


@pytest.mark.parametrize("coding", ["utf-8-sig", "gb18030"])
def test_a_table_from_a_spreadsheet(coding: str) -> None:
    """Chinese heads in either coding of Excel; empty lines do not count, wrong ones are named by line."""
    text = (
        "姓名,电话,开始,结束,备注\n"
        "林黛玉,13800138000,2026-11-22 18:00,2026-11-23 08:00,夜班\n"
        ",,,,\n"
        "薛宝钗,010-1,2026-11-23 18:00,08:00,\n"
        "史湘云,+260970000001,2026-11-24 18:00,2026-11-24 08:00,\n"
    )
    found, wrong = read_table(text.encode(coding), "Asia/Shanghai")
    assert [one.name for one in found] == ["林黛玉"]
    assert [one.line for one in wrong] == [4, 5]


@pytest.mark.parametrize("raw", [b"a,b\n1,2\n", b"", b"\xff\xfe\x00"])
def test_no_table(raw: bytes) -> None:
    """A file without the four columns is refused whole."""
    with pytest.raises(BadInput):
        read_table(raw, "Asia/Shanghai")
