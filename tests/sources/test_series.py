"""Real series of days, in the wire format of their sources: exactly the changes that their provenance names."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceBroken
from core.i18n import t
from core.places.finder import resolve
from sources.change import Comparison
from sources.check import check
from sources.model import Capture, Card, Known, Publisher, Reading
from sources.publishers import ca_gac, de_aa, hk_sb, uk_fcdo, us_state
from tests.sources.made import DAY, Book

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
Said = set[tuple[str, str, bool]]
STATUS = {
    "all travel to parts of": "avoid_all_travel_to_parts",
    "all but essential travel to parts of": "avoid_all_but_essential_travel_to_parts",
    "all travel to": "avoid_all_travel_to_whole_country",
    "all but essential travel to": "avoid_all_but_essential_travel_to_whole_country",
}
US_WORDS = {
    1: "Exercise Normal Precautions",
    2: "Exercise Increased Caution",
    3: "Reconsider Travel",
    4: "Do Not Travel",
}
CA_WORDS = {"take normal": 0, "exercise a high degree": 1, "avoid non-essential": 2, "avoid all": 3}


def real(name: str) -> str:
    """Return a real file, or skip."""
    if not (REAL / name).is_file():
        pytest.skip(f"no captures in {REAL}")
    return (REAL / name).read_text(encoding="utf-8")


def raw(card: Card, name: str, at: datetime) -> Capture:
    """Give a real file as the answer of the source's own address."""
    return Capture(card.id, card.url, at, real(name).encode())


def capture(card: Card, body: object, at: datetime, url: str = "") -> Capture:
    """Give an object as a JSON answer."""
    return Capture(card.id, url or card.url, at, json.dumps(body).encode())


def look(book: Book, reading: Reading, at: datetime) -> Comparison:
    """Check and compare a reading as a run does."""
    checked = check(book.card, reading, at, None)
    return book.look(*checked.advisories, at=at, complete=checked.complete, built_at=checked.built_at)


def levels_changed(compared: Comparison) -> Said:
    """Return the changes that are more than a touch or other words."""
    found = {(c.kind.value, c.native_id, c.confirmed) for c in compared.changes}
    return {one for one in found if one[0] not in ("touched", "reworded")}


# Canada


def canada(day: str) -> Capture:
    """Turn a table of the web page into the index it was made from."""
    index: dict[str, Any] = json.loads(real("ca-gac/index-alpha-eng_2026-07-02.json"))
    rows = {row["destination"]: row for row in json.loads(real(f"ca-gac/derived_html-table_2026-{day}.json"))}
    rows |= {row["details_url"].rpartition("/")[2]: row for row in rows.values()}
    for entry in index["data"].values():
        row = rows.get(entry["eng"]["name"]) or rows[entry["eng"]["url-slug"]]
        words, regional, _ = row["risk_level"].partition(" (with")
        state = next(number for start, number in CA_WORDS.items() if words.lower().startswith(start))
        entry["advisory-state"], entry["has-regional-advisory"] = state, int(bool(regional))
        entry["eng"]["advisory-text"] = words
        entry["date-published"] = {"timestamp": 1, "asp": f"{row['last_updated']}.000000-04:00"}
    at = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
    index["metadata"]["generated"]["timestamp"] = int(at.timestamp())
    return capture(ca_gac.CARD, index, at)


def test_canada_lowers_the_gulf_states_and_raises_two_islands() -> None:
    """Eight falls of 26 June, confirmed by the next look; two rises of 4 July at once; nothing on the quiet days."""
    book, seen = Book(ca_gac.CARD), dict[str, Said]()
    for day in ("06-25", "06-26", "07-03", "07-04"):
        page = canada(day)
        seen[day] = levels_changed(look(book, ca_gac.parse(page), page.fetched_at))
    gulf = ("AE", "BH", "IL", "JO", "KW", "OM", "QA", "SA")
    assert seen == {
        "06-25": set(),
        "06-26": {("lowered", code, False) for code in gulf},
        "07-03": {("lowered", code, True) for code in gulf},
        "07-04": {("raised", "GU", True), ("raised", "MP", True)},
    }


def test_canada_twelve_years_later_is_a_flood() -> None:
    """From 2014 to 2026 far more levels differ than the card believes: every one is held for an officer."""
    book = Book(ca_gac.CARD)
    old = raw(ca_gac.CARD, "ca-gac/index-alpha-eng_2014-03-02.json", datetime(2014, 3, 2, 5, tzinfo=UTC))
    new = raw(ca_gac.CARD, "ca-gac/index-alpha-eng_2026-07-02.json", datetime(2026, 7, 2, 15, tzinfo=UTC))
    assert look(book, ca_gac.parse(old), old.fetched_at).changes == []
    flood = look(book, ca_gac.parse(new), new.fetched_at).changes
    counted = [change for change in flood if change.kind in ("new", "raised", "lowered", "withdrawn")]
    assert len(counted) > ca_gac.CARD.change_limit
    assert all(change.held for change in counted)


# United Kingdom

ROW = re.compile(r"^\| \S+ \| \[(?P<name>[^\]]+)\]\(countries/(?P<slug>[a-z0-9-]+)\.md\) \| (?P<advice>.*) \|$")


class Britain:
    """GOV.UK as it stood on the days of the tables. A date moves when a status does; a failed row is a document not had."""

    def __init__(self) -> None:
        """Begin before the first table."""
        self.rows, self.moved, self.at = (
            dict[str, tuple[str, str]](),
            dict[str, datetime](),
            datetime(2026, 5, 1, tzinfo=UTC),
        )

    def turn_to(self, rows: dict[str, tuple[str, str]], at: datetime) -> None:
        """Publish the table of a day: name and advice by slug."""
        for slug, (_, advice) in rows.items():
            before = self.rows.get(slug, ("", advice))[1]
            if slug not in self.moved or (advice != before and "Error" not in advice + before):
                self.moved[slug] = at if self.rows else at - 3 * DAY
        self.rows, self.at = rows, at

    def get(self, url: str) -> Capture:
        """Return the index or a document. Raises SourceBroken for a row that failed."""
        if url == uk_fcdo.CARD.url:
            children = [self._entry(slug) for slug in self.rows]
            return capture(uk_fcdo.CARD, {"links": {"children": children}}, self.at)
        entry = self._entry(url.rpartition("/")[2])
        advice = self.rows[entry["details"]["country"]["slug"]][1]
        if "Error" in advice:
            raise SourceBroken(t("{source}: {url} is no address.", source="uk-fcdo", url=url))
        status = [
            next(value for words, value in STATUS.items() if sentence.startswith(f"FCDO advises against {words}"))
            for sentence in advice.split("<br />")
            if sentence.startswith("FCDO advises")
        ]
        parts = [{"slug": "warnings-and-insurance", "title": "x", "body": "<p>Text.</p>"}]
        details = entry["details"] | {"alert_status": status, "parts": parts}
        return capture(uk_fcdo.CARD, entry | {"details": details}, self.at, url)

    def _entry(self, slug: str) -> dict[str, Any]:
        name = self.rows[slug][0]
        return {
            "base_path": f"/foreign-travel-advice/{slug}", "content_id": str(uuid.uuid5(uuid.NAMESPACE_URL, slug)),
            "public_updated_at": self.moved[slug].isoformat(), "title": f"{name} travel advice",
            "details": {"country": {"slug": slug, "name": name}, "change_description": "A text."},
        }  # fmt: skip

    def night(self, book: Book, at: datetime) -> Said:
        """Read once and remember; return the changes of levels by slug."""
        marks = {key: entry.advisory.list_mark for key, entry in book.entries.items()}
        self.at = at
        compared = look(book, uk_fcdo.read(self.get, Known(marks, book.first_time)), at)
        return {(k, book.entries[i].advisory.url.rpartition("/")[2], sure) for k, i, sure in levels_changed(compared)}


def british(day: str) -> dict[str, tuple[str, str]]:
    """Return name and advice by slug of the table of a day."""
    lines = real(f"uk-fcdo/derived_status-table_2026-{day}.md").splitlines()
    return {match["slug"]: (match["name"], match["advice"]) for line in lines if (match := ROW.match(line))}


def test_britain_day_by_day() -> None:
    """The first sight takes ten quiet runs; then the changes of the tables, and none for the row that failed to load."""
    site, book, seen = Britain(), Book(uk_fcdo.CARD), dict[str, Said]()
    start = datetime(2026, 5, 8, 2, tzinfo=UTC)
    site.turn_to(british("05-18"), start)
    for night in range(10):
        assert site.night(book, start + night * DAY) == set()
    unread = [entry.advisory.url for entry in book.entries.values() if not entry.advisory.detail_read]
    assert [url.rpartition("/")[2] for url in unread] == ["bahrain"]
    for day in ("05-19", "06-18", "06-19", "06-20"):
        at = datetime.fromisoformat(f"2026-{day}T02:00:00+00:00")
        site.turn_to(british(day), at)
        seen[day] = site.night(book, at)
        seen[f"{day} again"] = site.night(book, at + timedelta(hours=1))
    gulf = ("bahrain", "kuwait", "qatar", "united-arab-emirates")
    may_to_june = ("bolivia", "israel", "kosovo", "palestine")
    assert seen == {
        "05-19": {("raised", "bolivia", True)},
        "05-19 again": set(),
        "06-18": {("lowered", slug, False) for slug in may_to_june},
        "06-18 again": {("lowered", slug, True) for slug in may_to_june},
        "06-19": {("lowered", slug, False) for slug in gulf},
        "06-19 again": {("lowered", slug, True) for slug in gulf},
        "06-20": {("lowered", "iraq", False)},
        "06-20 again": {("lowered", "iraq", True)},
    }


# United States


def america(moment: str) -> Capture:
    """Turn the entries of a pipeline back into the JSON interface it read."""
    table = json.loads(real(f"us-state/derived_cadataapi_2026-06-{moment}.json"))
    body = [
        {
            "Title": f"{row['country']} - Level {row['level']}: {US_WORDS[row['level']]}", "Link": row["link"],
            "Category": [], "Summary": row["summary"], "id": row["link"], "Published": row["pub_date"],
            "Updated": row["pub_date"],
        }
        for row in table["advisories"]
    ]  # fmt: skip
    return capture(us_state.CARD, body, datetime.fromisoformat(table["updated_at"]), us_state.JSON_URL)


def test_america_in_two_editions() -> None:
    """The older edition changes nothing and is noted; afterwards Rwanda and Venezuela are reworded, with newer dates."""
    book = Book(us_state.CARD)
    compared = []
    for moment in ("29T193300Z", "29T195638Z", "30T015925Z"):
        page = america(moment)
        reading = us_state.parse(page)
        assert reading.quarantined == ()
        compared.append(look(book, reading, page.fetched_at))
    first, flap, after = compared
    assert first.changes == flap.changes == []
    assert len(flap.notes) >= 19
    assert any("Brazil" in str(note) for note in flap.notes)
    assert {change.kind.value for change in after.changes} == {"reworded"}
    newer = {
        change.native_id
        for change in after.changes
        if change.before and change.after and str(change.after.updated_at) > str(change.before.updated_at)
    }
    assert newer == {"RW", "VE"}


def test_every_country_name_of_the_german_captures_is_resolved() -> None:
    """Five captures from 2025 to 2026: the name gives the code of the entry."""
    for name in ("2025-11-23", "2026-01-16", "2026-01-18", "2026-01-19"):
        for row in json.loads(real(f"de-aa/derived_index_{name}.json")):
            assert row["country_code"] in resolve(row["country_name"].strip("* ")), row["country_name"]
    index = raw(de_aa.CARD, "de-aa/travelwarning_index_2026-07.json", datetime(2026, 7, 11, tzinfo=UTC))
    assert de_aa.parse(index).quarantined == ()


def test_every_country_name_of_the_british_index_is_resolved() -> None:
    """226 names: each gives the code that the table has for it, and only the two that are joint by name give several."""
    table = json.loads(real("uk-fcdo/derived_snapshot_2026-04-10.json"))["countries"]
    found = {code: resolve(row["name"]) for code, row in table.items()}
    assert len(found) == 226
    assert {code: codes for code, codes in found.items() if code not in codes} == {}
    assert {code: codes for code, codes in found.items() if len(codes) > 1} == {
        "CK": ("CK", "TK", "NU"),
        "MF": ("MF", "BL"),
    }


@pytest.mark.parametrize(
    ("publisher", "name", "entries"),
    [
        (us_state, "us-state/TAsTWs_2025-10-07.xml", 211),
        (us_state, "us-state/TAsTWs_2025-10-08.xml", 211),
        (ca_gac, "ca-gac/index-alpha-eng_2014-03-02.json", 200),
        (ca_gac, "ca-gac/index-alpha-eng_2026-07-02.json", 200),
        (hk_sb, "hk-sb/ota_index-20260928.json", 29),
    ],
)
def test_every_entry_of_a_real_list_has_its_countries(publisher: Publisher, name: str, entries: int) -> None:
    """No entry of the real captures is unplaced or unreadable."""
    found = publisher.parse(raw(publisher.CARD, name, datetime(2026, 7, 11, tzinfo=UTC)))
    assert len(found.advisories) >= entries
    assert found.quarantined == ()
    assert [one.title for one in found.advisories if one.unresolved or not (one.countries or one.worldwide)] == []
