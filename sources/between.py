"""What two captures of a list say differently: compared without any memory, as if one were the night after the other. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from sources.change import Comparison, Entry, Rules, compare
from sources.entries import clean
from sources.model import Capture, Card, Publisher, Reading


def between(card: Card, old: Reading, new: Reading, now: datetime) -> Comparison:
    """Compare two readings of a source. Falls and disappearances are not confirmed: that takes a second look."""
    known = {one.native_id: Entry(one, now - timedelta(days=1)) for one in old.advisories}
    return compare(card, known, new, Rules(now, timedelta(0), first_time=False))


def read_list(publisher: Publisher, capture: Capture) -> Reading:
    """Read a capture as the list of its source.

    Raises:
        SourceBroken: the bytes are not what this source publishes.
    """
    return clean(publisher.parse(capture))
