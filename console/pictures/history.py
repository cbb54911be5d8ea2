"""Levels of a country over a year: a thin step line for each publisher, our alerts as marks above them. Pure.

Levels are whole numbers, and many lines would lie on each other. So each level is a band with a lane for every publisher that
was ever there; the name stands at the end of the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from babel.dates import format_date
from markupsafe import Markup

from console.pictures.levels import level_name
from console.pictures.markup import Cell, Link, Rows, Words, drawing, picture, said, tag
from core.i18n import Language, t

LEFT, WIDE = 134, 620
RIGHT: Mapping[Language, int] = {"zh": 168, "en": 264}
"""Room for the words beside the plot; names of ministries are longer in English."""
EDGE = 14
LANE, ROOM, TOP, FOOT = 15, 6, 12, 34
MARK = 16
BANDS = (4, 3, 2, 1)


@dataclass(frozen=True)
class Step:
    """From this moment on a publisher says this level; None: it states none."""

    at: datetime
    level: int | None


@dataclass(frozen=True)
class Track:
    """One publisher. `steps`: the oldest first; the first is at the beginning of the picture or later. `home`: of China."""

    label: Words
    steps: tuple[Step, ...]
    home: bool = False


@dataclass(frozen=True)
class Mark:
    """One alert of ours, when it went out. `href`: its page."""

    at: datetime
    level: int | None
    title: str
    href: str


@dataclass(frozen=True)
class History:
    """What is drawn, from `since` to `until`."""

    since: datetime
    until: datetime
    tracks: tuple[Track, ...]
    marks: tuple[Mark, ...]

    def x(self, at: datetime) -> float:
        """Return how far right a moment stands."""
        share = (at - self.since) / (self.until - self.since)
        return LEFT + WIDE * min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class Layout:
    """Where everything stands: the height of each lane, by level and number of the track; the edges of bands; the rows of marks."""

    lanes: Mapping[tuple[int, int], float]
    bands: Mapping[int, tuple[float, float]]
    rows: tuple[int, ...]
    height: int


def level_history(name: str, shown: History, zone: tzinfo, language: Language) -> Markup:
    """Return the picture, and its table with every step and every alert, the newest first.

    Args:
        name: id of the picture, unique on the page.
        zone: of the reader: days and months are of it.
    """
    plan = layout(shown)
    now = ", ".join(
        f"{said(one.label, language)} {level_name(one.steps[-1].level, language)}" for one in shown.tracks if one.steps
    )
    told = said(t("Levels over 12 months, with {count} alerts of ours. Now: {levels}.", count=len(shown.marks),
                  levels=now or "–"), language)  # fmt: skip
    drawn = (
        *_bands(plan, language), *_months(shown, plan, zone, language), *_marks(shown, plan, language),
        *(piece for number, one in enumerate(shown.tracks) for piece in _track(shown, plan, number, one, language)),
    )  # fmt: skip
    made = drawing(name + "-drawing", told, (LEFT + WIDE + RIGHT[language], plan.height), *drawn)
    return picture(name, made, _rows(shown, zone, language), language)


def layout(shown: History) -> Layout:
    """Work out the lanes: in each band one for every publisher that was ever at that level, in the order of the tracks."""
    rows = _mark_rows(shown)
    y = float(TOP + (max(rows, default=-1) + 1) * (MARK + 4) + 4)
    lanes: dict[tuple[int, int], float] = {}
    bands: dict[int, tuple[float, float]] = {}
    for level in BANDS:
        begin, y = y, y + ROOM
        for number, one in enumerate(shown.tracks):
            if any(step.level == level for step in one.steps):
                lanes[level, number] = y + LANE / 2
                y += LANE
        y = max(y + ROOM, begin + LANE + ROOM)
        bands[level] = (begin, y)
    return Layout(lanes, bands, rows, round(y) + FOOT)


def _mark_rows(shown: History) -> tuple[int, ...]:
    """Return the row of each mark: the first in which it covers no other."""
    ends: list[float] = []
    found = []
    for one in shown.marks:
        x = shown.x(one.at)
        row = next((number for number, end in enumerate(ends) if end <= x - MARK), len(ends))
        ends[row : row + 1] = [x + 2]
        found.append(row)
    return tuple(found)


def _bands(plan: Layout, language: Language) -> Iterable[Markup]:
    for level, (begin, end) in plan.bands.items():
        middle = (begin + end) / 2
        yield tag("rect", {"class": f"band band-{level}", "x": LEFT, "y": begin, "width": WIDE, "height": end - begin})
        yield tag("rect", {"class": f"sign sign-{level}", "x": LEFT - 8, "y": begin, "width": 5, "height": end - begin})
        yield from _edge(level, begin, end)
        words = {"class": "band-words", "x": LEFT - 14, "y": middle + 4, "text-anchor": "end"}
        yield tag("text", words, level_name(level, language))


def _edge(level: int, begin: float, end: float) -> Iterable[Markup]:
    """Draw the level at the newer end again: on a phone that is the end in sight."""
    yield tag(
        "rect", {"class": f"sign sign-{level}", "x": LEFT + WIDE + 2, "y": begin, "width": EDGE, "height": end - begin}
    )
    words = {"class": f"mark-words on-{level}", "x": LEFT + WIDE + 2 + EDGE / 2, "y": (begin + end) / 2 + 4}
    yield tag("text", words | {"text-anchor": "middle"}, level)


def _months(shown: History, plan: Layout, zone: tzinfo, language: Language) -> Iterable[Markup]:
    begin, end = plan.bands[BANDS[0]][0], plan.bands[BANDS[-1]][1]
    for number, month in enumerate(months(shown, zone)):
        x = shown.x(month)
        yield tag("path", {"class": "month", "d": f"M{x:.1f},{begin} V{end + 4}"})
        words = format_date(month.date(), "LLL", locale="zh_CN" if language == "zh" else "en")
        yield tag("text", {"class": "month-words", "x": f"{x:.1f}", "y": end + 17, "text-anchor": "middle"}, words)
        if month.month == 1 or number == 0:
            yield tag(
                "text", {"class": "month-words", "x": f"{x:.1f}", "y": end + 30, "text-anchor": "middle"}, month.year
            )


def months(shown: History, zone: tzinfo) -> list[datetime]:
    """Return the first moments of the months in the picture."""
    first = shown.since.astimezone(zone)
    found = [
        datetime(first.year + (first.month + step) // 12, (first.month + step) % 12 + 1, 1, tzinfo=zone)
        for step in range(13)
    ]
    return [month for month in found if shown.since <= month <= shown.until]


def _marks(shown: History, plan: Layout, language: Language) -> Iterable[Markup]:
    if shown.marks:
        words = {"class": "band-words", "x": LEFT - 14, "y": TOP + MARK - 4, "text-anchor": "end"}
        yield tag("text", words, said(t("our alerts"), language))
    foot = plan.bands[BANDS[-1]][1]
    for one, row in zip(shown.marks, plan.rows, strict=True):
        x, y = shown.x(one.at), TOP + row * (MARK + 4)
        yield tag("path", {"class": "mark-line", "d": f"M{x:.1f},{y + MARK} V{foot}"})
        box = {"class": f"sign sign-{one.level or 'none'}", "x": f"{x - MARK / 2:.1f}", "y": y, "width": MARK, "height": MARK,
               "rx": 2}  # fmt: skip
        text = {"class": f"mark-words on-{one.level or 'none'}", "x": f"{x:.1f}", "y": y + 12, "text-anchor": "middle"}
        yield tag("g", {}, tag("title", {}, one.title), tag("rect", box), tag("text", text, one.level or "–"))


def _track(shown: History, plan: Layout, number: int, one: Track, language: Language) -> Iterable[Markup]:
    d, end = "", (0.0, 0.0)
    before: float | None = None
    for step, until in _pieces(one, shown.until):
        y = None if step.level is None else plan.lanes[step.level, number]
        if y is not None:
            x, right = shown.x(step.at), shown.x(until)
            d += (f"M{x:.1f},{y:g}" if before is None else f"V{y:g}") + f"H{right:.1f}"
            end = (right, y)
        before = y
    if d:
        kind = "home" if one.home else "peer"
        yield tag("path", {"class": f"track track-{kind}", "d": d})
        yield tag("circle", {"class": f"track-end track-end-{kind}", "cx": f"{end[0]:.1f}", "cy": end[1], "r": 2.5})
        words = {"class": f"track-words track-words-{kind}", "x": f"{_beside(end[0]):.1f}", "y": end[1] + 4}
        yield tag("text", words, said(one.label, language))


def _beside(x: float) -> float:
    """Return where the name of a line begins that ends at `x`."""
    return x + 7 if x < LEFT + WIDE else x + EDGE + 8


def _pieces(one: Track, until: datetime) -> Iterable[tuple[Step, datetime]]:
    ends = [*(step.at for step in one.steps[1:]), until]
    return zip(one.steps, ends, strict=True) if one.steps else ()


def _rows(shown: History, zone: tzinfo, language: Language) -> Rows:
    def day(at: datetime) -> str:
        """Return the day of a moment, for the reader."""
        return f"{at.astimezone(zone):%Y-%m-%d}"

    found: list[tuple[datetime, tuple[Cell, ...]]] = []
    for one in shown.tracks:
        previous: int | None = None
        for number, step in enumerate(one.steps):
            before = "–" if number == 0 else level_name(previous, language)
            found.append((step.at, (day(step.at), one.label, before, level_name(step.level, language))))
            previous = step.level
    for mark in shown.marks:
        cells = (day(mark.at), Link(mark.title, mark.href), "–", level_name(mark.level, language))
        found.append((mark.at, cells))
    ordered: Sequence[tuple[Cell, ...]] = [cells for _, cells in sorted(found, key=lambda one: one[0], reverse=True)]
    heads = (t("Day"), t("Whose word"), t("before"), t("since then"))
    return Rows(t("Levels over 12 months"), heads, tuple(ordered))
