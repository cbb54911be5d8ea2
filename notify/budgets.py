"""Budgets: how many calls a day over one channel for people in one country. Pure.

At 80 % a warning stands among the gaps; at the limit notices wait for the next day of the office, or for an officer who raises
the limit, and everything else goes on. Nothing is dropped: what waits is listed, and ends only with the validity of its alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.settings_tables import Budget

ALL = "*"
NEAR = 0.8
HELD = "budget"
"""Begins the reason of a notice that waits for a budget: `budget:sms:ZM`."""


@dataclass(frozen=True)
class Day:
    """One day of the office.

    Attributes:
        ends: when the next one begins (UTC).
    """

    date: date
    ends: datetime


def day_of(now: datetime, zone: str) -> Day:
    """Return the day it is at the office."""
    here = ZoneInfo(zone)
    today = now.astimezone(here).date()
    return Day(today, datetime.combine(today + timedelta(days=1), time.min, here).astimezone(now.tzinfo))


def limits(budgets: Iterable[Budget], channel: str) -> dict[str, int]:
    """Return the limits of a channel by country, `*` for all together."""
    return {one.country: one.per_day for one in budgets if one.channel == channel}


def reason(channel: str, country: str) -> str:
    """Return the reason of what waits for a budget."""
    return f"{HELD}:{channel}:{country}"


def fit(
    wanted: Sequence[tuple[int, str]], limit: Mapping[str, int], used: Mapping[str, int]
) -> tuple[list[int], list[str]]:
    """Choose, in order, what fits into what is left; return the numbers chosen and the budgets that something did not fit into.

    Args:
        wanted: notices, each with its number and country.
        limit, used: by country, `*` for all together.
    """
    left = {country: most - used.get(country, 0) for country, most in limit.items()}
    chosen, full = [], dict[str, None]()
    for number, country in wanted:
        of_it = [key for key in (ALL, country) if key in left]
        over = [key for key in of_it if left[key] <= 0]
        if over:
            full[over[0]] = None
            continue
        chosen.append(number)
        for key in of_it:
            left[key] -= 1
    return chosen, list(full)


@dataclass(frozen=True)
class Stand:
    """How a budget stands.

    Attributes:
        waiting: notices that wait for it.
    """

    budget: Budget
    used: int
    waiting: int

    @property
    def near(self) -> bool:
        """Tell whether four fifths of it are used."""
        return self.used >= NEAR * self.budget.per_day
