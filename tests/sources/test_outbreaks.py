"""Outbreaks: diseases named after places, first and later reports, and levels that are folders."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sources.model import Advisory, Capture
from sources.publishers import cdc_thn, who_don
from sources.reading.diseases import read_outbreak
from tests.sources.made import Book

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
AT = datetime(2026, 11, 8, tzinfo=UTC)
ITEM = "<item><title>Level {level} - {what}</title><link>https://wwwnc.cdc.gov/travel/notices/level{level}/{slug}</link></item>"


def reports(*items: tuple[str, int]) -> dict[str, Advisory]:
    """Read a list of reports, each so many days old, and one old enough to be the list's own beginning."""
    value = [
        {
            "Id": f"id{n}", "DonId": f"2026-DON{n}", "Title": title, "ItemDefaultUrl": f"/2026-DON{n}",
            "PublicationDate": f"{AT - timedelta(days=age):%Y-%m-%dT%H:%M:%SZ}",
        }
        for n, (title, age) in enumerate([*items, ("Measles – Peru", 300)])
    ]  # fmt: skip
    found = who_don.parse(Capture("who-don", who_don.CARD.url, AT, json.dumps({"value": value}).encode()))
    return {one.native_id: one for one in found.advisories}


def notices(*items: tuple[int, str, str]) -> tuple[Advisory, ...]:
    """Read a feed of notices: level, words and slug of each."""
    text = "".join(ITEM.format(level=level, what=what, slug=slug) for level, what, slug in items)
    body = f"<rss version='2.0'><channel><title>Notices</title>{text}</channel></rss>".encode()
    return cdc_thn.parse(Capture("cdc-thn", cdc_thn.CARD.url, AT, body)).advisories


@pytest.mark.parametrize(
    ("title", "countries"),
    [
        ("Sudan virus disease – Uganda", ("UG",)),
        ("Ebola disease caused by Sudan virus, Republic of Uganda", ("UG",)),
        ("Ebola virus disease in Sudan", ("SD",)),
        ("Middle East respiratory syndrome coronavirus - Kingdom of Saudi Arabia", ("SA",)),
        ("Crimean-Congo haemorrhagic fever - Iraq", ("IQ",)),
        ("Marburg virus disease– United Republic of Tanzania", ("TZ",)),
        ("Marburg Virus Disease–United Republic of Tanzania", ("TZ",)),
        ("Cluster of community deaths in Basankusu, Equateur – Democratic Republic of the Congo", ("CD",)),
        ("Chapare haemorrhagic fever – the Plurinational State of Bolivia", ("BO",)),
        ("West Nile virus, Barbados", ("BB",)),
        ("Nipah virus infection - India, Bangladesh and Malaysia", ("BD", "IN", "MY")),
        ("Cholera - Guinea-Bissau", ("GW",)),
        ("Guinea worm disease – Chad", ("TD",)),
        ("Japanese encephalitis - Australia", ("AU",)),
        ("Clade II Monkeypox in Ghana and Liberia", ("GH", "LR")),
        ("East African Sleeping Sickness in Zambia and Zimbabwe", ("ZM", "ZW")),
    ],
)
def test_the_name_of_a_disease_is_no_place(title: str, countries: tuple[str, ...]) -> None:
    """Only what stands where the place belongs counts, however the title is put together."""
    assert read_outbreak(title).countries == countries


@pytest.mark.parametrize(
    "title", ["Mpox – African Region", "Oropouche in the Americas", "Multi-country outbreak of mpox"]
)
def test_a_region_is_left_to_an_officer(title: str) -> None:
    """A continent is neither a country nor the whole world: the words stand as unresolved."""
    found = read_outbreak(title)
    assert (found.countries, found.worldwide, found.unresolved) == ((), False, (title,))


def test_only_the_first_report_of_an_outbreak_is_a_draft() -> None:
    """A second item with the same disease and country within 60 days is a line in the brief; after that it is news again."""
    found = reports(
        ("Sudan virus disease – Uganda", 5), ("Sudan virus disease - Uganda", 40), ("Sudan virus disease – Uganda", 120)
    )
    assert [found[f"2026-DON{n}"].tier for n in range(3)] == [1, 2, 2]


def test_the_first_report_does_not_become_another_one_when_the_list_moves_on() -> None:
    """The oldest 60 days of the list give no advisories, because what came before them is not known."""
    assert "2026-DON1" not in reports(("Mpox – Kenya", 5), ("Mpox – Kenya", 250))


def test_other_countries_of_the_same_disease_are_other_outbreaks() -> None:
    """Mpox in Kenya does not make mpox in Togo old news."""
    found = reports(("Mpox – Togo", 5), ("Mpox – Kenya", 40))
    assert found["2026-DON0"].tier == 2


def test_a_level_that_changes_is_a_rise_and_a_fall_of_one_notice() -> None:
    """The address moves with the level, the key does not."""
    book = Book(cdc_thn.CARD)
    others = tuple((1, f"Rabies in {name}", f"rabies-{name.lower()}") for name in ("India", "Morocco", "Peru", "Cuba"))
    book.look(*notices((1, "Polio in Chad", "polio-chad"), *others), at=AT)
    rise = notices((2, "Polio in Chad", "polio-chad"), *others)
    assert book.said(*rise, at=AT + timedelta(days=1)) == [("raised", "polio-chad", True)]
    fall = notices((1, "Polio in Chad", "polio-chad"), *others)
    assert book.said(*fall, at=AT + timedelta(days=2)) == [("lowered", "polio-chad", False)]


def test_real_titles_of_notices_have_their_countries() -> None:
    """All 20 notices of February 2026 are placed, save three about the world and one about a continent."""
    file = REAL / "cdc-thn" / "cdc-thn-derived-index-202602.csv"
    if not file.is_file():
        pytest.skip(f"no captures in {REAL}")
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    items = [
        (int(row["title"][6]), row["title"].partition(" - ")[2], row["source_url"].rpartition("/")[2]) for row in rows
    ]
    found = notices(*items)
    assert (len(found), sum(one.worldwide for one in found)) == (20, 3)
    assert [one.title for one in found if not one.countries and not one.worldwide] == [
        "Level 1 - Oropouche in the Americas"
    ]


def test_real_titles_of_outbreak_news_are_never_placed_by_the_disease() -> None:
    """Of the titles of 2019 to 2025, those of Sudan virus are about Uganda, and only regions stay without a country."""
    file = REAL / "who-don" / "who-don-list-scrape-20250328.csv"
    if not file.is_file():
        pytest.skip(f"no captures in {REAL}")
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    recent = [
        row
        for row in rows
        if row["Link"].rpartition("/")[2][:4] in {"2019", "2020", "2021", "2022", "2023", "2024", "2025"}
    ]
    titles = {row["Disease"] + ("" if row["Country"] == "NA" else f" – {row['Country']}") for row in recent}
    placed = {title: read_outbreak(title) for title in titles}
    assert {one.countries for title, one in placed.items() if title.startswith("Sudan virus")} == {("UG",)}
    lost = [title for title, one in placed.items() if not one.countries and not one.worldwide]
    assert len(lost) <= 0.15 * len(titles)
