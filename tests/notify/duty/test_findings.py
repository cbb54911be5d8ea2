"""What the watchdog makes of facts: pure tables of when something is late, and when it is not yet."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from notify.duty.findings import NightRun, Sending, disk, home_sources, night, scheduler, shares

ZONE, BY = "Asia/Shanghai", time(5)
OLD = datetime(2026, 1, 1, tzinfo=UTC)


def beijing(text: str) -> datetime:
    """Return a moment by the clock of Beijing."""
    return datetime.fromisoformat(f"2026-11-{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("last", "status", "now", "found"),
    [
        ("22 02:30", "Completed", "22 05:00", False),
        ("22 02:30", "Partial", "22 07:00", False),
        ("22 02:30", "Failed", "22 05:00", True),
        ("21 02:30", "Completed", "22 04:59", False),
        ("21 02:30", "Completed", "22 05:00", True),
        ("21 02:30", "Completed", "22 23:00", True),
        ("20 02:30", "Completed", "22 04:59", True),
        ("22 02:30", "Completed", "23 04:00", False),
        (None, "", "22 05:00", True),
        # A night worked by hand in the evening belongs to its own day only.
        ("21 20:00", "Completed", "22 05:00", True),
    ],
)
def test_the_night(last: str | None, status: str, now: str, found: bool) -> None:
    """From five o'clock on the night of the day must have come to its end; before it, that of the day before."""
    run = None if last is None else NightRun(beijing(last), status)
    assert bool(night(run, beijing(now), ZONE, BY, OLD)) is found


@pytest.mark.parametrize(("founded", "found"), [("22 05:01", False), ("22 04:00", True), ("21 12:00", True)])
def test_a_new_office_has_missed_no_night(founded: str, found: bool) -> None:
    """An office founded after this morning's hour has missed nothing."""
    assert bool(night(None, beijing("22 12:00"), ZONE, BY, beijing(founded))) is found


def test_home_sources() -> None:
    """Each that is late is named; if it is all of them, that is one matter and not forty."""
    now = beijing("22 12:00")
    fresh, late = now - timedelta(minutes=90), now - timedelta(minutes=91)
    assert home_sources({"a": fresh, "b": fresh}, now, 90, OLD) == []
    assert [one.cause for one in home_sources({"a": fresh, "b": late, "c": None}, now, 90, OLD)] == [
        "watch/source/b", "watch/source/c",
    ]  # fmt: skip
    assert [one.cause for one in home_sources({"a": late, "b": None}, now, 90, OLD)] == ["watch/home"]
    assert home_sources({"a": None}, now, 90, now - timedelta(minutes=89)) == []


@pytest.mark.parametrize(("minutes", "found"), [(0, False), (5, False), (6, True), (None, True)])
def test_the_scheduler(minutes: int | None, found: bool) -> None:
    """A sweep that is silent for longer than its minutes, or was never heard of."""
    now = beijing("22 12:00")
    last = None if minutes is None else now - timedelta(minutes=minutes)
    assert bool(scheduler(last, now, 5, OLD)) is found


@pytest.mark.parametrize(
    ("minutes", "seconds", "left", "found"),
    [
        (15, 0, 6, True), (15, 0, 5, False), (14, 0, 100, False), (15, 600, 100, False), (25, 600, 100, True),
        (999, 0, 0, False),
    ],
)  # fmt: skip
def test_shares(minutes: int, seconds: float, left: int, found: bool) -> None:
    """Of a hundred notices ninety-five must be at an end, fifteen minutes after the time the sending was reckoned to take."""
    now = beijing("22 12:00")
    one = Sending(7, 9, now - timedelta(minutes=minutes), seconds, left, 100)
    assert bool(shares([one], now, share=0.95, minutes=15)) is found


def test_no_notices_are_no_finding() -> None:
    """A version without any notice has no share."""
    now = beijing("22 12:00")
    assert shares([Sending(7, 9, OLD, 0, 0, 0)], now, share=0.95, minutes=15) == []


@pytest.mark.parametrize(("free", "found"), [(1024, False), (1023, True), (0, True)])
def test_the_disk(free: int, found: bool) -> None:
    """Less than the least."""
    assert bool(disk(free, 1024)) is found
