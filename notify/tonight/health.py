"""How the sources are: which were not read, since when and why, and the picture of their last nights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.i18n import Message, t
from notify.office import Office
from notify.rundown import NIGHT
from notify.store import nights
from sources import capture_store
from sources import store as source_store
from sources.catalog import is_on
from sources.health import Ailment, advice, ailment, name
from sources.model import Card
from sources.tables import SourceState
from sources.wire import load_message

NIGHTS = 30
"""Nights of a picture."""
DAY = timedelta(days=1)
NEVER = t("It was never read.")


@dataclass(frozen=True)
class Health:
    """How one source is.

    Attributes:
        on: it is read. `unproven`: its reader has never read the real pages.
        good_at: the night of the last good reading; None: there was none. `entries` are of that reading.
        moved_at: the night of its last change; None: none was ever seen.
        reason: why the last try failed; None: it did not. `ailment` says it in a word, `todo` what to do.
    """

    card: Card
    on: bool
    unproven: bool
    good_at: datetime | None
    tried_at: datetime | None
    failures: int
    entries: int
    known_levels: int
    moved_at: datetime | None
    reason: Message | None
    ailment: Message | None
    todo: Message | None

    @property
    def sick(self) -> bool:
        """Tell whether a source that should be read was not, or never."""
        return self.on and (self.reason is not None or self.good_at is None)


def healths(connection: Connection, office: Office) -> list[Health]:
    """Return how every source is: the sick first, then those that are read, then what is switched off."""
    known, moved = source_store.states(connection), capture_store.last_moves(connection)
    found = [
        _health(one.CARD, known.get(name), moved.get(name), on=is_on(one.CARD, office.settings))
        for name, one in office.sources.items()
    ]
    return sorted(found, key=lambda one: (not one.sick, not one.on, one.card.authority != "home", one.card.id))


def _health(card: Card, state: SourceState | None, moved: datetime | None, *, on: bool) -> Health:
    state = state or SourceState(source_id=card.id)
    reason = load_message(state.reason) if state.reason else None
    if reason is None and state.last_good_at is None and on:
        return Health(card, on, card.unproven, None, state.last_tried_at, 0, 0, 0, moved, NEVER, None,
                      t("It is read by the next run; to read it at once: “read now”."))  # fmt: skip
    found: Ailment | None = None if reason is None else ailment(reason)
    return Health(
        card, on, card.unproven and state.proven_at is None, state.last_good_at, state.last_tried_at, state.failures,
        state.entries, state.known_levels, moved, reason, None if found is None else name(found),
        None if found is None else advice(found),
    )  # fmt: skip


class NightKind(StrEnum):
    """How one source was read in one night. `NONE`: there was no run, or it was not asked."""

    READ = "read"
    CHANGED = "changed"
    BROKEN = "broken"
    NONE = "none"


@dataclass(frozen=True)
class SourceNight:
    """One night of one source; `changes` also of the runs of that day beside the night."""

    day: date
    kind: NightKind
    changes: int


def last_nights(
    connection: Connection, office: Office, sources: Sequence[str], days: int = NIGHTS
) -> dict[str, list[SourceNight]]:
    """Return the last nights of these sources, the oldest first, one for each day of the office up to today."""
    zone, today = ZoneInfo(office.settings.zone), office.clock.now().astimezone(ZoneInfo(office.settings.zone)).date()
    span = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    since = office.clock.now() - timedelta(days=days + 1)
    moved: dict[tuple[str, date], int] = {}
    for (source, as_of), count in capture_store.moves(connection, since).items():
        key = (source, as_of.astimezone(zone).date())
        moved[key] = moved.get(key, 0) + count
    read: dict[tuple[str, date], str] = {}
    for one in nights.readings(connection, days, NIGHT):
        # The newest run of a day counts: it comes first.
        read.setdefault((one.source, one.as_of.astimezone(zone).date()), one.status)
    return {source: [_night(source, day, read, moved) for day in span] for source in sources}


def _night(
    source: str, day: date, read: Mapping[tuple[str, date], str], moved: Mapping[tuple[str, date], int]
) -> SourceNight:
    status, changes = read.get((source, day), ""), moved.get((source, day), 0)
    if status == "broken":
        return SourceNight(day, NightKind.BROKEN, changes)
    if changes:
        return SourceNight(day, NightKind.CHANGED, changes)
    return SourceNight(day, NightKind.READ if status == "read" else NightKind.NONE, 0)
