"""The Australian list: words before numbers, areas, and dates in zones of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from core.places.names import iso2
from sources.check import check
from sources.model import Capture, Grade, Level, Reading
from sources.publishers import au_dfat

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "au-dfat"
HEAD = (
    '<rss xmlns:ta="http://www.smartraveller.gov.au/schema/rss/travel_advisories/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
)
ITEM = "<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>{warnings}</item>"
WARNING = "<dc:coverage>{0}</dc:coverage><ta:level>{1}</ta:level><dc:description>{2}</dc:description>"
NORMAL, CAUTION, RECONSIDER, AVOID = (
    "Exercise normal safety precautions", "Exercise a high degree of caution", "Reconsider your need to travel",
    "Do not travel",
)  # fmt: skip


def feed(*items: str) -> Reading:
    """Read a list of such items."""
    body = f"{HEAD}{''.join(items)}</channel></rss>".encode()
    return au_dfat.parse(Capture("au-dfat", au_dfat.CARD.url, datetime(2026, 7, 11, tzinfo=UTC), body))


def item(title: str, *warnings: str, date: str = "21 Jul 2026 22:00:00 AEST") -> str:
    """Write one item; each of `warnings` is the content of one element."""
    blocks = "".join(f"<ta:warnings>{one}</ta:warnings>" for one in warnings)
    link = "https://www.smartraveller.gov.au/destinations/x"
    return ITEM.format(title=escape(title), link=link, date=date, warnings=blocks)


@pytest.mark.parametrize(
    ("words", "number", "level"), [(NORMAL, "2/5", 1), (CAUTION, "3/5", 2), (RECONSIDER, "4/5", 3), (AVOID, "5/5", 4)]
)
def test_the_words_are_the_level(words: str, number: str, level: int) -> None:
    """Japan at "2/5" is the lowest level; the number agrees, so there is nothing to note."""
    found = feed(item("Japan", WARNING.format("Japan", number, words)))
    assert (found.advisories[0].level_national, found.notes) == (level, ())


@pytest.mark.parametrize("number", ["4/5", "4", "1/5"])
def test_a_number_that_does_not_fit_is_a_note(number: str) -> None:
    """ "Do not travel" stays level 4, whatever the number beside it."""
    found = feed(item("Iran", WARNING.format("Iran", number, AVOID)))
    assert found.advisories[0].level == 4
    assert str(found.notes[0]).startswith("Iran: the number")


def test_a_number_alone_is_no_level() -> None:
    """Without words that we know, the entry is set aside."""
    found = feed(item("Iran", WARNING.format("Iran", "5/5", "")), item("Peru", WARNING.format("Peru", "2/5", NORMAL)))
    assert [(one.entry, str(one.reason)) for one in found.quarantined] == [("Iran", "unknown level: 5/5")]


@pytest.mark.parametrize("joined", [True, False])
def test_areas_keep_their_own_level(joined: bool) -> None:
    """A warning for a part is regional, in elements of its own or beside the country's in one."""
    warnings = [WARNING.format("Mexico", "3/5", CAUTION), WARNING.format("the north of Mexico", "5/5", AVOID)]
    one = feed(item("Mexico", *(["".join(warnings)] if joined else warnings))).advisories[0]
    assert (one.level_national, one.level_regional_max, one.places) == (2, 4, ("the north of Mexico",))


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("21 Jul 2026 22:00:00 AEST", 12), ("21 Jan 2026 22:00:00 AEDT", 11), ("21 Jul 2026 22:30:00 ACST", 13),
        ("21 Jan 2026 22:30:00 ACDT", 12), ("Tue, 21 Jul 2026 22:00:00 GMT", 22),
    ],
)  # fmt: skip
def test_zones_are_read_by_name(date: str, hour: int) -> None:
    """Eastern and central zones, with and without daylight saving."""
    when = feed(item("Japan", WARNING.format("Japan", "2/5", NORMAL), date=date)).advisories[0].updated_at
    assert when is not None
    assert when.hour == hour


@pytest.mark.parametrize("date", ["21 Jul 2026 22:00:00 BST", "21 Jul 2026", "31 Jun 2026 10:00:00 AEST", ""])
def test_an_unknown_zone_is_not_guessed(date: str) -> None:
    """The entry is set aside and named."""
    found = feed(item("Japan", WARNING.format("Japan", "2/5", NORMAL), date=date))
    assert [one.entry for one in found.quarantined] == ["Japan"]


def test_the_real_tables_of_july_in_the_wire_format() -> None:
    """179 destinations are placed as their ISO code says, with the levels of the table, in three days no level changes."""
    files = [REAL / f"derived_destinations-html_2026-07-{day}.json" for day in ("08", "10", "11")]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no captures in {REAL}")
    seen: list[dict[str, Level]] = []
    for file in files:
        table = json.loads(file.read_text(encoding="utf-8"))["countries"]
        found = feed(*(
            item(row["name"], WARNING.format(escape(row["name"]), f"{row['level'] + 1}/5", row["levelLabel"]),
                 date=datetime.fromisoformat(row["updated"]).strftime("%d %b %Y 00:00:00 AEST"))
            for row in table
        ))  # fmt: skip
        assert check(au_dfat.CARD, found, datetime(2026, 7, 12, tzinfo=UTC), None) == found
        assert {one.native_id: one.level for one in found.advisories} == {iso2(r["iso3"]): r["level"] for r in table}
        assert all(one.level_regional_max is Grade.UNSTATED for one in found.advisories)
        seen.append({one.native_id: one.level for one in found.advisories})
    assert seen[0] == seen[1] == seen[2]
