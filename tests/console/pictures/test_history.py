"""Levels over a year: every line has a lane of its own, every step and alert is in the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from console.pictures.history import LANE, History, Mark, Step, Track, layout, level_history, months
from tests.console.pictures.seen import look

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=365)
BEIJING = ZoneInfo("Asia/Shanghai")


def track(label: str, *steps: tuple[int, int | None], home: bool = False) -> Track:
    """Make a line: level from so many days before the end."""
    return Track(label, tuple(Step(UNTIL - timedelta(days=days), level) for days, level in steps), home)


def made(*tracks: Track, marks: tuple[Mark, ...] = ()) -> History:
    """Make a year."""
    return History(SINCE, UNTIL, tracks, marks)


def test_lines_of_one_level_do_not_lie_on_each_other() -> None:
    """Two publishers at one level have two lanes, within the band of the level; a level nobody has keeps a narrow band."""
    plan = layout(made(track("甲", (300, 2), (100, 4)), track("乙", (300, 2))))
    assert set(plan.lanes) == {(2, 0), (4, 0), (2, 1)}
    assert plan.lanes[2, 1] - plan.lanes[2, 0] == LANE
    assert all(plan.bands[level][0] < y < plan.bands[level][1] for (level, _), y in plan.lanes.items())
    assert all(begin < end for begin, end in plan.bands.values())


def test_a_line_steps_and_breaks_off() -> None:
    """A rise is a step up; where no level is stated there is no line; the name stands at the end of what is drawn."""
    seen = look(
        level_history("year", made(track("中国外交部", (300, 3), (200, None), (100, 4), home=True)), BEIJING, "zh")
    )
    (line,) = [one for one in seen.values("path", "d") if one.count("H") == 2]
    assert line.count("M") == 2
    assert "V" not in line
    assert seen.texts("text", "track-words") == ["中国外交部"]
    assert "目前：中国外交部 4 暂勿前往。" in seen.texts("title")[0]


def test_everything_is_in_the_table() -> None:
    """Each step with what it was before, each alert with its link, the newest first."""
    mark = Mark(UNTIL - timedelta(days=50), 4, "撤离", "/office/alerts/7")
    seen = look(level_history("year", made(track("甲", (300, 2), (100, 4)), marks=(mark,)), BEIJING, "zh"))
    assert seen.rows() == [
        ["2026-10-03", "撤离", "–", "4 暂勿前往"],
        ["2026-08-14", "甲", "2 注意安全", "4 暂勿前往"],
        ["2026-01-26", "甲", "–", "2 注意安全"],
    ]
    assert seen.values("a", "href") == ["/office/alerts/7"]


def test_alerts_close_together_do_not_cover_each_other() -> None:
    """Three alerts in three days stand in three rows; one that is months later stands in the first again."""
    marks = tuple(Mark(UNTIL - timedelta(days=days), 3, "x", "/") for days in (103, 102, 101, 20))
    assert layout(made(marks=marks)).rows == (0, 1, 2, 0)


def test_months_are_those_of_the_reader() -> None:
    """Twelve first days by the clock of the reader, over the turn of the year, none outside the picture."""
    found = months(made(), BEIJING)
    assert [f"{one:%Y-%m-%d %H:%M%z}" for one in found[:3]] == [
        "2025-12-01 00:00+0800", "2026-01-01 00:00+0800", "2026-02-01 00:00+0800",
    ]  # fmt: skip
    assert len(found) == 12


def test_a_hostile_publisher_is_only_text() -> None:
    """A title or a name with markup is shown as it is written."""
    mark = Mark(UNTIL, None, "<script>x</script>", 'javascript:"')
    seen = look(level_history("year", made(track("<b>甲</b>", (10, 1)), marks=(mark,)), BEIJING, "en"))
    assert not seen.every("script")
    assert not seen.every("b")
