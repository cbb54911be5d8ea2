"""Hong Kong's alert index: archived rows, a code that is a place holder, parts of countries, two buckets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceBroken
from sources.model import Advisory, Capture, Grade, Hazard, Known, Reading
from sources.publishers import hk_sb

OWN = Path(__file__).parent / "captures" / "hk-sb" / "list.json"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "hk-sb" / "ota_index-20260928.json"


def capture(body: bytes) -> Capture:
    """Give bytes as the answer of the index."""
    return Capture("hk-sb", hk_sb.CARD.url, datetime(2026, 11, 9, tzinfo=UTC), body)


def by_key(reading: Reading) -> dict[str, Advisory]:
    """Return the advisories by their keys."""
    return {one.native_id: one for one in reading.advisories}


def with_row(**fields: Any) -> bytes:
    """Return our own index with the fields of the row on Iran changed."""
    page = json.loads(OWN.read_text(encoding="utf-8"))
    page["otas"][0]["countries"][0].update(fields)
    return json.dumps(page).encode()


def test_the_schengen_row_is_not_albania() -> None:
    """A code that no name confirms places nothing: the row goes to an officer with its own words."""
    found = by_key(hk_sb.parse(capture(OWN.read_bytes())))["Schengen"]
    assert found.countries == ()
    assert found.unresolved == ("神根国家*",)
    assert not found.worldwide
    assert found.level == 3


def test_archived_rows_give_nothing_at_all() -> None:
    """A row that is no longer shown is neither an advisory nor a fault, whatever else is in it."""
    reading = hk_sb.parse(capture(with_row(showInIndex=0, countryCode="??", updateDate="")))
    assert not {"IR", "IT"} & {code for one in reading.advisories for code in one.countries}
    assert not {"Iran", "Italy"} & {bad.entry for bad in reading.quarantined}


def test_the_words_for_a_part_make_the_level_regional() -> None:
    """A bracket, or words such as border regions, bound the level; the neighbour named there is no place of the row."""
    found = by_key(hk_sb.parse(capture(OWN.read_bytes())))
    part, whole, border = found["MM/MyanmarProvinces"], found["MM"], found["SA/SaudiArabiaBorderRegions"]
    assert (part.level_national, part.level_regional_max, part.places) == (Grade.UNSTATED, 3, ("东南部地区",))
    assert (whole.level_national, whole.level_regional_max, whole.places) == (2, Grade.UNSTATED, ())
    assert border.countries == ("SA",)
    assert border.level_national is Grade.UNSTATED


def test_a_country_may_stand_in_a_bucket_of_one_danger_and_in_another() -> None:
    """The Ebola row and the plain row of one country are two entries, the first with its hazard."""
    found = by_key(hk_sb.parse(capture(OWN.read_bytes())))
    assert (found["CD"].level, found["CD/ebola-disease"].level) == (2, 3)
    assert found["CD/ebola-disease"].hazards == (Hazard.EPIDEMIC,)


def test_a_row_in_two_buckets_counts_with_the_higher_level() -> None:
    """A row that is moving from amber to red is told as red, and the other is named."""
    reading = hk_sb.parse(capture(OWN.read_bytes()))
    assert by_key(reading)["BH"].level == 3
    assert [str(note) for note in reading.notes] == ["Listed twice; the lower level was left out: 巴林：有威胁迹象"]


def test_a_joint_name_means_all_its_countries() -> None:
    """The code of a joint row is the first of several countries."""
    reading = hk_sb.parse(capture(with_row(titleEn="Israel and Palestine", titleSc="", titleTc="", countryCode="IL")))
    assert by_key(reading)["IL"].countries == ("IL", "PS")


def test_an_index_without_buckets_is_broken() -> None:
    """Buckets of another shape are a redesign, not an empty list."""
    with pytest.raises(SourceBroken, match="hk-sb"):
        hk_sb.parse(capture(b'{"otas": [{"level": "red"}], "validFrom": "20261108101445"}'))


def test_one_request_is_all_it_takes() -> None:
    """The index is one page; its own time is read as Hong Kong's."""
    asked: list[str] = []

    def get(url: str) -> Capture:
        asked.append(url)
        return capture(OWN.read_bytes())

    assert hk_sb.read(get, Known()).built_at == datetime(2026, 11, 8, 2, 14, 45, tzinfo=UTC)
    assert asked == [hk_sb.CARD.url]


def test_the_real_index_has_29_current_rows() -> None:
    """Of 44 rows of September 2026 the 29 current ones are read, the four black ones as level 4."""
    if not REAL.is_file():
        pytest.skip(f"no capture at {REAL}")
    reading = hk_sb.parse(capture(REAL.read_bytes()))
    assert len(reading.advisories) == 29
    assert reading.quarantined == ()
    assert reading.complete
    assert {one.countries[0] for one in reading.advisories if one.level == 4} == {"IR", "IL", "LB", "SY"}
    assert {one.countries[0] for one in reading.advisories if one.level_regional_max != Grade.UNSTATED} == {
        "MM",
        "TR",
        "JP",
    }
    assert not {"AL", "IT", "IE", "KR"} & {code for one in reading.advisories for code in one.countries}
