"""Two nights of feeds for the demo, written by us in the wire formats of the publishers: every text is made up.

The big lists are built from the names of countries when the demo runs, so that they are as long as the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cli.demo_feeds import hazards, home, peers
from cli.demo_feeds.story import Page
from core.clock import iso
from sources.publishers import ca_gac, cn_mfa, de_aa, gdacs, us_state
from sources.replay import LIST_NAME

PUBLISHERS: Sequence[Callable[[datetime, bool], list[Page]]] = (
    home.pages, peers.us_pages, peers.ca_pages, peers.de_pages, hazards.pages
)  # fmt: skip
SOURCES = tuple(card.id for card in (cn_mfa.CARD, us_state.CARD, ca_gac.CARD, de_aa.CARD, gdacs.CARD))
"""The sources the demo has feeds of; the program knows more."""
FETCHED = timedelta(minutes=5)
"""The pages of a night were fetched this long before it."""


def write_feeds(directory: Path, first: datetime, second: datetime) -> Path:
    """Write the pages of both nights and their list into `directory`, as `lingbao night --captures` reads them.

    Args:
        first: the night whose reading is the baseline, aware.
        second: the night after it, on which things have changed.

    Returns:
        The directory.
    """
    entries = []
    for night, later in ((first, False), (second, True)):
        below = directory / ("night-2" if later else "night-1")
        below.mkdir(parents=True)
        for page in (page for pages in PUBLISHERS for page in pages(night, later)):
            (below / page.name).write_bytes(page.body)
            entries.append(_entry(page, night - FETCHED, f"{below.name}/{page.name}"))
    (directory / LIST_NAME).write_text("\n".join(entries), encoding="utf-8")
    return directory


def _entry(page: Page, at: datetime, file: str) -> str:
    lines = (
        "[[capture]]",
        f'source = "{page.source}"',
        f"at = {iso(at)}",
        f'url = "{page.url}"',
        f'file = "{file}"',
        "",
    )
    return "\n".join(lines)
