"""The weeks of the bulletin: from Friday 16:00 to Friday 16:00, so that no hour lies between two of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import WrongUse
from core.i18n import t

FRIDAY, CLOSE = 5, time(16)
_NAME = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True)
class Week:
    """One week of the bulletin, named by the ISO week in which it closes.

    Attributes:
        begins, ends: aware times in the office's zone; what happened at `begins` belongs to the week before.
    """

    year: int
    number: int
    begins: datetime
    ends: datetime

    @property
    def name(self) -> str:
        """Return the name, as `2026-W47`."""
        return f"{self.year}-W{self.number:02}"


def week_named(name: str, zone: str) -> Week:
    """Return the week of a name such as `2026-W47`.

    Raises:
        WrongUse: there is no such week.
    """
    found = _NAME.fullmatch(name.strip().upper())
    try:
        if found is None:
            raise ValueError(name)
        return _week(int(found[1]), int(found[2]), zone)
    except ValueError as error:
        raise WrongUse(t("There is no week “{name}”. Write it as 2026-W47.", name=name)) from error


def week_at(moment: datetime, zone: str) -> Week:
    """Return the week a moment belongs to: the first that has not closed before it."""
    local = moment.astimezone(ZoneInfo(zone))
    year, number, _ = local.isocalendar()
    week = _week(year, number, zone)
    if local <= week.ends:
        return week
    year, number, _ = (local + timedelta(days=7)).isocalendar()
    return _week(year, number, zone)


def _week(year: int, number: int, zone: str) -> Week:
    friday = date.fromisocalendar(year, number, FRIDAY)
    ends = datetime.combine(friday, CLOSE, tzinfo=ZoneInfo(zone))
    return Week(year, number, ends - timedelta(days=7), ends)
