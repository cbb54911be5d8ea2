"""Earthquakes: one event under changing ids, PAGER's countries, and the Turkish sequence of February 2023."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import SourceBroken
from sources.change import Rules, compare
from sources.check import check
from sources.model import Advisory, Capture, ChangeKind, Known, Reading
from sources.publishers import usgs
from tests.sources.made import Book, broken

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "usgs"
AT = datetime(2026, 11, 8, 12, tzinfo=UTC)
LOSSES = "https://earthquake.usgs.gov/realtime/losses.json"


def quake(key: str, ids: str = "", *, alert: str | None = "red", mag: float = 7.0, **values: object) -> dict[str, Any]:
    """Make one event of the list, an hour old, in a place that names no country."""
    moment = int((AT - timedelta(hours=1)).timestamp() * 1000)
    properties = {
        "mag": mag, "place": "Southern Testan Plateau", "time": moment, "updated": moment, "alert": alert,
        "url": f"https://earthquake.usgs.gov/earthquakes/eventpage/{key}", "status": "reviewed",
        "ids": f",{ids or key},",
    }  # fmt: skip
    return {"id": key, "properties": properties | values, "geometry": {"coordinates": [87.0, 28.0, 10.0]}}


def page(*quakes: dict[str, Any], at: datetime = AT) -> Capture:
    """Make the list as received."""
    body = {"metadata": {"generated": int(at.timestamp() * 1000)}, "features": quakes}
    return Capture("usgs", usgs.CARD.url, at, json.dumps(body).encode())


class Pages:
    """Answers addresses from a table; others are broken."""

    def __init__(self, capture: Capture, pages: Mapping[str, object]) -> None:
        """Answer the list with `capture`, the rest with JSON."""
        self.capture, self.pages = capture, pages
        self.asked: list[str] = []

    def get(self, url: str) -> Capture:
        """Return one page."""
        self.asked.append(url)
        if url == usgs.CARD.url:
            return self.capture
        if url not in self.pages:
            raise broken()
        return Capture("usgs", url, AT, json.dumps(self.pages[url]).encode())


def pager(key: str, deaths: Mapping[str, int], dollars: Mapping[str, int]) -> dict[str, object]:
    """Make the detail page of an event and its losses."""
    product = {"status": "UPDATE", "contents": {"json/losses.json": {"url": LOSSES}}}
    losses = {
        "empirical_fatality": {"country_fatalities": [{"country_code": c, "fatalities": n} for c, n in deaths.items()]},
        "empirical_economic": {"country_dollars": [{"country_code": c, "us_dollars": n} for c, n in dollars.items()]},
    }
    return {
        usgs.DETAIL_URL.format(id=key): {"id": key, "properties": {"products": {"losspager": [product]}}},
        LOSSES: losses,
    }


def real() -> Capture:
    """Return the real list of February 2023."""
    file = REAL / "usgs-significant_month-20230227.geojson"
    if not file.is_file():
        pytest.skip(f"no captures in {REAL}")
    return Capture("usgs", usgs.CARD.url, datetime(2023, 2, 27, 17, 42, 6, tzinfo=UTC), file.read_bytes())


def test_a_new_preferred_id_is_no_new_event() -> None:
    """An event stays under the key we know, though its preferred id changes and an id before it in the alphabet joins."""
    known = Known({"us1": ""}, first_time=False)
    reading = usgs.read(Pages(page(quake("at9", "at9,us1")), {}).get, known)
    assert [one.native_id for one in reading.advisories] == ["us1"]


def test_two_records_of_one_event_are_one() -> None:
    """If the known key is in both sets, the record that matters more stands, and the list is not broken for it."""
    known = Known({"us1": ""}, first_time=False)
    quakes = quake("at9", "at9,us1", alert="green"), quake("us1", "us1", alert="red")
    reading = usgs.read(Pages(page(*quakes), {}).get, known)
    assert [(one.native_id, one.tier) for one in reading.advisories] == [("us1", 3)]


def test_the_countries_of_pager_are_added() -> None:
    """A place without a country is about those where PAGER expects a death or a million dollars, and not their neighbours."""
    pages = pager("us1", {"CN": 291, "NP": 0, "ZZ": 3}, {"CN": 1_149_651_298, "NP": 5, "BT": 1_000_000})
    one = usgs.read(Pages(page(quake("us1")), pages).get, Known()).advisories[0]
    assert (one.countries, one.unresolved, one.detail_read) == (("BT", "CN"), (), True)


def test_details_that_fail_are_a_note_and_asked_for_again() -> None:
    """The list's word goes out at once; the next run asks again, although the list did not move."""
    reading = usgs.read(Pages(page(quake("us1")), {}).get, Known())
    later = page(quake("us1"), at=AT + timedelta(days=3))
    again = Pages(later, {})
    usgs.read(again.get, Known({"us1": reading.advisories[0].list_mark}, first_time=False))
    assert (len(reading.notes), reading.advisories[0].tier) == (1, 3)
    assert len(again.asked) == 2


def test_what_was_read_and_stands_still_is_not_asked_for_again() -> None:
    """After a day without movement only the list is asked for."""
    mark = usgs.parse(page(quake("us1"))).advisories[0].list_mark
    pages = Pages(page(quake("us1"), at=AT + timedelta(days=3)), {})
    usgs.read(pages.get, Known({"us1": mark}, first_time=False))
    assert pages.asked == [usgs.CARD.url]


def test_only_so_many_details_are_asked_for() -> None:
    """A swarm does not turn into a flood of requests; what is left for later is named."""
    pages = Pages(page(*(quake(f"us{n}") for n in range(usgs.MOST_DETAILS + 2))), {})
    reading = usgs.read(pages.get, Known())
    assert len(pages.asked) == 1 + usgs.MOST_DETAILS
    assert "Not read yet" in reading.notes[-1].render("en")


def test_a_withdrawn_quake_falls_once_confirmed() -> None:
    """The status "deleted" ends an alarm as a fall that a second read must show, although its details are gone."""
    book = Book(usgs.CARD)
    first = usgs.read(Pages(page(quake("us1")), pager("us1", {"CN": 9}, {})).get, Known()).advisories[0]
    gone = usgs.parse(page(quake("us1", status="deleted"))).advisories[0]
    book.look(first, at=AT)
    assert book.said(gone, at=AT + timedelta(hours=1)) == [("lowered", "us1", False)]
    assert book.said(gone, at=AT + timedelta(hours=2)) == [("lowered", "us1", True)]


def test_a_colour_that_turns_red_is_a_rise() -> None:
    """PAGER comes half an hour later: first a draft by magnitude, then the red of the same event."""
    book = Book(usgs.CARD)
    book.look(usgs.parse(page(quake("us0", alert="green", mag=5.0))).advisories[0], at=AT)
    early, late = (usgs.parse(page(quake("us1", alert=alert))).advisories[0] for alert in (None, "red"))
    assert book.said(early, at=AT + timedelta(hours=1)) == [("new", "us1", True)]
    assert book.said(late, at=AT + timedelta(hours=2)) == [("raised", "us1", True)]


def test_a_page_of_losses_that_changed_is_named() -> None:
    """Losses in another form are a fault of that page, never "no country hit"."""
    pages = pager("us1", {}, {}) | {LOSSES: {"losses": []}}
    reading = usgs.read(Pages(page(quake("us1")), pages).get, Known())
    assert "losses by country" in reading.notes[0].render("en")


def test_a_list_without_its_own_time_is_refused() -> None:
    """A frozen copy could not be told from today's list."""
    body = json.dumps({"metadata": {}, "features": [quake("us1")]}).encode()
    with pytest.raises(SourceBroken, match="list of earthquakes"):
        usgs.parse(Capture("usgs", usgs.CARD.url, AT, body))


def test_the_real_february_gives_the_drafts_that_were_counted() -> None:
    """Of 14 events three are tier 3, all in Turkey, and four tier 2, one of them outside the running Turkish situation."""
    found = usgs.parse(real()).advisories
    tiers = {tier: [one.countries for one in found if one.tier == tier] for tier in (2, 3)}
    assert (len(found), tiers[3], sorted(tiers[2])) == (14, [("TR",)] * 3, [("IR",), *[("TR",)] * 3])


def test_the_two_great_turkish_quakes_stay_two_events() -> None:
    """After a baseline of the days before, each quake is news of its own; the M7.8 and the M7.5 are nine hours apart."""
    capture = real()
    reading = check(usgs.CARD, usgs.parse(capture), capture.fetched_at, None)
    dawn = datetime(2023, 2, 6, tzinfo=UTC)
    before = tuple(one for one in reading.advisories if one.published_at and one.published_at < dawn)
    rules = Rules(dawn, timedelta(minutes=10), first_time=True)
    known = compare(usgs.CARD, {}, Reading(before), rules).entries
    news = compare(
        usgs.CARD, known, reading, Rules(capture.fetched_at, timedelta(minutes=10), first_time=False)
    ).changes
    assert {change.kind for change in news} == {ChangeKind.NEW}
    assert not any(change.held for change in news)
    worst = [change.advisory for change in news if change.advisory.tier == 3]
    assert {magnitude(one) for one in worst} == {"7.8", "7.5", "6.3"}
    assert len({one.native_id for one in worst}) == 3
    assert sum(change.advisory.tier == 2 for change in news) == 3


def magnitude(one: Advisory) -> str:
    """Return the magnitude in a title."""
    return one.title.split()[1]


def test_the_real_losses_of_tibet_name_china() -> None:
    """The real detail and losses of January 2025 add China, and none of the neighbours where nothing was expected."""
    files = [REAL / name for name in ("usgs-detail-us6000pi9w.geojson", "usgs-pager-losses-us6000pi9w.json")]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no captures in {REAL}")
    detail, losses = (json.loads(file.read_bytes()) for file in files)
    address = detail["properties"]["products"]["losspager"][0]["contents"]["json/losses.json"]["url"]
    pages = {usgs.DETAIL_URL.format(id="us6000pi9w"): detail, address: losses}
    one = usgs.read(Pages(page(quake("us6000pi9w")), pages).get, Known()).advisories[0]
    assert one.countries == ("CN",)


@pytest.mark.parametrize(("ids", "countries"), [("us1", ("NP",)), ("pt5,us1", ("NP",)), ("us999", ())])
def test_only_the_details_of_the_same_quake_are_taken(ids: str, countries: tuple[str, ...]) -> None:
    """A page that goes by one of the event's ids counts, under whichever is preferred now; another quake's does not."""
    pages = pager("us1", {"NP": 100}, {})
    detail = pages[usgs.DETAIL_URL.format(id="us1")]
    assert isinstance(detail, dict)
    detail["id"] = ids.split(",")[0]
    detail["properties"]["ids"] = f",{ids},"
    found = usgs.read(Pages(page(quake("us1")), pages).get, Known({}, first_time=False))
    assert found.advisories[0].countries == countries
    assert ["details of M 7.0" in str(note) for note in found.notes] == ([] if countries else [True])
