"""What an officer reads about budgets that are nearly used up. What waits for one is named with its alert, see `notify.proof`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.i18n import t
from core.settings import Settings
from notify.budgets import day_of
from notify.proof import GapFound
from notify.store.holds import stands


def budget_gaps(connection: Connection, settings: Settings, now: datetime) -> list[GapFound]:
    """Return the budgets of the day of the office of which four fifths are used (DESIGN promise 14)."""
    return [
        GapFound("budget-near", f"budget/{one.budget.channel}/{one.budget.country}", t(
            "Budget of {channel}, {country}: {used} of {limit} calls are used today; {waiting} notices wait for it.",
            channel=one.budget.channel, country=one.budget.country, used=one.used, limit=one.budget.per_day,
            waiting=one.waiting))
        for one in stands(connection, settings.budgets, day_of(now, settings.zone).date) if one.near
    ]  # fmt: skip
