"""Every parser of the sources room on its stage: a publisher, its pages, and a way to read it with one page exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from core.errors import SourceBroken
from core.settings_tables import ExtraSource
from sources.catalog import publishers
from sources.entries import clean
from sources.generic import publisher_of
from sources.model import Advisory, Capture, Known, Level, Publisher, Reading
from tests.sources.made import broken

OWN = Path(__file__).parent / "captures"
AT = datetime(2026, 11, 9, tzinfo=UTC)
KNOWN = Known(first_time=False)
"""Nothing of the list was ever seen: every page is new, and asked for."""
SECOND_PAGES = {
    "cn-embassy": (("us.html", r"//us\.china-embassy.*/zytz/$"), ("detail.html", r"/t\d{8}_\d+\.html?$")),
    "cn-mct": (("detail.html", r"/t\d{8}_\d+\.html?$"),),
    "cn-mfa": (("index_1.html", r"index_1\.html$"), ("detail.html", r"/t\d{8}_\d+\.html$")),
    "cn-mofcom": (("detail.html", r"\.shtml$"),),
    "de-aa": (("detail.json", r"/100005$"),),
    "fr-meae": (("page.html", r"/georgie/"),),
    "ie-dfa": (("page.html", r"/advice/[a-z-]+/$"),),
    "nz-mfat": (("page.html", r"/destinations/"),),
    "uk-fcdo": (("document.json", r"/foreign-travel-advice/mali$"),),
    "us-embassy": (("jo.xml", r"//jo\."),),
    "us-state": (("api.json", r"/api/TravelAdvisories$"),),
    "usgs": (("detail.geojson", r"/detail/us1\.geojson$"), ("losses.json", r"/losses\.json$")),
}
ADDED = {
    "rss": (("feed.xml", r"/feed$"),),
    "html": (("page.html", r"/feed$"),),
    "cap": (("messages.xml", r"/feed$"), ("cap.xml", r"/cap/1\.xml$")),
}


@dataclass(frozen=True)
class Said:
    """What a wrong word in would harm somebody: the key, the places and the levels of an advisory."""

    key: str
    countries: frozenset[str]
    national: Level
    regional: Level


@dataclass(frozen=True)
class Page:
    """One page of a publisher: the file it is kept in, what its address looks like, and its bytes."""

    name: str
    address: str
    body: bytes


@dataclass(frozen=True)
class Scene:
    """A publisher with all its pages."""

    name: str
    publisher: Publisher
    pages: tuple[Page, ...]

    def read(self, page: str = "", body: bytes | None = None) -> Reading:
        """Read the publisher as a night does, with the page of that name answered by `body`; without one, it is not there.

        Raises:
            SourceBroken: the reading is broken.
        """

        def get(url: str) -> Capture:
            """Return one page."""
            for one in self.pages:
                if re.search(one.address, url):
                    answer = body if one.name == page else one.body
                    if answer is None:
                        raise broken()
                    return Capture(self.publisher.CARD.id, url, AT, answer)
            raise broken()

        return clean(self.publisher.read(get, KNOWN))


@cache
def scenes() -> dict[str, Scene]:
    """Return the scene of every publisher and of every kind of source that an office can add."""
    found = {name: Scene(name, one, tuple(_pages(name, one))) for name, one in publishers().items()}
    return found | {f"added-{kind}": _added(kind) for kind in ADDED}


def targets() -> list[tuple[str, str]]:
    """Return every parser: the scene and the page it reads."""
    return [(scene.name, page.name) for scene in scenes().values() for page in scene.pages]


def page_of(scene: str, name: str) -> bytes:
    """Return the undamaged bytes of a page."""
    return next(page.body for page in scenes()[scene].pages if page.name == name)


@cache
def truth(scene: str) -> frozenset[Said]:
    """Return what the undamaged pages say, and what is said while one of them cannot be had."""
    stage = scenes()[scene]
    found = {said(one) for one in stage.read().advisories}
    for page in stage.pages:
        try:
            found |= {said(one) for one in stage.read(page.name).advisories}
        except SourceBroken:
            continue
    return frozenset(found)


def said(one: Advisory) -> Said:
    """Return what of an advisory must never be wrong."""
    return Said(one.native_id, frozenset(one.countries), one.level_national, one.level_regional_max)


def _pages(name: str, publisher: Publisher) -> Iterator[Page]:
    first = next((OWN / name).glob("list.*"))
    yield Page(first.name, f"^{re.escape(publisher.CARD.url)}$", first.read_bytes())
    for file, address in SECOND_PAGES.get(name, ()):
        yield Page(file, address, (OWN / name / file).read_bytes())


def _added(kind: str) -> Scene:
    extra = ExtraSource.model_validate({
        "id": "added", "kind": kind, "publisher": "Added", "publisher_zh": "新增", "url": "https://met.example/feed",
        "item": "ul.news li" if kind == "html" else "",
    })  # fmt: skip
    pages = tuple(Page(file, address, (OWN / "added" / file).read_bytes()) for file, address in ADDED[kind])
    return Scene(f"added-{kind}", publisher_of(extra), pages)
