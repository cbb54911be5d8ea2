"""Days as people type them into a field of the portal. Pure."""

from __future__ import annotations

from datetime import date

from core.i18n import Message, t


def read_day(text: str) -> tuple[date | None, Message | None]:
    """Return the day of a field (None: empty), or what is wrong with it."""
    if not text:
        return None, None
    try:
        return date.fromisoformat(text), None
    except ValueError:
        return None, t("{text} is no date. Write it as 2026-03-05.", text=text[:40])
