"""Events that several feeds tell of: strong joins only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.places.tables import rows
from sources.events import (
    Event,
    EventKind,
    away_km,
    cyclone_name,
    cyclone_season,
    disease_name,
    glide_number,
    same_event,
)

FIRST = Event(EventKind.QUAKE, datetime(2023, 2, 6, 1, 17, 34, tzinfo=UTC), 37.23, 37.01, ids=("usgs:us6000jllz",))
SECOND = Event(EventKind.QUAKE, datetime(2023, 2, 6, 10, 24, 49, tzinfo=UTC), 38.01, 37.20, ids=("usgs:us6000jlqa",))
NAMES = Path(__file__).resolve().parents[2] / "sources" / "data" / "cyclone_names.csv"
STORM = Event(EventKind.CYCLONE, FIRST.at, name="FREDDY", season=2023)


def test_the_two_great_quakes_of_february_2023_stay_two() -> None:
    """Nine hours and 90 km apart they are two events, even under the one GLIDE number that both were given."""
    assert same_event(FIRST, SECOND) == ""
    glide = "EQ-2023-000015-TUR"
    assert same_event(replace(FIRST, glide=glide), replace(SECOND, glide=glide)) == ""


@pytest.mark.parametrize(
    ("seconds", "north", "rule"),
    [(5, 0.05, "quake"), (120, 0.89, "quake"), (121, 0.0, ""), (5, 0.91, "")],
    ids=["two agencies", "at the edge", "too late", "too far"],
)
def test_one_quake_located_by_two_agencies(seconds: int, north: float, rule: str) -> None:
    """Within 120 seconds and 100 km it is one quake; a degree of latitude is 111 km."""
    assert FIRST.at is not None
    assert FIRST.lat is not None
    other = Event(EventKind.QUAKE, FIRST.at + timedelta(seconds=seconds), FIRST.lat + north, FIRST.lon)
    assert same_event(FIRST, other) == same_event(other, FIRST) == rule


def test_a_quake_beyond_the_date_line_is_near() -> None:
    """Longitudes 179.9 and -179.9 are neighbours."""
    east = Event(EventKind.QUAKE, FIRST.at, -20.0, 179.9)
    assert same_event(east, replace(east, lon=-179.9)) == "quake"


def test_a_shared_id_settles_it() -> None:
    """The preferred id of a quake may change; the set of its ids goes on meeting, wherever it is put on the map."""
    again = replace(FIRST, ids=("usgs:tr1", *FIRST.ids), lat=10.0)
    assert same_event(FIRST, again) == "id"


def test_a_glide_number_joins_what_has_no_better_mark() -> None:
    """Two records of one flood meet by GLIDE; without a number they do not."""
    flood = Event(EventKind.FLOOD, FIRST.at, 1.0, 1.0, glide="FL-2026-000001-ZMB", ids=("a:1",))
    assert same_event(flood, replace(flood, ids=("b:1",), lat=9.0)) == "glide"
    assert same_event(replace(flood, glide=""), replace(flood, glide="", ids=("b:1",))) == ""


def test_a_cyclone_is_known_by_name_and_season() -> None:
    """The same name in another year, or no name, is another cyclone."""
    assert same_event(STORM, replace(STORM, lat=1.0, at=None)) == "cyclone"
    assert same_event(STORM, replace(STORM, season=2029)) == ""
    assert same_event(replace(STORM, name=""), replace(STORM, name="")) == ""
    assert same_event(replace(STORM, season=None), replace(STORM, season=None)) == ""


def cyclone(name: str, season: int, month: int = 8) -> Event:
    """Make a cyclone that began in a month of its season."""
    return Event(EventKind.CYCLONE, datetime(season, month, 1, tzinfo=UTC), name=name, season=season)


def test_a_cyclone_is_known_by_its_local_name() -> None:
    """PAGASA's HANNA of 2015 is SOUDELOR; the HANNA of another year, and another storm's name, are not."""
    soudelor = cyclone("SOUDELOR", 2015)
    assert same_event(soudelor, cyclone("HANNA", 2015)) == same_event(cyclone("HANNA", 2015), soudelor) == "cyclone"
    assert same_event(cyclone("HANNA", 2015), cyclone("HANNA", 2015)) == "cyclone"
    assert same_event(cyclone("SOUDELOR", 2019), cyclone("HANNA", 2019)) == ""
    assert same_event(soudelor, cyclone("GONI", 2015)) == ""


def test_two_oceans_may_use_one_name_in_one_year() -> None:
    """ODETTE was an Atlantic storm in September 2021 and the local name of RAI in December; ANA was given twice that year."""
    assert same_event(cyclone("RAI", 2021, 12), cyclone("ODETTE", 2021, 9)) == ""
    assert same_event(cyclone("RAI", 2021, 12), cyclone("ODETTE", 2021, 12)) == "cyclone"
    assert same_event(cyclone("ANA", 2021, 1), cyclone("ANA", 2021, 5)) == ""


def test_every_local_name_is_one_cyclone_and_says_where_it_was_read() -> None:
    """Names are bare, a local name means one cyclone a season, and each pair has its origin and how certain it is."""
    table = list(rows(NAMES))
    assert all(cyclone_name(row[key]) == row[key] for row in table for key in ("name", "local"))
    assert len({(row["season"], row["local"]) for row in table}) == len({(row["season"], row["name"]) for row in table})
    assert {row["certain"] for row in table} <= {"publisher", "press", "reference"}
    assert all(row["origin"] and row["season"].isdigit() for row in table)
    assert len(table) == len({(row["season"], row["local"]) for row in table})


def test_a_volcano_is_known_by_its_number_and_not_by_its_place() -> None:
    """The Smithsonian's number joins two records; nearness alone leaves volcanoes, floods and fires apart."""
    volcano = Event(EventKind.VOLCANO, FIRST.at, -8.0, 115.0, ids=("vn:264020",))
    assert same_event(volcano, replace(volcano, at=None, lat=None)) == "id"
    for kind in (EventKind.VOLCANO, EventKind.FLOOD, EventKind.WILDFIRE):
        assert same_event(replace(volcano, kind=kind), replace(volcano, kind=kind, ids=("gdacs:1",))) == ""


def test_reports_of_an_outbreak_are_never_one_record() -> None:
    """A disease has no strong mark: a further report is of the same situation at most, never the same event."""
    outbreak = Event(EventKind.EPIDEMIC, FIRST.at, name="cholera")
    assert same_event(outbreak, replace(outbreak)) == ""


def test_diseases_are_bare() -> None:
    """What is left of "in the" before a place is no part of the disease."""
    said = ("chikungunya in", "Mpox  in the ", "sudan virus disease", "infection")
    assert [disease_name(one) for one in said] == ["chikungunya", "mpox", "sudan virus disease", "infection"]


def test_distances_are_in_kilometres() -> None:
    """The two quakes of February 2023 are 90 km apart; without a point there is no distance."""
    assert round(away_km(FIRST, SECOND) or 0) == 88
    assert away_km(FIRST, replace(SECOND, lat=None)) is None


def test_a_tsunami_is_linked_to_the_quake_before_it() -> None:
    """Up to six hours after the quake it is its wave, which is a link and not the same event."""
    assert FIRST.at is not None
    wave = Event(EventKind.TSUNAMI, FIRST.at + timedelta(hours=5))
    assert same_event(FIRST, wave) == same_event(wave, FIRST) == "tsunami-of-quake"
    assert same_event(FIRST, replace(wave, at=FIRST.at + timedelta(hours=7))) == ""
    assert same_event(FIRST, replace(wave, at=FIRST.at - timedelta(hours=1))) == ""


def test_hazards_of_different_kinds_never_meet() -> None:
    """A flood with the ids and the GLIDE number of a quake is still no quake."""
    assert same_event(FIRST, replace(FIRST, kind=EventKind.FLOOD)) == ""


@pytest.mark.parametrize(
    ("text", "name", "season"),
    [
        ("PHANFONE-19", "PHANFONE", 2019),
        ("Chan-hom-15", "CHAN-HOM", 2015),
        ("Super Typhoon Haiyan", "HAIYAN", 2023),
        ("Severe Tropical Storm Matmo-14", "MATMO", 2014),
        ("TWO-15", "", 2015),
        ("THIRTEEN-20", "", 2020),
        ("TWENTY-ONE-20", "", 2020),
        ("10W", "", 2023),
        ("", "", 2023),
    ],
)
def test_names_of_cyclones_are_bare(text: str, name: str, season: int) -> None:
    """Rank and year are not part of the name, and a running number is no name."""
    assert (cyclone_name(text), cyclone_season(text, FIRST.at)) == (name, season)


def test_what_is_no_glide_number_joins_nothing() -> None:
    """GDACS writes "0" where there is none."""
    assert [glide_number(text) for text in ("0", "", " tc-2019-000176-phl ")] == ["", "", "TC-2019-000176-PHL"]
