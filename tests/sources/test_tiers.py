"""The relevance tiers of every hazard publisher, row by row (knowledge: hazards-and-cap, section 5)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.settings_tables import ExtraSource
from sources.catalog import publishers, publishers_with
from sources.model import Authority, Capture
from sources.publishers import cdc_thn, easa_czib, gdacs, gvp, ptwc, usgs, who_don

AT = datetime(2026, 11, 8, 12, tzinfo=UTC)
RSS = "<rss version='2.0' xmlns:gdacs='http://www.gdacs.org'><channel><title>F</title>{items}</channel></rss>"
CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>PHEB-1-a1</identifier><sender>one@x</sender>
<sent>2026-11-08T11:00:00-00:00</sent><status>{status}</status><msgType>{kind}</msgType><scope>Public</scope>
<incidents>a1</incidents><info><category>{category}</category><event>{event}</event><responseType>{response}</responseType>
<severity>{severity}</severity><headline>Some words</headline><area><areaDesc>Coasts of Chile</areaDesc></area></info></alert>"""


def quake(**values: object) -> int | None:
    """Return the tier of one quake of the US list."""
    moment = int((AT - timedelta(minutes=20)).timestamp() * 1000)
    depth = values.pop("depth", 10.0)
    properties = {"mag": 5.0, "place": "5 km S of Testan, Chile", "time": moment, "updated": moment, "alert": None,
                  "url": "https://earthquake.usgs.gov/e/us1", "status": "reviewed", "ids": ",us1,"} | values  # fmt: skip
    event = {"id": "us1", "properties": properties, "geometry": {"coordinates": [-70.0, -30.0, depth]}}
    body = {"metadata": {"generated": moment}, "features": [event]}
    return usgs.parse(Capture("usgs", usgs.CARD.url, AT, json.dumps(body).encode())).advisories[0].tier


@pytest.mark.parametrize(
    ("values", "tier"),
    [
        ({"alert": "red"}, 3),
        ({"alert": "orange"}, 3),
        ({"alert": "yellow"}, 2),
        ({"alert": "yellow", "mag": 7.9}, 2),
        ({"mag": 6.5, "depth": 70.0}, 2),
        ({"mag": 6.5, "depth": 70.1}, 1),
        ({"mag": 6.4}, 1),
        ({"alert": "green", "mag": 6.0}, 1),
        ({"alert": "green", "mag": 5.9}, 0),
        ({"mag": 5.9}, 0),
        ({"alert": "red", "status": "deleted"}, 0),
        ({"alert": "mauve"}, 2),
    ],
    ids=lambda value: str(value),
)
def test_earthquakes_of_the_us_survey(values: dict[str, object], tier: int) -> None:
    """PAGER's colour decides; without one, magnitude and depth; a colour nobody knows is for an officer."""
    assert quake(**values) == tier


@pytest.mark.parametrize(
    ("kind", "alert", "episode", "current", "tier"),
    [
        ("EQ", "Red", "Red", True, 3),
        ("EQ", "Orange", "Orange", True, 2),
        ("TS", "Red", "Red", True, 3),
        ("TS", "Orange", "Orange", True, 2),
        ("TS", "Green", "Green", True, 1),
        ("TC", "Red", "Red", True, 3),
        ("TC", "Orange", "Orange", True, 2),
        ("TC", "Orange", "Red", True, 2),
        ("TC", "Orange", "Green", True, 1),
        ("TC", "Green", "Green", True, 1),
        *((kind, "Red", "Red", True, 3) for kind in ("FL", "VO", "WF")),
        *((kind, "Orange", "Orange", True, 2) for kind in ("FL", "VO", "WF")),
        *((kind, "Orange", "Green", True, 2) for kind in ("FL", "VO", "WF")),
        *((kind, "Red", "Red", False, 1) for kind in ("TC", "FL", "VO", "WF")),
        ("FL", "Green", "Green", True, 1),
        ("VO", "Green", "Green", True, 1),
        ("WF", "Green", "Green", True, 0),
        ("DR", "Red", "Red", True, 1),
        ("DR", "Orange", "Orange", True, 1),
        ("DR", "Green", "Green", True, 0),
        ("DR", "Red", "Red", False, 0),
    ],
)
def test_events_of_gdacs(kind: str, alert: str, episode: str, current: bool, tier: int) -> None:
    """The event's level decides, the episode's whether a cyclone is over; what is not current and droughts are no drafts."""
    assert event_of_gdacs(kind, alert, episode, current=current) == tier


@pytest.mark.parametrize(
    ("kind", "country", "severity", "tier"),
    [("EQ", "Chile", "6.0", 1), ("EQ", "Chile", "5.9", 0), ("TC", "", "120", 0), ("TC", "Chile", "120", 1)],
)
def test_green_events_of_gdacs(kind: str, country: str, severity: str, tier: int) -> None:
    """Of Green ones a strong quake and a cyclone near a country are a line in the brief; one on the open ocean is not."""
    assert event_of_gdacs(kind, "Green", "Green", country=country, severity=severity) == tier


def event_of_gdacs(
    kind: str, alert: str, episode: str, *, current: bool = True, country: str = "Chile", severity: str = "1"
) -> int | None:
    """Return the tier of one event of GDACS."""
    fields = {"eventtype": kind, "eventid": "7", "alertlevel": alert, "episodealertlevel": episode, "country": country,
              "iscurrent": str(current).lower(), "fromdate": "Sun, 08 Nov 2026 06:00:00 GMT", "eventname": ""}  # fmt: skip
    own = "".join(f"<gdacs:{name}>{value}</gdacs:{name}>" for name, value in fields.items())
    item = f"<item><title>x</title><link>https://www.gdacs.org/x</link>{own}<gdacs:severity value='{severity}'>x</gdacs:severity></item>"
    return gdacs.parse(Capture("gdacs", gdacs.CARD.url, AT, RSS.format(items=item).encode())).advisories[0].tier


def cap(**values: str) -> bytes:
    """Make a CAP message."""
    plain = {"status": "Actual", "kind": "Alert", "category": "Geo", "event": "Tsunami Warning", "response": "Evacuate",
             "severity": "Extreme"}  # fmt: skip
    return CAP.format(**plain | values).encode()


@pytest.mark.parametrize(
    ("values", "tier"),
    [
        ({"event": "Tsunami Warning"}, 3),
        ({"event": "Tsunami Watch"}, 3),
        ({"event": "Tsunami Threat Message"}, 3),
        ({"event": "Tsunami Advisory"}, 2),
        ({"event": "Tsunami Information Statement"}, 1),
        ({"event": "Tsunami Something"}, 2),
        ({"kind": "Cancel"}, 0),
        ({"kind": "Update", "response": "AllClear"}, 0),
        ({"status": "Test"}, 0),
    ],
    ids=lambda value: str(value),
)
def test_messages_of_the_tsunami_centres(values: dict[str, str], tier: int) -> None:
    """The word of the event decides, whatever the severity says; ends and tests have no tier."""
    assert ptwc.parse(Capture("ptwc", ptwc.CARD.url, AT, cap(**values))).advisories[0].tier == tier


@pytest.mark.parametrize(
    ("values", "tier"),
    [
        ({"severity": "Extreme", "category": "Met"}, 2),
        ({"severity": "Severe", "category": "Met"}, 0),
        ({"severity": "Moderate", "category": "Met"}, 0),
        ({"severity": "Severe", "category": "Geo"}, 1),
        ({"severity": "Extreme", "kind": "Cancel"}, 0),
        ({"severity": "Extreme", "response": "AllClear"}, 0),
    ],
    ids=lambda value: str(value),
)
def test_messages_of_an_added_cap_source(values: dict[str, str], tier: int) -> None:
    """Only what is Extreme becomes a draft: a warning for an area is noise for a country."""
    source = ExtraSource.model_validate(
        {"id": "mine", "kind": "cap", "publisher": "Mine", "publisher_zh": "我们", "url": "https://met.example/w",
         "authority": "hazard", "countries": ["CL"]}
    )  # fmt: skip
    publisher = publishers_with((source,))["mine"]
    assert publisher.parse(Capture("mine", source.url, AT, cap(**values))).advisories[0].tier == tier


@pytest.mark.parametrize(("kind", "tier"), [("New", 1), ("Continuing", 0)])
def test_reports_of_the_volcano_programme(kind: str, tier: int) -> None:
    """A new eruption is a line in the brief: GDACS warns of eruptions."""
    item = (
        f"<item><title>Testkatau (Indonesia) - Report for 1-7 November 2026 - {kind} Eruptive Activity</title>"
        "<guid>https://volcano.si.edu/reports_weekly.cfm#vn_262000</guid><pubDate>Thu, 05 Nov 2026 01:20:04 -0400</pubDate></item>"
    )
    found = gvp.parse(Capture("gvp", gvp.CARD.url, AT, RSS.format(items=item).encode())).advisories[0]
    assert (found.tier, found.event and found.event.ids) == (tier, ("vn:262000",))


def items_of_who(*items: dict[str, Any]) -> list[int | None]:
    """Return the tiers of items of the outbreak news, newest first; the last one only opens the list."""
    value = [
        {"Id": f"i{n}", "DonId": f"D{n}", "ItemDefaultUrl": f"/D{n}", "PublicationDate": "2026-11-07T00:00:00Z"} | item
        for n, item in enumerate([*items, {"Title": "Measles – Peru", "PublicationDate": "2025-11-07T00:00:00Z"}])
    ]
    reading = who_don.parse(Capture("who-don", who_don.CARD.url, AT, json.dumps({"value": value}).encode()))
    return [one.tier for one in reading.advisories]


@pytest.mark.parametrize(
    ("title", "assessment", "tier"),
    [
        ("Cholera – Zambia", "", 2),
        ("Mpox – Zambia", "", 1),
        ("Mpox – Zambia", "The risk at the national level is assessed as very high.", 2),
        ("Mpox – Zambia", "The risk for neighbouring countries is assessed as high.", 1),
        ("Mpox – Global", "", 0),
    ],
    ids=["first", "later", "later, very high", "later, high next door", "global"],
)
def test_outbreak_news(title: str, assessment: str, tier: int) -> None:
    """The first report on a disease in a country is a draft, a later one only if the country's risk is very high."""
    first = {"Title": "Mpox – Zambia", "PublicationDate": "2026-10-20T00:00:00Z"}
    assert items_of_who({"Title": title, "Assessment": assessment}, first)[0] == tier


@pytest.mark.parametrize(
    ("level", "what", "tier"),
    [(3, "Cholera in Zambia", 3), (2, "Cholera in Zambia", 2), (1, "Cholera in Zambia", 1), (4, "Cholera in Zambia", 3),
     (1, "Global Measles", 0), (2, "Global Measles", 0), (3, "Global Measles", 2)],
)  # fmt: skip
def test_travel_health_notices(level: int, what: str, tier: int) -> None:
    """The notice's level is the tier; one for the whole world is stored, and from level 3 an officer's."""
    item = f"<item><title>Level {level} - {what}</title><link>https://wwwnc.cdc.gov/travel/notices/level{level}/x</link></item>"
    body = RSS.format(items=item).encode()
    assert cdc_thn.parse(Capture("cdc-thn", cdc_thn.CARD.url, AT, body)).advisories[0].tier == tier


@pytest.mark.parametrize(("status", "tier"), [("Active", 2), ("Withdrawn", 1)])
def test_airspace_bulletins(status: str, tier: int) -> None:
    """An active bulletin is a draft when it is new or names a further country, a withdrawn one a line in the brief."""
    row = {"Nid": "1", "name": "Airspace of Iraq", "status": status, "country": "Iraq", "issued_date": "22/07/2026"}
    body = json.dumps({"conflict_zones": [row]}).encode()
    assert easa_czib.parse(Capture("easa-czib", easa_czib.CARD.url, AT, body)).advisories[0].tier == tier


def test_every_hazard_publisher_has_its_rows_here() -> None:
    """A new hazard feed brings its rows of the table with it."""
    tested = {usgs, gdacs, ptwc, gvp, who_don, cdc_thn, easa_czib}
    known = {key for key, one in publishers().items() if one.CARD.authority is Authority.HAZARD}
    assert known == {one.CARD.id for one in tested}
