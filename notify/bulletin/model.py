"""What a bulletin tells, before it is put into words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from notify.bulletin.week import Week
from notify.model import OfficeName
from notify.texts.helplines import Directory
from sources.model import ChangeKind, Level


@dataclass(frozen=True)
class Item:
    """One thing that a publisher said or moved in the week.

    Attributes:
        title, words: of the publisher; `words` is the beginning of its text, or its own words for the level.
        publisher: as readers know it.
        day: of the publisher, or else the day we saw it.
        before, after: levels as we read them; None where there was or is nothing.
    """

    kind: ChangeKind
    countries: tuple[str, ...]
    title: str
    words: str
    publisher: str
    url: str
    day: date
    before: Level | None = None
    after: Level | None = None
    worldwide: bool = False


@dataclass(frozen=True)
class Graded:
    """A grade of the home authorities in their own words, and the countries it stands for."""

    level: int
    words: str
    countries: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """What the office itself did in the week: alerts and later versions of them sent, and people told (a person in two counts twice)."""

    alerts: int = 0
    people: int = 0


@dataclass(frozen=True)
class Facts:
    """Everything a bulletin is written from.

    Attributes:
        issue: which bulletin this is of all that were released.
        grades: the highest first.
        home: what home authorities said; `peers`: levels other governments moved; `hazards`: events.
        unread: sources that were broken when the bulletin was drafted, as readers know them: their silence says nothing.
    """

    week: Week
    office: OfficeName
    issue: int
    day: date
    grades: tuple[Graded, ...] = ()
    home: tuple[Item, ...] = ()
    peers: tuple[Item, ...] = ()
    hazards: tuple[Item, ...] = ()
    numbers: Numbers = field(default_factory=Numbers)
    directory: Directory = field(default_factory=Directory)
    unread: tuple[str, ...] = ()
