"""Words of the pages of sources. Pure."""

from __future__ import annotations

from datetime import timedelta

from core.i18n import Message, t
from sources.model import Authority, Shape

AUTHORITY = {
    Authority.HOME: t("our own authorities"), Authority.PEER: t("other governments"), Authority.HAZARD: t("hazard feeds"),
}  # fmt: skip
SHAPE = {
    Shape.STATE: t("the whole list each time: what is missing was withdrawn"),
    Shape.STREAM: t("news that scrolls off: what is missing still stands"),
}


def age(passed: timedelta) -> Message:
    """Return a length of time in its largest fitting unit: minutes below two hours, hours below two days, else days."""
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 120:
        return t("{count} min", count=minutes)
    if minutes < 2 * 24 * 60:
        return t("{count} h", count=minutes // 60)
    return t("{count} d", count=minutes // (24 * 60))
