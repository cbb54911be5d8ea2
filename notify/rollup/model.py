"""The nouns of a roll-up, and when one is due. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notify.store.account import Reached

FRESH = timedelta(days=3)
"""Alerts released longer ago than this get no first roll-up any more: an office that begins with them is not flooded."""
MORNING = time(7, 30)
BAD = (Reached.NO_WAY, Reached.NOT_REACHED, Reached.IN_DOUBT, Reached.CANCELED)
"""Whom nobody has told, as far as we know."""


class Round(StrEnum):
    """Why a roll-up goes out: the first wave is over, something changed by the next morning, the alert was closed."""

    WAVE = "wave"
    MORNING = "morning"
    CLOSED = "closed"


@dataclass(frozen=True)
class Told:
    """One alert with its newest released version, as far as a roll-up needs it.

    Attributes:
        all_clear: the newest version ends the alert: its wave is the last word.
        closed_at: when it was closed; None: it stands.
    """

    alert_id: int
    version_id: int
    no: int
    released_at: datetime
    all_clear: bool
    closed_at: datetime | None
    in_force_until: datetime


@dataclass(frozen=True)
class Left:
    """A person of a company who was not told. `why`: the reason of the newest notice, a code; empty for no address."""

    registrant_id: int
    reached: Reached
    why: str = ""


@dataclass(frozen=True)
class CompanyAccount:
    """What came of one alert for the people of one company.

    Attributes:
        reached: people by what came of them; together they are all its people.
        ways: people told, by channel; somebody told over two counts in both.
        answers: people asked whether they are safe, by what stands of them (`safe`, `help`, `unclear`, `silent`); empty: nobody was.
        silent: those who were asked and have not answered; `help`: those who need help.
    """

    employer_id: int
    version_id: int
    reached: Mapping[Reached, int]
    ways: Mapping[str, int] = field(default_factory=dict)
    left: tuple[Left, ...] = ()
    answers: Mapping[str, int] = field(default_factory=dict)
    silent: tuple[int, ...] = ()
    help: tuple[int, ...] = ()

    @property
    def people(self) -> int:
        """Return how many people it is about."""
        return sum(self.reached.values())

    @property
    def digest(self) -> str:
        """Return a hash of all of it: equal hashes mean that nothing changed."""
        told = {name: value for name, value in asdict(self).items() if name != "employer_id"}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def edition(alert_id: int, no: int, what: Round) -> str:
    """Name the letter: at most one of each kind for a version of an alert and a company."""
    return f"{alert_id}/{no}/{what}"


def morning_mark(alert_id: int, no: int, now: datetime, zone: str) -> str:
    """Name the round of this morning."""
    return f"{alert_id}/{no}/m{now.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def rounds_due(told: Told, done: Mapping[str, datetime], now: datetime, *, zone: str, over: bool) -> Collection[Round]:
    """Return the rounds of an alert that are due now, in order.

    Args:
        done: when each round that is done came to its end, by the name of its edition.
        over: the first wave is: nothing more is to be heard of it, or it had its time.
    """
    wave_end = done.get(edition(told.alert_id, told.no, Round.WAVE))
    if wave_end is None:
        return [Round.WAVE] if over and now - told.released_at < FRESH else []
    if told.all_clear:
        return []
    if told.closed_at is not None:
        closed = edition(told.alert_id, told.no, Round.CLOSED)
        news = closed not in done and wave_end < told.closed_at  # a wave told after the end told of the end too
        return [Round.CLOSED] if news and now - told.closed_at < FRESH else []
    local = now.astimezone(ZoneInfo(zone))
    morning = datetime.combine(local.date(), MORNING, tzinfo=local.tzinfo)
    waits = morning_mark(told.alert_id, told.no, now, zone) not in done
    return [Round.MORNING] if waits and wave_end < morning <= now < told.in_force_until else []
