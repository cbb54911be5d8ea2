"""The feeds of the demo: believable to every publisher's reader, and telling the story they are meant to tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from cli.demo_feeds import SOURCES, write_feeds
from core.database import open_engine
from sources.archive import Archive
from sources.catalog import publishers
from sources.model import Advisory
from sources.read import Desk, SourceReport, SourceStatus, read_source
from sources.replay import ReplayFetcher

FIRST = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)
Nights = tuple[dict[str, SourceReport], dict[str, SourceReport]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Read both nights of every source the demo has, as the night does."""
    directory = tmp_path_factory.mktemp("feeds")
    feeds = write_feeds(directory / "feeds", FIRST, SECOND)
    engine = open_engine(f"sqlite:///{directory / 'test.db'}")
    SQLModel.metadata.create_all(engine)

    def night(as_of: datetime) -> dict[str, SourceReport]:
        desk = Desk(engine, Archive(directory / "captures"), ReplayFetcher(feeds, as_of), timedelta(minutes=10))
        return {name: read_source(publishers()[name], desk, as_of) for name in sorted(SOURCES)}

    both = night(FIRST), night(SECOND)
    engine.dispose()
    return both


@pytest.mark.parametrize("source", SOURCES)
def test_first_night_is_read_whole_and_changes_nothing(nights: Nights, source: str) -> None:
    """Every list passes its card's checks without an unreadable entry, and the first sight of it is no change."""
    report = nights[0][source]
    assert (report.status, report.quarantined, report.changes, report.notes) == (SourceStatus.READ, (), (), ())
    assert report.first_time


def test_second_night_brings_the_changes_worked_out_by_hand(nights: Nights) -> None:
    """Six changes and no other: three new notices, one raise, one moved date, one earthquake."""
    seen = [
        (one.source, one.kind.value, one.advisory.countries, one.advisory.level, one.advisory.tier, one.confirmed)
        for report in nights[1].values()
        for one in report.changes
    ]
    assert seen == [
        ("ca-gac", "touched", ("KE",), 1, None, True),
        ("cn-mfa", "new", ("ML",), 4, None, True),
        ("cn-mfa", "new", ("IT",), 2, None, True),
        ("cn-mfa", "new", (), 2, None, True),
        ("gdacs", "new", ("PH",), "unstated", 3, True),
        ("us-state", "raised", ("MG",), 4, None, True),
    ]


def test_login_page_is_a_broken_source(nights: Nights) -> None:
    """The source that answers with a login page is named as broken, with the age of its last good reading."""
    report = nights[1]["de-aa"]
    assert (report.status, report.transient) == (SourceStatus.BROKEN, False)
    assert report.age == timedelta(days=1)
    assert {name for name, one in nights[1].items() if one.status is not SourceStatus.READ} == {"de-aa"}


def test_grave_notice_is_read_with_its_page(nights: Nights) -> None:
    """The notice that goes out has its text, its end, its hotline, and the words that tell people to leave."""
    found = _new(nights, "ML")
    assert found.detail_read
    assert found.expires_at == datetime(2027, 1, 20, 15, 59, 59, tzinfo=UTC)  # 60 days after 21 November, Beijing
    assert [one.number for one in found.contacts] == ["+86-10-12308"]
    assert "撤离" in found.summary
    assert "示例文本" in found.summary


def test_general_advice_is_not_acute(nights: Nights) -> None:
    """The advice on theft names nothing as happening: it belongs into the digest."""
    assert not _new(nights, "IT").acute


def test_same_night_makes_the_same_feeds(tmp_path: Path) -> None:
    """The feeds depend on the nights alone: two runs write the same bytes."""
    one, other = (write_feeds(tmp_path / name, FIRST, SECOND) for name in ("one", "other"))
    files = sorted(path.relative_to(one) for path in one.rglob("*.*") if path.is_file())
    assert len(files) == 14  # five lists a night, three pages of notices, captures.toml
    assert all((one / path).read_bytes() == (other / path).read_bytes() for path in files)


def _new(nights: Nights, country: str) -> Advisory:
    found = [one.advisory for one in nights[1]["cn-mfa"].changes if one.advisory.countries == (country,)]
    assert len(found) == 1
    return found[0]
