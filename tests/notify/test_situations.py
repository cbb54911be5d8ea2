"""Situations: what is silent beside an alert that stands, and what always speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from notify.situations import is_silent, why
from sources.events import Event, EventKind
from sources.model import Advisory

AT = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEGREE = 111.2
"""Kilometres of one degree of latitude."""


def quake(
    tier: int, after: timedelta = timedelta(), km: float = 0.0, magnitude: float | None = 7.0, **values: object
) -> Advisory:
    """Make a quake in Zambia, so long after the first and so far north of it."""
    event = Event(
        EventKind.QUAKE, AT + after, -13.0 + km / DEGREE, 28.0, ids=(f"usgs:{tier}{after}{km}",), magnitude=magnitude
    )
    plain = Advisory(
        "usgs", event.ids[0], "M 7", "https://one.example/q", "en", countries=("ZM",), tier=tier, event=event
    )
    return replace(plain, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "new", "silent"),
    [
        (3, quake(2, HOUR), True),
        (3, quake(2, 71 * HOUR, 249), True),
        (2, quake(2, 30 * HOUR), True),
        (2, quake(1, HOUR), True),
        (2, quake(3, HOUR), False),
        (3, quake(3, 5 * HOUR), True),
        (3, quake(3, 6 * HOUR), False),
        (3, quake(2, 73 * HOUR), False),
        (3, quake(2, HOUR, 251), False),
        (3, quake(2, -HOUR), True),
        (3, quake(3, -7 * HOUR), False),
    ],
    ids=["yellow aftershock", "at the edges", "as grave, not of the gravest", "milder", "graver", "as grave, too soon",
         "as grave, six hours on", "window over", "too far", "told of late", "as grave, told of late"],
)  # fmt: skip
def test_a_further_quake(told: int, new: Advisory, silent: bool) -> None:
    """Within 72 hours and 250 km it is silent, unless it is graver, or of the gravest and six hours apart."""
    assert is_silent([quake(told)], new) is silent


@pytest.mark.parametrize(
    ("told", "new", "silent"),
    [
        (quake(3, magnitude=6.4), quake(3, 2 * HOUR, magnitude=7.9), False),
        (quake(2, magnitude=5.9), quake(2, 2 * HOUR, magnitude=6.0), False),
        (quake(3, magnitude=7.8), quake(3, 2 * HOUR, magnitude=7.8), True),
        (quake(3), quake(3, 2 * HOUR, magnitude=None), False),
        (quake(3, magnitude=None), quake(3, 2 * HOUR), False),
        (quake(3, level_words="PAGER orange"), quake(3, HOUR, level_words="PAGER red", magnitude=6.5), False),
        (quake(3, level_words="PAGER red"), quake(3, HOUR, level_words="PAGER orange", magnitude=6.5), True),
        (quake(3, magnitude=6.4), quake(2, 2 * HOUR, magnitude=6.9), True),
    ],
    ids=["great shock after a foreshock", "a little stronger", "as strong", "strength not known", "nor of the one told of",
         "red after orange", "orange after red", "of a lower tier"],
)  # fmt: skip
def test_no_foreshock_hides_the_shock(told: Advisory, new: Advisory, silent: bool) -> None:
    """Within one tier the stronger speaks, and red after orange; what is not known may be stronger."""
    assert is_silent([told], new) is silent


def test_the_gravest_quake_told_of_decides() -> None:
    """After a tier 3 six hours on the next counts from there: the last of the gravest is four hours old."""
    told = [quake(3), quake(2, HOUR), quake(3, 9 * HOUR)]
    assert is_silent(told, quake(3, 13 * HOUR))
    assert not is_silent(told, quake(3, 15 * HOUR))


def test_silent_quakes_do_not_prolong_a_situation() -> None:
    """Only what people were told of is given: four days after it an aftershock is news, however many came between."""
    assert not is_silent([quake(3)], quake(2, 4 * DAY))


@pytest.mark.parametrize(
    "new",
    [
        quake(2, event=None),
        quake(2, event=Event(EventKind.QUAKE, AT)),
        quake(2, event=Event(EventKind.QUAKE, None, -13.0, 28.0)),
        quake(2, event=Event(EventKind.TSUNAMI, AT, -13.0, 28.0)),
        quake(2, countries=()),
        quake(2, ambiguous=("Georgia: GE US",)),
    ],
    ids=["no event", "no point", "no time", "its wave", "no country", "a country in doubt"],
)
def test_what_is_in_doubt_speaks(new: Advisory) -> None:
    """Nothing is silent that cannot be placed in time, on the map and in a country."""
    assert not is_silent([quake(3)], new)


@pytest.mark.parametrize("kind", [EventKind.VOLCANO, EventKind.FLOOD, EventKind.WILDFIRE, EventKind.CYCLONE])
def test_what_no_distance_tells_apart_speaks(kind: EventKind) -> None:
    """A second volcano, flood, fire or cyclone in one country is a danger of its own, however near."""
    first = quake(3, event=Event(kind, AT, -13.0, 28.0, name="TESTA", ids=("a:1",)))
    second = quake(2, event=Event(kind, AT + HOUR, -13.0, 28.0, name="TESTB", ids=("a:2",)))
    assert not is_silent([first], second)


def report(tier: int, disease: str, after: timedelta) -> Advisory:
    """Make a report of an outbreak."""
    return quake(tier, event=Event(EventKind.EPIDEMIC, AT + after, name=disease))


def test_reports_of_one_disease_are_one_situation() -> None:
    """A second source's report within 72 hours is silent; another disease, no disease, and a graver report speak."""
    told = [report(2, "testan fever", timedelta())]
    assert is_silent(told, report(2, "testan fever", 2 * DAY))
    assert not is_silent(told, report(2, "cholera", DAY))
    assert not is_silent([report(2, "", DAY)], report(2, "", DAY))
    assert not is_silent(told, report(3, "testan fever", DAY))
    assert not is_silent(told, report(2, "testan fever", 4 * DAY))


def test_the_reason_names_the_alert_in_both_languages() -> None:
    """An officer reads what it belongs to and why it is silent."""
    assert why(quake(2), 7).render("en") == (
        "an earthquake within 250 km and 72 hours of that of alert 7, and no graver (tier 2)"
    )
    assert why(quake(2), 7).render("zh") == "距预警 7 所指地震 250 公里、72 小时以内，级别不更高（T2），不另开预警"
    assert "outbreak of alert 7" in why(report(2, "cholera", HOUR), 7).render("en")
