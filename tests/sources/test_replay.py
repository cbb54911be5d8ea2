"""Replaying captures from a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import SourceBroken, SourceSkipped, SourceTransient, WrongUse
from sources.model import Authority, Card, Shape
from sources.replay import ReplayFetcher

CARD = Card(
    id="one",
    publisher="One",
    publisher_zh="一",
    authority=Authority.HOME,
    shape=Shape.STREAM,
    url="https://one.example/list",
    hosts=("one.example",),
    language="zh",
    rhythm="daily",
    entries=(1, 9),
)
FIRST, SECOND = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, 8, tzinfo=UTC)
ENTRY = '[[capture]]\nsource = "one"\nat = {at}\nurl = "{url}"\n{rest}\n'


def folder(tmp_path: Path, *entries: str) -> Path:
    """Make a folder of captures with two files and the given entries."""
    (tmp_path / "a.html").write_bytes(b"first")
    (tmp_path / "b.html").write_bytes(b"second")
    (tmp_path / "captures.toml").write_text("\n".join(entries), encoding="utf-8")
    return tmp_path


def entry(at: str, rest: str, url: str = CARD.url) -> str:
    """Write one entry of the list."""
    return ENTRY.format(at=at, url=url, rest=rest)


BOTH = (
    entry("2026-10-02T16:00:00+08:00", 'file = "b.html"\nderived = true'),
    entry("2026-10-01T00:00:00Z", 'file = "a.html"'),
)


@pytest.mark.parametrize(
    ("at", "body", "taken"),
    [
        (FIRST, b"first", FIRST),
        (datetime(2026, 10, 2, 7, 59, tzinfo=UTC), b"first", FIRST),
        (SECOND, b"second", SECOND),
    ],
)
def test_the_newest_capture_not_newer_than_the_night_answers(
    tmp_path: Path, at: datetime, body: bytes, taken: datetime
) -> None:
    """Zones are compared as moments, and the capture carries the moment it was taken."""
    page = ReplayFetcher(folder(tmp_path, *BOTH), at).get(CARD, CARD.url, None)
    assert (page.body, page.fetched_at, page.source) == (body, taken, "one")


def test_a_source_without_a_capture_that_night_is_skipped(tmp_path: Path) -> None:
    """Not read is another thing than broken."""
    fetcher = ReplayFetcher(folder(tmp_path, *BOTH), datetime(2026, 9, 30, tzinfo=UTC))
    with pytest.raises(SourceSkipped, match=r"one: no capture of https://one\.example/list"):
        fetcher.get(CARD, CARD.url, None)


def test_a_further_page_without_a_capture_is_broken_not_skipped(tmp_path: Path) -> None:
    """A missing detail is named; it does not make the source unread."""
    with pytest.raises(SourceBroken, match=r"https://one\.example/detail") as caught:
        ReplayFetcher(folder(tmp_path, *BOTH), SECOND).get(CARD, "https://one.example/detail", None)
    assert not isinstance(caught.value, SourceSkipped)


def test_failures_are_replayed_as_they_were(tmp_path: Path) -> None:
    """A 503 and a time-out are transient, a 403 is not, and a later capture ends the failure."""
    entries = (
        entry("2026-10-01T00:00:00Z", "status = 503"),
        entry("2026-10-01T01:00:00Z", 'error = "timeout"'),
        entry("2026-10-01T02:00:00Z", 'status = 403\nfile = "a.html"'),
        entry("2026-10-01T03:00:00Z", 'file = "a.html"'),
    )
    place = folder(tmp_path, *entries)
    for hour, kind, words in (
        (0, SourceTransient, "503"),
        (1, SourceTransient, "no answer"),
        (2, SourceBroken, "blocked"),
    ):
        with pytest.raises(kind, match=words):
            ReplayFetcher(place, FIRST.replace(hour=hour, minute=30)).get(CARD, CARD.url, None)
    assert ReplayFetcher(place, SECOND).get(CARD, CARD.url, None).body == b"first"


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ('file = "../outside.html"', r"entry 1: the file \.\./outside\.html is outside"),
        ('file = "/etc/hostname"', "outside"),
        ('file = "gone.html"', r"entry 1: the file gone\.html is missing"),
        ("", "entry 1"),
        ('file = "a.html"\nstauts = 503', "entry 1: stauts"),
        ('error = "flood"', "entry 1: error"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, rest: str, words: str) -> None:
    """A slip in the list is found before the night starts, by file and number."""
    with pytest.raises(WrongUse, match=words):
        ReplayFetcher(folder(tmp_path, entry("2026-10-01T00:00:00Z", rest)), SECOND)


@pytest.mark.parametrize("text", ["[[capture", 'capture = "x"', "[[capture]]\nsource = 1", "capture = [3]"])
def test_a_list_that_is_no_list_is_wrong_use(tmp_path: Path, text: str) -> None:
    """Broken TOML and other shapes are named by file."""
    with pytest.raises(WrongUse, match=r"captures\.toml"):
        ReplayFetcher(folder(tmp_path, text), SECOND)


def test_a_moment_without_a_zone_is_wrong_use(tmp_path: Path) -> None:
    """A naive time is never guessed at."""
    with pytest.raises(WrongUse, match="entry 1: at"):
        ReplayFetcher(folder(tmp_path, entry("2026-10-01T00:00:00", 'file = "a.html"')), SECOND)


def test_a_folder_without_a_list_is_wrong_use(tmp_path: Path) -> None:
    """Nothing to replay is a mistake of the caller, not a calm night."""
    with pytest.raises(WrongUse, match=r"captures\.toml"):
        ReplayFetcher(tmp_path, SECOND)
