"""What publishers said, as lines of a page. Their texts are a stranger's: shown escaped, and linked only over http(s)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from console.pictures.levels import level_badge
from console.pictures.strip import Night, Square, Strip
from core.i18n import Language, Message
from notify.brief import KINDS
from notify.tonight.health import SourceNight
from sources.difference import Difference, differences
from sources.model import AdvisoryChange, Card

WEB = ("http://", "https://")


@dataclass(frozen=True)
class ChangeLine:
    """One change as a page shows it.

    Attributes:
        number: as `lingbao sources change` takes it; 0: of a comparison that is kept nowhere.
        before, after: levels as signs; `moved`: they differ.
        url: empty where the publisher's address is no web address.
    """

    number: int
    as_of: datetime | None
    source: str
    publisher: str
    kind: Message
    countries: tuple[str, ...]
    before: Markup
    after: Markup
    moved: bool
    title: str
    url: str
    confirmed: bool
    held: bool
    reason: Message
    difference: tuple[Difference, ...]


def change_line(
    change: AdvisoryChange,
    cards: Mapping[str, Card],
    language: Language,
    number: int = 0,
    as_of: datetime | None = None,
) -> ChangeLine:
    """Return a change as a page shows it."""
    one, old, new = change.advisory, change.before, change.after
    before, after = None if old is None else old.level, None if new is None else new.level
    return ChangeLine(
        number, as_of, change.source, publisher(cards.get(change.source), change.source, language),
        KINDS[change.kind.value], one.countries, level_badge(before, language), level_badge(after, language),
        before != after, one.title, web(one.url), change.confirmed, change.held, change.reason, differences(old, new),
    )  # fmt: skip


def publisher(card: Card | None, source: str, language: Language) -> str:
    """Return how a publisher is called; the id of a source that is not known any more."""
    if card is None:
        return source
    return card.publisher if language == "en" else card.publisher_zh


def web(url: str) -> str:
    """Return an address that may be a link; empty for any other (`javascript:`, `data:`, a path of ours)."""
    return url if url.lower().startswith(WEB) else ""


def strip(name: str, nights: list[SourceNight], href: str = "") -> Strip:
    """Return the nights of a source as a picture takes them."""
    return Strip(name, tuple(Square(one.day, Night(one.kind.value), one.changes) for one in nights), href)
