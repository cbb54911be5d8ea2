"""The clock, and times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.clock import FixedClock, SystemClock, iso, parse_moment


def test_the_clock_of_the_machine_is_aware_utc() -> None:
    """Now is in UTC, and does not lie in the past of a time asked before."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now >= before


def test_a_fixed_clock_stands_until_it_is_moved(clock: FixedClock) -> None:
    """Asking does not move it; `advance` does, both ways."""
    first = clock.now()
    assert clock.now() == first
    clock.advance(timedelta(hours=2))
    clock.advance(-timedelta(hours=1))
    assert clock.now() == first + timedelta(hours=1)


@pytest.mark.parametrize("text", ["2026-10-05T00:00:00Z", " 2026-10-05T08:00:00+08:00 ", "2026-10-04T19:00-05:00"])
def test_a_time_with_a_zone_is_read_as_utc(text: str) -> None:
    """The same moment, whatever zone it is written in."""
    moment = parse_moment(text)
    assert (moment, moment.tzinfo) == (datetime(2026, 10, 5, tzinfo=UTC), UTC)


@pytest.mark.parametrize("text", ["2026-10-05T00:00:00", "2026-10-05", "tomorrow", ""])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    """A naive time is never guessed at, and what is no time is none."""
    with pytest.raises(ValueError):
        parse_moment(text)


def test_a_time_is_written_in_utc_with_a_z() -> None:
    """Written and read again, a time is the same moment; no time is no text."""
    moment = datetime(2026, 10, 5, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    assert iso(moment) == "2026-10-05T00:30:00Z"
    assert parse_moment(iso(moment) or "") == moment
    assert iso(None) is None
