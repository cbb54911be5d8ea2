"""Quiet hours: 22 to 7 where the person is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NIGHT_BEGINS = time(22)
NIGHT_ENDS = time(7)


def quiet_until(moment: datetime, zone: str) -> datetime | None:
    """Return the end of the local night that `moment` falls into, as aware time; None by day or for an unknown zone."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return None
    day = local.date() + timedelta(days=1) if local.time() >= NIGHT_BEGINS else local.date()
    return datetime.combine(day, NIGHT_ENDS, local.tzinfo).astimezone(moment.tzinfo)


def waits(moment: datetime, zones: Iterable[str]) -> dict[str, datetime]:
    """Return for each zone where it is night when the night ends."""
    found = {zone: quiet_until(moment, zone) for zone in zones}
    return {zone: until for zone, until in found.items() if until is not None}
