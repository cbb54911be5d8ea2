"""A night with many sources and nothing new: reading, checking and comparing, against parsing alone."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.benches.measure import Measure
from cli.demo_feeds import write_feeds
from core.settings import load
from notify import night
from notify.office import open_office
from sources.catalog import publishers
from sources.read import SourceStatus
from sources.replay import ReplayFetcher

BASELINE = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
AGAIN = BASELINE + timedelta(hours=2)
SOURCES = ("cn-mfa", "us-state", "ca-gac", "de-aa", "gdacs")


def run(sources: int) -> list[Measure]:
    """Read that many sources' worth of captures a second time; CPU seconds, Prefect not included."""
    with tempfile.TemporaryDirectory() as home:
        captures = Path(home) / "captures"
        captures.mkdir()
        write_feeds(captures, BASELINE, BASELINE + timedelta(days=1))
        office = open_office(load(home=Path(home) / "home"))
        ids = list(SOURCES)
        for source in ids:
            assert night.read_one(office, source, BASELINE, captures, dry_run=False).status is SourceStatus.READ
        turns = [ids[i % len(ids)] for i in range(sources)]
        begun = time.process_time()
        for source in turns:
            report = night.read_one(office, source, AGAIN, captures, dry_run=False)
            assert not report.changes
        whole = time.process_time() - begun
        bare = _parse_only(captures, turns)
        office.engine.dispose()
    note = f"{sources} sources' worth of captures ({len(ids)} publishers in turn), nothing new; limit: parsing alone"
    return [Measure("night", whole, "s of CPU", bare, bare / whole, note)]


def _parse_only(captures: Path, turns: list[str]) -> float:
    fetcher = ReplayFetcher(captures, AGAIN)
    pages = {
        source: fetcher.get(publishers()[source].CARD, publishers()[source].CARD.url, None) for source in set(turns)
    }
    begun = time.process_time()
    for source in turns:
        publishers()[source].parse(pages[source])
    return time.process_time() - begun
