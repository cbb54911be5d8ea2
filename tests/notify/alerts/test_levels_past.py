"""Levels over time, and the highest of all countries at one look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.i18n import t
from notify.levels_board import Highest, highest, top
from notify.levels_past import past_levels
from sources.catalog import publishers
from sources.change import Entry
from sources.model import Advisory, AdvisoryChange, ChangeKind, Grade, Level
from sources.store import StoredChange
from sources.tables import SourceState
from tests.notify.made import advisory

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SINCE = NOW - timedelta(days=365)
CARDS = {name: publishers()[name].CARD for name in ("us-state", "cn-mfa", "de-aa", "usgs")}


def days(count: int) -> datetime:
    """Return the night so many days ago."""
    return NOW - timedelta(days=count)


def said(level: Level, native_id: str = "us-state/ML", **more: object) -> Advisory:
    """Return what the United States say of Mali."""
    return advisory(
        **{"source": "us-state", "native_id": native_id, "countries": ("ML",), "level_national": level, **more}
    )


def moved(at: int, before: Advisory | None, after: Advisory | None, *, confirmed: bool = True) -> StoredChange:
    """Return a change of so many days ago."""
    kind = ChangeKind.NEW if before is None else ChangeKind.WITHDRAWN if after is None else ChangeKind.RAISED
    change = AdvisoryChange(kind, confirmed, "us-state", "us-state/ML", t("Only the date moved."), before, after)
    return StoredChange(at, change, days(at), None, None)


def past(
    now: list[Advisory], *changes: StoredChange, baseline: int = 200, good: int = 0
) -> list[tuple[int, int | None]]:
    """Return the line of the United States: how many days ago, and which level from then on."""
    state = SourceState(source_id="us-state", baseline_at=days(baseline), last_good_at=days(good), last_tried_at=NOW)
    entries = [Entry(one, NOW) for one in now]
    sources = [(card, state if name == "us-state" else SourceState(source_id=name)) for name, card in CARDS.items()]
    found = past_levels("ML", entries, changes, sources, SINCE)
    return [((NOW - one.at).days, one.level) for line in found for one in line.stands]


def test_a_line_is_read_back_from_what_stands() -> None:
    """It begins where the source was first read, ends at what it says today, and has a step for each change."""
    two, three, four = said(2), said(3), said(4)
    assert past([four], moved(90, two, three), moved(20, three, four)) == [(200, 2), (90, 3), (20, 4)]
    assert past([four], moved(90, two, three), moved(20, three, four), baseline=500) == [(365, 2), (90, 3), (20, 4)]
    assert past([four]) == [(200, 4)]


def test_new_and_withdrawn_are_the_ends_of_a_line() -> None:
    """Before it was there, and after it was taken away, nothing is said; what was never confirmed moved nothing."""
    three = said(3)
    assert past([three], moved(50, None, three)) == [(200, None), (50, 3)]
    assert past([], moved(90, None, three), moved(30, three, None)) == [(200, None), (90, 3), (30, None)]
    assert past([three], moved(30, three, None, confirmed=False)) == [(200, 3)]


def test_another_country_is_no_part_of_the_line() -> None:
    """A notice that was about the neighbour, and then about Mali too, begins when Mali was named."""
    neighbour, both = said(3, countries=("NE",)), said(3, countries=("ML", "NE"))
    assert past([both], moved(40, neighbour, both)) == [(200, None), (40, 3)]


def test_a_source_not_read_for_days_ends_where_it_was_read() -> None:
    """What it says now is not known: the line does not go on as if it were."""
    assert past([said(3)], good=5) == [(200, 3), (5, None)]
    assert past([said(3)], good=1) == [(200, 3)]


def test_who_never_stated_a_level_has_no_line() -> None:
    """Neither advice without a level nor a source that was never read is drawn."""
    assert past([said(Grade.UNSTATED)]) == []
    assert (
        past_levels("ML", [Entry(said(3), NOW)], [], [(CARDS["us-state"], SourceState(source_id="us-state"))], SINCE)
        == ()
    )


def test_two_moves_in_one_night_are_one_step() -> None:
    """What counts is what stood when the night was over."""
    one, two, three = said(1), said(2), said(3)
    assert past([three], moved(20, one, two), moved(20, two, three)) == [(200, 1), (20, 3)]


def test_the_highest_of_each_country() -> None:
    """Home and others apart, of each publisher its present word; hazards and sources that are off are no governments."""
    home = advisory(source="cn-mfa", native_id="1", countries=("ML", "NE"), level_national=Grade.UNSTATED)
    newer = replace(home, native_id="2", countries=("ML",), level_national=3, published_at=NOW)
    older = replace(home, native_id="3", countries=("ML",), level_national=4, published_at=days(80))
    quake = advisory(source="usgs", countries=("ML",), level_national=4)
    off = advisory(source="fr-meae", countries=("ML",), level_national=4)
    found = highest([home, newer, older, quake, off, said(2)], list(CARDS.values()))
    assert found == {"ML": Highest(3, 2), "NE": Highest(Grade.UNSTATED, None)}


def test_no_number_is_told_from_nothing() -> None:
    """A level that was not understood is worse to know than one that is not stated; both are no level 1."""
    levels: list[list[Level]] = [[1, 4, Grade.UNKNOWN], [Grade.UNSTATED, Grade.UNKNOWN], [Grade.UNSTATED], []]
    assert [top(one) for one in levels] == [4, Grade.UNKNOWN, Grade.UNSTATED, None]
