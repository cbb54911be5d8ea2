"""The British documents: statuses, the words of the first part, and real documents and names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import iso
from core.errors import SourceBroken
from core.i18n import t
from core.places.finder import resolve
from sources.model import Capture, Grade, Known, Level, Reading
from sources.publishers import uk_fcdo

OWN = Path(__file__).parent / "captures" / "uk-fcdo"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "uk-fcdo"
MALI = "https://www.gov.uk/api/content/foreign-travel-advice/mali"
MALI_ID = "00000000-0000-0000-0000-000000000002"
SOME, ALL = "avoid_all_but_essential_travel_to_", "avoid_all_travel_to_"


def capture(body: bytes, url: str = uk_fcdo.CARD.url) -> Capture:
    """Give bytes as an answer of GOV.UK."""
    return Capture("uk-fcdo", url, datetime(2026, 11, 9, tzinfo=UTC), body)


def document(**details: Any) -> Reading:
    """Read our own document with other details."""
    page = json.loads((OWN / "document.json").read_text(encoding="utf-8"))
    return uk_fcdo.parse(capture(json.dumps(page | {"details": page["details"] | details}).encode(), MALI))


def levels(reading: Reading) -> tuple[Level, Level]:
    """Return the two levels of a document."""
    (one,) = reading.advisories
    return one.level_national, one.level_regional_max


def real(name: str) -> bytes:
    """Return a real file, or skip."""
    if not (REAL / name).is_file():
        pytest.skip(f"no captures in {REAL}")
    return (REAL / name).read_bytes()


@pytest.mark.parametrize(
    ("status", "national", "regional"),
    [
        ([SOME + "parts"], Grade.UNSTATED, 3),
        ([ALL + "parts"], Grade.UNSTATED, 4),
        ([SOME + "whole_country"], 3, 3),
        ([ALL + "whole_country"], 4, 4),
        ([ALL + "parts", SOME + "whole_country"], 3, 4),
        ([ALL + "parts", SOME + "parts"], Grade.UNSTATED, 4),
    ],
)
def test_a_status_is_a_level(status: list[str], national: Level, regional: Level) -> None:
    """Each of the four values, and the pairs that were seen, have their levels for the whole and for parts."""
    found = document(alert_status=status)
    assert levels(found) == (national, regional)
    assert found.notes == ()


def test_an_unknown_status_is_unknown_and_an_officer_is_told() -> None:
    """A fifth value is no calm: the level is unknown, what we understand of the rest counts."""
    found = document(alert_status=[ALL + "parts", "avoid_the_moon"])
    assert levels(found) == (Grade.UNKNOWN, 4)
    assert "avoid_the_moon" in str(found.notes[0])


@pytest.mark.parametrize(
    ("text", "national", "regional"),
    [
        ("FCDO advises against all travel to Mali.", 4, 4),
        ("FCDO now advises against all but essential travel to the whole of Mali due to unrest.", 3, 3),
        ("FCDO advises against all travel to the north of Mali.", Grade.UNSTATED, 4),
        ("FCDO advises against all travel to: the border.", Grade.UNSTATED, Grade.UNSTATED),
        ("FCDO advises against all travel to Niger.", Grade.UNSTATED, Grade.UNSTATED),
        ("FCDO advises against all but essential travel to Mali except Bamako.", Grade.UNSTATED, 3),
        ("Your insurance is void if you travel against advice.", Grade.UNSTATED, Grade.UNSTATED),
    ],
)
def test_an_empty_status_is_checked_against_the_words(text: str, national: Level, regional: Level) -> None:
    """The field is called deprecated by the site itself; advice on neighbours does not count."""
    parts = [{"slug": "warnings-and-insurance", "title": "x", "body": f"<p>{text}</p>"}]
    assert levels(document(alert_status=[], parts=parts)) == (national, regional)


def test_a_first_read_asks_for_few_documents_and_keeps_the_rest_unknown() -> None:
    """Missing documents are named, no level is invented, and the advice that may have changed goes first."""
    asked: list[str] = []

    def get(url: str) -> Capture:
        asked.append(url)
        if url == uk_fcdo.CARD.url:
            return capture((OWN / "list.json").read_bytes())
        if url == MALI:
            return capture((OWN / "document.json").read_bytes(), url)
        raise SourceBroken(t("{source}: {url} is no address.", source="uk-fcdo", url=url))

    found = uk_fcdo.read(get, Known())
    by_id = {one.native_id: one for one in found.advisories}
    assert asked[0] == uk_fcdo.CARD.url
    assert MALI in asked
    mali = by_id.pop(MALI_ID)
    assert (mali.level, mali.detail_read, mali.list_mark) == (4, True, "2026-11-08T09:30:00Z")
    assert {one.level for one in by_id.values()} == {Grade.UNKNOWN}
    assert all(one.list_mark.startswith("unread 2026-") for one in by_id.values())
    assert found.built_at == datetime(2026, 11, 8, 9, 30, tzinfo=UTC)
    again = uk_fcdo.read(get, Known({one.native_id: one.list_mark for one in found.advisories}, first_time=False))
    assert MALI not in asked[len(by_id) + 2 :]
    assert str(again.notes[-1]) == f"Pages never read so far, a few come with each run: {len(by_id)}"


def test_the_document_of_another_country_is_refused() -> None:
    """A document whose key is not that of the entry is not taken for it."""

    def get(url: str) -> Capture:
        name = "list.json" if url == uk_fcdo.CARD.url else "document.json"
        return capture((OWN / name).read_bytes(), url)

    found = uk_fcdo.read(get, Known())
    assert [one.native_id for one in found.advisories if one.detail_read] == [MALI_ID]


def test_withdrawn_advice_is_refused() -> None:
    """The official example of a withdrawn country is no advice in force; that of Albania is."""
    with pytest.raises(SourceBroken, match="in force"):
        uk_fcdo.parse(capture(real("schema-example_withdrawn-full-country.json")))
    assert uk_fcdo.parse(capture(real("schema-example_full-country_albania.json"))).advisories[0].countries == ("AL",)


def test_the_real_document_of_nepal() -> None:
    """No status, no warning in the words: unstated, never level 1; the public date counts, not the republishing."""
    (nepal,) = uk_fcdo.parse(capture(real("content-api_nepal_2026-07.json"))).advisories
    assert (nepal.countries, nepal.level) == (("NP",), Grade.UNSTATED)
    assert iso(nepal.updated_at) == "2026-03-19T14:04:20Z"


def test_the_official_example_of_the_index_is_read_whole() -> None:
    """Seven entries of the official example, none quarantined."""
    found = uk_fcdo.parse(capture(real("schema-example_travel_advice_index.json")))
    assert (len(found.advisories), found.quarantined) == (7, ())


def test_every_country_name_of_the_real_tables_is_resolved() -> None:
    """All 226 names of April 2026 give the code of the list made by hand, joint entries all their members."""
    for code, row in json.loads(real("derived_snapshot_2026-04-10.json"))["countries"].items():
        assert code in resolve(row["name"]), row["name"]
