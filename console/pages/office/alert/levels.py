"""What every government says of the countries of an alert, for whoever is about to release it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from console.pages.office.visit import Visit
from core.i18n import Message
from notify.levels import SideBySide, level_words
from notify.levels_told import first_words
from notify.store.levels import MOST, look
from sources.catalog import is_on
from sources.model import Level


@dataclass(frozen=True)
class Beside:
    """One country with what is said of it, and who moved first."""

    country: str
    said: SideBySide
    first: Message | None


def beside(connection: Connection, who: Visit, countries: Sequence[str]) -> list[Beside]:
    """Return the levels side by side of the first countries."""
    settings = who.office.settings
    cards = [one.CARD for one in who.office.sources.values() if is_on(one.CARD, settings)]
    found = [look(connection, cards, code, who.now) for code in countries[:MOST]]
    zone = ZoneInfo(settings.zone)
    return [Beside(one.country, one, first_words(one, zone, who.language)) for one in found if one.stances]


def level_shown(level: Level) -> Message | str:
    """Return what people read for a level."""
    words = level_words(level)
    return words if isinstance(words, Message) else str(words)
