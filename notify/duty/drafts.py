"""Drafts that may not wait for the morning: what the policy marks with `page`, and what is of level 4."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.i18n import t
from notify.duty.paging import page

CAUSE = "draft/"


def page_draft(connection: Connection, alert_id: int, rule: str, now: datetime) -> bool:
    """Call the duty officer for a draft. False: somebody is called for it already."""
    words = t("Alert {alert} is a draft and waits for you (rule {rule}). Look at it, release it or cancel it.",
              alert=alert_id, rule=rule)  # fmt: skip
    return page(connection, f"{CAUSE}{alert_id}", words, now)
