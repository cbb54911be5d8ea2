"""The nouns of a source: cards, captures, advisories and changes. Pure; imports nothing that acts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from core.clock import iso
from core.i18n import Message
from sources.events import Event


class Authority(StrEnum):
    """Whose word it is: only `home` may go out by rule (DESIGN promise 9)."""

    HOME = "home"
    HAZARD = "hazard"
    PEER = "peer"


class Shape(StrEnum):
    """`state`: the whole list each time. `stream`: items appear and scroll off; scrolling off is no withdrawal."""

    STATE = "state"
    STREAM = "stream"


class Grade(StrEnum):
    """A level that is no number: the publisher states none, or states one we do not understand."""

    UNSTATED = "unstated"
    UNKNOWN = "unknown"


Level = int | Grade
"""1 to 4 normalised, or a `Grade`. `unstated` and `unknown` are not level 1."""


class Hazard(StrEnum):
    """What the danger is (DESIGN section 7)."""

    CONFLICT = "conflict"
    TERRORISM = "terrorism"
    CRIME = "crime"
    KIDNAPPING = "kidnapping"
    FRAUD = "fraud"
    UNREST = "unrest"
    NATURAL_DISASTER = "natural-disaster"
    WEATHER = "weather"
    EPIDEMIC = "epidemic"
    TRAFFIC = "traffic"
    LEGAL = "legal"
    IMMIGRATION = "immigration"
    OUTDOOR = "outdoor"
    DRONES = "drones"
    GAMBLING_FRAUD = "gambling-fraud"
    AVIATION = "aviation"
    OTHER = "other"


class ChangeKind(StrEnum):
    """How what a source says differs from the last good read."""

    NEW = "new"
    RAISED = "raised"
    LOWERED = "lowered"
    REWORDED = "reworded"
    TOUCHED = "touched"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Card:
    """What we know about a source before reading it, and what a believable reading looks like.

    Attributes:
        id: short name, as in `lingbao sources list`.
        publisher: who speaks, in English; `publisher_zh` in Chinese.
        url: the address read first. Redirects are followed only to `hosts`.
        rhythm: how often the publisher usually changes something, in words.
        entries: fewest and most entries of a believable reading.
        known_levels: fewest entries that must carry a numeric level (a broken selector looks like calm).
        stale_after: a reading whose newest entry is older than this is frozen, hence broken; None where age says nothing.
        change_limit: most rises and falls believed in one run (touches not counted); more are held for an officer.
        unproven: no raw capture was ever read; said so in `sources list` until a live fetch has passed.
        proves_itself: a good live reading proves it. Not so where no number of entries or levels says what is good.
    """

    id: str
    publisher: str
    publisher_zh: str
    authority: Authority
    shape: Shape
    url: str
    hosts: tuple[str, ...]
    language: str
    rhythm: str
    entries: tuple[int, int]
    known_levels: int = 0
    stale_after: timedelta | None = None
    change_limit: int = 15
    terms: str = ""
    enabled: bool = True
    unproven: bool = False
    proves_itself: bool = True


@dataclass(frozen=True)
class Capture:
    """Bytes as they were received, and where and when from.

    Attributes:
        fetched_at: when the bytes were taken (for a replayed capture: when the capture was made). UTC.
        content_type: the header as sent, may be empty.
        from_cache: the server said "not modified" and these are the bytes of the last good read.
    """

    source: str
    url: str
    fetched_at: datetime
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    from_cache: bool = False

    @property
    def sha256(self) -> str:
        """Return the hash of the bytes, which is also the name they are kept under."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Contact:
    """A number printed in an advisory: who answers, in the source's words, and the number as printed."""

    label: str
    number: str


@dataclass(frozen=True)
class Advisory:
    """What one source says about some places at one time. Immutable.

    Attributes:
        native_id: the source's own stable key (never a URL that moves, never a feed guid that is re-used).
        countries: ISO 3166-1 alpha-2, sorted; a joint entry lists the members that have no entry of their own.
        places: region and city words as the source writes them.
        level_national: level for the whole country; `level_regional_max` the highest for a part of it.
        level_words: the publisher's own words for the level.
        acute: the text names something happening now (attack, quake, coup, …).
        published_at: when this wording was first issued; `updated_at` when it was last said to stand. UTC.
        unresolved: texts that look like places and were not resolved.
        ambiguous: a place word with several possible countries, as `word: AA BB`; an officer must choose.
        tier: for hazard feeds the relevance tier 0 to 3, else None.
        list_mark: fingerprint of what the list alone says; equal marks mean "not moved" even if details were read once.
        detail_read: the wording was read from a detail page, not from a list alone.
        event: for hazard feeds what happened, so that records of several feeds can be put together.
        ended: the publisher itself says that it is over or was cancelled: that word needs no second look.
    """

    source: str
    native_id: str
    title: str
    url: str
    language: str
    summary: str = ""
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    worldwide: bool = False
    level_national: Level = Grade.UNSTATED
    level_regional_max: Level = Grade.UNSTATED
    level_words: str = ""
    hazards: tuple[Hazard, ...] = ()
    acute: bool = False
    published_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    unresolved: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    tier: int | None = None
    contacts: tuple[Contact, ...] = ()
    list_mark: str = ""
    detail_read: bool = False
    event: Event | None = None
    ended: bool = False

    @property
    def fingerprint(self) -> str:
        """Return a hash of the meaning only: dates, links and numbers that move by themselves are left out."""
        meaning = [
            list(self.countries), sorted(self.places), self.worldwide, str(self.level_national), str(self.level_regional_max),
            self.tier, squeeze(self.title), squeeze(self.summary), iso(self.expires_at),
            *(["ended"] if self.ended else []),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(meaning, ensure_ascii=False).encode()).hexdigest()[:32]

    @property
    def level(self) -> Level:
        """Return the highest level stated for any part, or why there is none."""
        numbers = [x for x in (self.level_national, self.level_regional_max) if isinstance(x, int)]
        if numbers:
            return max(numbers)
        return Grade.UNKNOWN if self.level_national == Grade.UNKNOWN else Grade.UNSTATED


def squeeze(text: str) -> str:
    """Return `text` without any white space: two wordings that differ only in layout are the same wording."""
    return "".join(text.split())


@dataclass(frozen=True)
class Quarantined:
    """An entry that could not be read: which one, in the source's own words, and why. The rest of the source goes on."""

    entry: str
    reason: Message


@dataclass(frozen=True)
class Reading:
    """One reading of a source: what was understood, what was not, and what a person should know.

    Attributes:
        complete: for a `state` source, whether absence from `advisories` means absence from the list.
        notes: findings that do not stop anything (a missing detail page).
        built_at: the list's own time, where it has one. UTC.
        unread: what of a source with many parts could not be read, a sentence each: the rest is good, but the night is not whole.
        parts: addresses of the parts that were read, for a source that has some (embassies).
        first_sights: keys of entries of parts that were never read before: they are a baseline of their own, and news to nobody.
    """

    advisories: tuple[Advisory, ...]
    quarantined: tuple[Quarantined, ...] = ()
    notes: tuple[Message, ...] = ()
    complete: bool = True
    built_at: datetime | None = None
    unread: tuple[Message, ...] = ()
    parts: tuple[str, ...] = ()
    first_sights: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AdvisoryChange:
    """A difference between two readings, with the reason in words and both versions.

    Attributes:
        confirmed: False for what needs a second look: a fall, a disappearance, an old item that appears.
        held: True if the run saw more changes than the card expects: an officer must release it.
    """

    kind: ChangeKind
    confirmed: bool
    source: str
    native_id: str
    reason: Message
    before: Advisory | None = None
    after: Advisory | None = None
    held: bool = False

    @property
    def advisory(self) -> Advisory:
        """Return the version that stands after the change, or the last one that stood."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change has at least one side")
        return found


Get = Callable[[str], Capture]
"""Fetch one address. Raises SourceBroken (or a subclass) if it cannot be had."""


@dataclass(frozen=True)
class Known:
    """What the last good read left behind, as far as a publisher needs it to read on.

    Attributes:
        marks: `list_mark` by `native_id` of every entry at the last good read; empty before the first.
        first_time: there was no good read before.
        parts: addresses of the parts that were ever read, for a source that has some.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    first_time: bool = True
    parts: frozenset[str] = frozenset()


class Publisher(Protocol):
    """What a module in `sources/publishers/` offers: a card, a pure `parse`, and `read`, which asks for the pages it needs."""

    CARD: Card

    def parse(self, capture: Capture) -> Reading:
        """Turn the bytes of the list into advisories. Pure.

        Raises:
            SourceBroken: the bytes are not what this source publishes.
        """
        ...

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch what is needed with `get`, and parse it. `SourceBroken` from the first page stops the source."""
        ...
