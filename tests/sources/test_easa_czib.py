"""Airspace bulletins: real copies in the form of the export, and days without news."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.places.names import codes
from sources.model import Advisory, Capture
from sources.publishers import easa_czib
from tests.sources.made import Book

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "easa-czib"
AT = datetime(2026, 7, 28, 22, tzinfo=UTC)


def bulletins(*rows: dict[str, Any]) -> tuple[Advisory, ...]:
    """Read rows as the export holds them."""
    body = json.dumps({"conflict_zones": rows}).encode()
    reading = easa_czib.parse(Capture("easa-czib", easa_czib.CARD.url, AT, body))
    assert reading.quarantined == ()
    return reading.advisories


def row(**values: str) -> dict[str, Any]:
    """Make one bulletin."""
    plain = {"Nid": "1", "name": "Airspace of Iraq", "status": "Active", "country": "Iraq",
             "issued_date": "22/07/2026", "valid_until_date": "31/08/2026"}  # fmt: skip
    return plain | values


def real(name: str) -> Any:
    """Return a real copy."""
    if not (REAL / name).is_file():
        pytest.skip(f"no captures in {REAL}")
    return json.loads((REAL / name).read_bytes())


def test_a_longer_validity_is_no_news() -> None:
    """Issued again with nothing but a later end: no rise and no fall, though it is kept."""
    book = Book(easa_czib.CARD)
    book.look(*bulletins(row()), at=AT)
    again = bulletins(row(valid_until_date="31/10/2026"))
    assert book.said(*again, at=AT + timedelta(days=9)) == [("reworded", "1", True)]


def test_a_country_more_is_news_and_a_withdrawal_needs_a_second_look() -> None:
    """A bulletin that names another country rises; one that is withdrawn falls once confirmed."""
    book = Book(easa_czib.CARD)
    book.look(*bulletins(row()), at=AT)
    assert book.said(*bulletins(row(country="Iraq, Syria")), at=AT + timedelta(days=1)) == [("raised", "1", True)]
    ended = bulletins(row(country="Iraq, Syria", status="Withdrawn"))
    assert book.said(*ended, at=AT + timedelta(days=2)) == [("lowered", "1", False)]


def test_the_real_list_is_placed() -> None:
    """Each of the 15 active bulletins of July 2026 has countries or words for an officer."""
    rows = [
        {"Nid": one["nid"], "name": one["title"], "status": one["status"], "country": ", ".join(one["countries"]),
         "issued_date": one["issue_date"], "valid_until_date": one["valid_until"]}
        for one in real("czib-scrape-20260728T2149Z-jsonexport.json")["czibs"]
    ]  # fmt: skip
    found = bulletins(*rows)
    assert (len(found), {one.tier for one in found}) == (15, {2})
    assert all(one.countries or one.unresolved for one in found)
    assert {code for one in found for code in one.countries} <= codes()


def test_twenty_five_real_days_without_a_bulletin_give_no_draft() -> None:
    """Between two copies of the bulletins' pages only the copying program changed: nothing rises, nothing is new."""
    book = Book(easa_czib.CARD)
    said: list[tuple[str, str, bool]] = []
    for name, at in (
        ("czib-scrape-20260728T2205Z.json", AT),
        ("czib-scrape-20260822T1253Z.json", AT + timedelta(days=25)),
    ):
        rows = [
            row(Nid="".join(c for c in one["czib_number"] if c.isdigit()), name=one["subject"], status=one["status"],
                country=one["subject"].removeprefix("Airspace of "), issued_date=one["issue_date"],
                valid_until_date=one["valid_until"])
            for one in real(name)["czibs"]
        ]  # fmt: skip
        said = book.said(*bulletins(*rows), at=at)
    assert [one for one in said if one[0] in {"new", "raised", "lowered", "withdrawn"}] == []
