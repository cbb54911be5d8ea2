"""Drafts that may not wait for the morning: what the policy marks with `page`, and what is of level 4."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.i18n import t
from notify.duty.paging import page

CAUSE = "draft/"


def page_draft(
    connection: Connection, alert_id: int, rule: str, now: datetime, *, told_by: int = 0, restored: bool = False
) -> bool:
    """Call the duty officer for a draft. False: somebody is called for it already.

    Args:
        told_by: the alert of our own that has told of the same situation, and because of which it waits; 0: none.
        restored: it waits because people may have been told before this copy was restored.
    """
    if restored:
        words = t("Alert {alert} is a draft and waits for you: this copy was restored from a backup, and people may have been told "
                  "of it before. Look at what the providers have; release it or cancel it.", alert=alert_id)  # fmt: skip
        return page(connection, f"{CAUSE}{alert_id}", words, now)
    if told_by:
        words = t("Alert {alert} is a draft and waits for you: alert {own}, from a pasted notice, has told of the same. Look at both; "
                  "release it if it says more, or cancel it.", alert=alert_id, own=told_by)  # fmt: skip
        return page(connection, f"{CAUSE}{alert_id}", words, now)
    words = t("Alert {alert} is a draft and waits for you (rule {rule}). Look at it, release it or cancel it.",
              alert=alert_id, rule=rule)  # fmt: skip
    return page(connection, f"{CAUSE}{alert_id}", words, now)
