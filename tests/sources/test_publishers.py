"""The contract of every publisher: own captures, real captures, and bytes that mean harm or nothing.

A new publisher is covered by its file in `sources/publishers/` and its folder in `captures/`: nothing here is edited.
"""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import sources.publishers
from core.clock import parse_moment
from core.errors import SourceBroken
from core.places.names import codes
from sources.catalog import publishers
from sources.check import check
from sources.model import Advisory, Capture, Publisher, Reading
from sources.wire import store_advisory

OWN = Path(__file__).parent / "captures"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
SLOWEST = 5.0
"""Seconds a reading of hostile bytes may take: far above what is needed, far below a hang."""
every_publisher = pytest.mark.parametrize("publisher", publishers().values(), ids=publishers().keys())


def capture(publisher: Publisher, body: bytes) -> Capture:
    """Give bytes as the answer of the publisher's own address."""
    return Capture(publisher.CARD.id, publisher.CARD.url, datetime(2026, 11, 9, tzinfo=UTC), body)


def own(publisher: Publisher) -> Path:
    """Return the file with the publisher's own list."""
    return next((OWN / publisher.CARD.id).glob("list.*"))


def plain(reading: Reading) -> dict[str, Any]:
    """Write a reading as it stands in `expected.json`."""
    return {
        "advisories": [store_advisory(one) for one in reading.advisories],
        "quarantined": [[one.entry, str(one.reason)] for one in reading.quarantined],
        "notes": [str(one) for one in reading.notes],
        "complete": reading.complete,
    }


def real_captures() -> Iterator[Any]:
    """List the captures of first pages in the folder beside the checkout."""
    if not (REAL / "captures.toml").is_file():
        yield pytest.param(None, marks=pytest.mark.skip(reason=f"no captures in {REAL}"))
        return
    listed = tomllib.loads((REAL / "captures.toml").read_text(encoding="utf-8"))["capture"]
    known = {(one.CARD.id, one.CARD.url) for one in publishers().values()}
    yield from (pytest.param(one, id=one["file"]) for one in listed if (one["source"], one["url"]) in known)


def read_or_refuse(publisher: Publisher, body: bytes) -> tuple[Advisory, ...]:
    """Read bytes within the time allowed; refused ones give nothing."""
    start = time.monotonic()
    try:
        found = publisher.parse(capture(publisher, body)).advisories
    except SourceBroken:
        found = ()
    assert time.monotonic() - start < SLOWEST
    return found


def test_every_file_in_the_folder_is_a_publisher() -> None:
    """A file is named after its id, and has a card and a folder of captures."""
    folder = Path(sources.publishers.__path__[0])
    names = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert names == {key.replace("-", "_") for key in publishers()}
    assert names <= {path.name.replace("-", "_") for path in OWN.iterdir()}


@every_publisher
def test_the_card_makes_sense(publisher: Publisher) -> None:
    """The address is on a known host over https, the numbers allow a reading, and the terms of use are named."""
    card = publisher.CARD
    address = urlsplit(card.url)
    assert address.scheme == "https"
    assert address.hostname in card.hosts
    assert 0 < card.entries[0] < card.entries[1]
    assert card.known_levels <= card.entries[1]
    assert card.terms
    assert card.rhythm
    assert card.publisher_zh


@every_publisher
def test_own_captures_give_the_expected_advisories(publisher: Publisher) -> None:
    """Each trap in our own list ends as the advisory, quarantine or note written beside it."""
    reading = publisher.parse(capture(publisher, own(publisher).read_bytes()))
    expected = json.loads((OWN / publisher.CARD.id / "expected.json").read_text(encoding="utf-8"))
    assert plain(reading) == expected


@every_publisher
def test_reading_twice_gives_the_same(publisher: Publisher) -> None:
    """Parsing is pure: the same bytes give the same objects."""
    page = capture(publisher, own(publisher).read_bytes())
    assert publisher.parse(page) == publisher.parse(page)


@pytest.mark.parametrize("entry", list(real_captures()))
def test_real_captures_are_understood_whole(entry: dict[str, Any]) -> None:
    """A real list is believable that night, nothing of it is quarantined, and every code is a country."""
    publisher = publishers()[entry["source"]]
    reading = publisher.parse(capture(publisher, (REAL / entry["file"]).read_bytes()))
    assert reading.quarantined == ()
    assert check(publisher.CARD, reading, entry["at"].astimezone(UTC), None) == reading
    assert {code for one in reading.advisories for code in one.countries} <= codes()
    assert all(one.countries or one.worldwide or one.unresolved or one.tier is not None for one in reading.advisories)


@every_publisher
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   \n",
        b"null",
        b"[]",
        b"{}",
        b'{"response": {}, "data": {}}',
        b'{"response": [1], "data": "x"}',
        b"<html><body><form action='/login'><input name='password'></form></body></html>",
        b"<rss version='2.0'><channel><title>x</title></channel></rss>",
        b"<html><body><ul class='news-list'></ul></body></html>",
        b"\x00\xff\xfe\x80" * 100,
        b"PK\x03\x04 not a page",
        b"https://elsewhere.example/",
    ],
)
def test_what_is_no_list_breaks_the_source(publisher: Publisher, body: bytes) -> None:
    """Empty answers, switched-off services, login pages and other bytes are never read as calm."""
    with pytest.raises(SourceBroken, match=publisher.CARD.id):
        publisher.parse(capture(publisher, body))


@every_publisher
@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85, 0.97])
def test_half_a_list_is_refused_or_read_right(publisher: Publisher, share: float) -> None:
    """A list that was cut off yields no entry that the whole list does not have."""
    whole = own(publisher).read_bytes()
    entries = {one.native_id: one for one in publisher.parse(capture(publisher, whole)).advisories}
    for one in read_or_refuse(publisher, whole[: int(len(whole) * share)]):
        assert one == entries[one.native_id]


@every_publisher
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"data":' * 10_000 + b"1" + b"}" * 10_000,
        b"<rss version='2.0'><channel><item>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</item></channel></rss>",
        b"<ul class='news-list'><li>" + b"<div>" * 10_000 + b"x" + b"</div>" * 10_000 + b"</li></ul>",
        b"<div>" * 10_000 + b"<ul class='news-list'><li><a href='x'>x</a><span>2026-01-01</span></li></ul>",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        b"]><rss version='2.0'><channel><item><title>&b;</title></item></channel></rss>",
        b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><rss version="2.0"><channel><item/></channel></rss>',
    ],
    ids=["json-tower", "object-tower", "xml-tower", "html-tower", "html-deep-list", "entity-bomb", "outside-dtd"],
)
def test_hostile_bytes_are_refused_in_time(publisher: Publisher, body: bytes) -> None:
    """Towers of brackets and elements, entity bombs and outside DTDs end as a named fault, and soon."""
    assert read_or_refuse(publisher, body) == ()


@every_publisher
def test_a_hostile_entry_does_not_hang_the_list(publisher: Publisher) -> None:
    """Ten thousand tags inside one text cost that text, not the night."""
    tower = b"&lt;div&gt;" * 10_000
    read_or_refuse(publisher, own(publisher).read_bytes().replace(b"text", b"text" + tower, 1))


@every_publisher
@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_the_wrong_encoding_is_refused_or_read_right(publisher: Publisher, encoding: str) -> None:
    """A list in another encoding than it says never yields garbled entries."""
    whole = own(publisher).read_bytes()
    entries = {one.native_id: one for one in publisher.parse(capture(publisher, whole)).advisories}
    for one in read_or_refuse(publisher, whole.decode("utf-8").lstrip("ï»¿").encode(encoding)):
        assert one == entries[one.native_id]


@every_publisher
def test_a_byte_order_mark_changes_nothing(publisher: Publisher) -> None:
    """A mark before the first byte is taken away."""
    whole = own(publisher).read_bytes()
    assert publisher.parse(capture(publisher, b"\xef\xbb\xbf" + whole)) == publisher.parse(capture(publisher, whole))


def test_two_real_days_of_us_state_differ_in_one_entry() -> None:
    """From 7 to 8 October 2025 only São Tomé moved, from 1 to 2; every other entry has the same fingerprint."""
    publisher = publishers()["us-state"]
    files = [REAL / "us-state" / f"TAsTWs_2025-10-0{day}.xml" for day in (7, 8)]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no captures in {REAL}")
    before, after = (
        {one.native_id: one for one in publisher.parse(capture(publisher, file.read_bytes())).advisories}
        for file in files
    )
    assert len(before) == len(after) == 211
    moved = [key for key in after if before[key].fingerprint != after[key].fingerprint]
    assert [(key, before[key].level, after[key].level) for key in moved] == [("ST", 1, 2)]
    names = {"KM": "Comoros", "NE": "Niger", "NG": "Nigeria", "AU": "Australia", "AT": "Austria"}
    assert all(after[code].title.startswith(f"{name} - Level") for code, name in names.items())
    assert after["CN"].countries == ("CN",)
    assert {"HK", "MO"} <= after.keys()


def test_real_hazards_of_a_week_give_the_drafts_that_were_counted() -> None:
    """The week of December 2019 gives no draft, the feed of 10 December 2024 two."""
    publisher = publishers()["gdacs"]
    counted = {"gdacs-rss-7d-20191230T0101Z.xml": set(), "gdacs-rss-20241210T2115Z.xml": {"TC1001131", "VO1000104"}}
    for name, drafts in counted.items():
        file = REAL / "gdacs" / name
        if not file.is_file():
            pytest.skip(f"no captures in {REAL}")
        reading = publisher.parse(capture(publisher, file.read_bytes()))
        assert {one.native_id for one in reading.advisories if (one.tier or 0) >= 2} == drafts


def test_expected_files_hold_moments_in_utc() -> None:
    """The expected objects beside the captures are real ones: their times have a zone."""
    for file in OWN.glob("*/expected.json"):
        for one in json.loads(file.read_text(encoding="utf-8"))["advisories"]:
            assert one["published_at"] is None or parse_moment(one["published_at"])
