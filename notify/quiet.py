"""Quiet hours: the night where the person is, 22 to 7 if the policy says nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class Night:
    """From when to when people are not woken, by the clock where they are; it may end on the next day."""

    begins: time = time(22)
    ends: time = time(7)

    def holds(self, moment: time) -> bool:
        """Tell whether it is night at this time of day."""
        if self.begins < self.ends:
            return self.begins <= moment < self.ends
        return moment >= self.begins or moment < self.ends


NIGHT = Night()


def quiet_until(moment: datetime, zone: str, night: Night = NIGHT) -> datetime | None:
    """Return the end of the local night that `moment` falls into, as aware time; None by day or for an unknown zone."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    if not night.holds(local.time()):
        return None
    day = local.date() + timedelta(days=1) if local.time() >= night.ends else local.date()
    return datetime.combine(day, night.ends, local.tzinfo).astimezone(moment.tzinfo)


def waits(moment: datetime, zones: Iterable[str], night: Night = NIGHT) -> dict[str, datetime]:
    """Return for each zone where it is night when the night ends."""
    found = {zone: quiet_until(moment, zone, night) for zone in zones}
    return {zone: until for zone, until in found.items() if until is not None}
