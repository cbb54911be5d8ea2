"""Builders and fakes for the tests of the sources: a card, advisories, a publisher and a fetcher without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.errors import SourceBroken
from core.i18n import t
from sources.change import Comparison, Entry, Rules, compare
from sources.model import Advisory, Authority, Capture, Card, Get, Known, Level, Quarantined, Reading, Shape

NIGHT = datetime(2026, 10, 5, tzinfo=UTC)
DAY = timedelta(days=1)
CONFIRM = timedelta(minutes=10)
LIST_URL = "https://one.example/list"
STATE = Card(
    id="one",
    publisher="One",
    publisher_zh="一",
    authority=Authority.PEER,
    shape=Shape.STATE,
    url=LIST_URL,
    hosts=("one.example",),
    language="en",
    rhythm="daily",
    entries=(1, 500),
)
STREAM = replace(STATE, shape=Shape.STREAM)


def advisory(key: str = "a", level: Level = 2, **values: object) -> Advisory:
    """Make an advisory of source `one`: its key and title follow from `key`, its country is Zambia."""
    plain = Advisory(
        "one", key, f"About {key}", f"https://one.example/{key}", "en", countries=("ZM",), level_national=level
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def reading(*advisories: Advisory, **values: object) -> Reading:
    """Make a reading of advisories."""
    return replace(Reading(advisories), **values)  # type: ignore[arg-type]


class Book:
    """A source remembered between readings, as the database would: `entries` is what `compare` wrote back."""

    def __init__(self, card: Card = STATE, confirm_after: timedelta = CONFIRM) -> None:
        """Begin with nothing known."""
        self.card, self.confirm_after = card, confirm_after
        self.entries: dict[str, Entry] = {}
        self.first_time = True

    def look(self, *advisories: Advisory, at: datetime, **values: object) -> Comparison:
        """Read once, remember what is to be written back, and return the comparison."""
        rules = Rules(at, self.confirm_after, self.first_time)
        result = compare(self.card, self.entries, reading(*advisories, **values), rules)
        self.entries |= result.entries
        self.first_time = False
        return result

    def said(self, *advisories: Advisory, at: datetime, **values: object) -> list[tuple[str, str, bool]]:
        """Read once; return kind, key and confirmation of each change."""
        return [(c.kind.value, c.native_id, c.confirmed) for c in self.look(*advisories, at=at, **values).changes]


class FakeFetcher:
    """Answers every address with the bytes it was given, and remembers what it was offered as the previous capture."""

    def __init__(self, body: bytes = b"list", etag: str = "") -> None:
        """Answer with `body`; with an `etag` that equals the previous one, say "not modified"."""
        self.body, self.etag = body, etag
        self.offered: list[Capture | None] = []

    def get(self, card: Card, url: str, previous: Capture | None) -> Capture:
        """Return the bytes as received at a fixed moment."""
        self.offered.append(previous)
        if previous is not None and self.etag and previous.etag == self.etag:
            return replace(previous, from_cache=True)
        return Capture(card.id, url, NIGHT, self.body, etag=self.etag)


class FakePublisher:
    """Fetches its list, and says what it was told to say: a reading, or an error."""

    def __init__(
        self, says: Reading | Exception, card: Card = STATE, before: Callable[[], object] | None = None
    ) -> None:
        """Say `says`; call `before` between fetching and saying."""
        self.CARD, self.says, self.before = card, says, before
        self.known: list[Known] = []

    def parse(self, capture: Capture) -> Reading:
        """Return what it was told to say, whatever the bytes are."""
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch the list, then say."""
        self.known.append(known)
        capture = get(self.CARD.url)
        if self.before is not None:
            self.before()
        return self.parse(capture)


def broken() -> SourceBroken:
    """Make the error of a source that is blocked."""
    return SourceBroken(
        t("{source}: {url} gave the unexpected answer {status}.", source="one", url=LIST_URL, status=418)
    )


def unreadable(entry: str = "entry 7") -> Quarantined:
    """Make an entry that could not be read."""
    return Quarantined(entry, t("unreadable date: {value}", value="31 June"))
