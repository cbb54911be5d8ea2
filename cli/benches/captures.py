"""All captures of one night parsed and compared, against parsing alone. Captures are the demo's: of real length, all made up."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.benches.measure import Measure
from cli.demo_feeds import SOURCES, write_feeds
from sources.catalog import publishers
from sources.change import Entry, Rules, compare
from sources.check import check
from sources.model import Capture, Publisher
from sources.replay import ReplayFetcher

NIGHT = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
QUIET = tuple(source for source in SOURCES if source != "de-aa")
"""In the demo's second night this one answers with a login page."""


def run(rounds: int) -> list[Measure]:
    """Parse, check and compare the second night of each source so many times; entries per second of CPU."""
    later = NIGHT + timedelta(days=1)
    with tempfile.TemporaryDirectory() as home:
        feeds = write_feeds(Path(home) / "feeds", NIGHT, later)
        before = {source: _page(publishers()[source], ReplayFetcher(feeds, NIGHT)) for source in QUIET}
        pages = {source: _page(publishers()[source], ReplayFetcher(feeds, later)) for source in QUIET}
    known = {
        source: {one.native_id: Entry(one, NIGHT) for one in publishers()[source].parse(page).advisories}
        for source, page in before.items()
    }
    rules = Rules(later, timedelta(minutes=10), first_time=False)
    begun, entries, changes = time.process_time(), 0, 0
    for _ in range(rounds):
        for source, page in pages.items():
            publisher = publishers()[source]
            found = check(publisher.CARD, publisher.parse(page), later, len(known[source]))
            changes += len(compare(publisher.CARD, known[source], found, rules).changes)
            entries += len(found.advisories)
    whole = time.process_time() - begun
    begun = time.process_time()
    for _ in range(rounds):
        for source, page in pages.items():
            publishers()[source].parse(page)
    bare = time.process_time() - begun
    note = (
        f"{len(pages)} sources, {entries // rounds} entries, {changes // rounds} changes a night; limit: parsing alone"
    )
    return [Measure("sources", entries / whole, "entries/s of CPU", entries / bare, bare / whole, note)]


def _page(publisher: Publisher, fetcher: ReplayFetcher) -> Capture:
    return fetcher.get(publisher.CARD, publisher.CARD.url, None)
