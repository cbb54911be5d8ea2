"""Paging for a budget that is used up: what waits for it may be a warning (DESIGN promise 14)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.i18n import t
from notify.duty.paging import page, settle

CAUSE = "budget/{channel}/{country}"


def page_budget(connection: Connection, channel: str, country: str, now: datetime) -> bool:
    """Call the duty officer, because notices wait for a budget. False: somebody is called for it already."""
    words = t("The budget of {channel}, {country} is used up: notices wait. Raise it in `budgets`, or they leave tomorrow.",
              channel=channel, country=country)  # fmt: skip
    return page(connection, CAUSE.format(channel=channel, country=country), words, now)


def settle_budget(connection: Connection, channel: str, country: str, now: datetime) -> bool:
    """Close the page: there is room again."""
    return settle(connection, CAUSE.format(channel=channel, country=country), now)
