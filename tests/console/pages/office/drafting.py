"""Forms of alerts as a browser sends them, and what the tests look up of the drafts they make."""

from __future__ import annotations

import re
from typing import Any

from core.database import reading
from notify import alerts
from notify.edit import as_draft
from notify.model import AlertDraft
from notify.store import alerts as store
from notify.tables import AlertVersion
from tests.console.pages.office.desk import Desk
from tests.console.pages.surfer import Surfer

TITLE = "近期请减少外出，注意安全"
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')
LATEST = re.compile(r"/office/alerts/(\d+)")


def form(**values: Any) -> dict[str, Any]:
    """Return the fields of the form as an officer fills it for Tajikistan, with `values` in their place."""
    plain = {"country": ["塔吉克斯坦"], "level": "3", "title_zh": TITLE, "valid_hours": "24", "expire_hours": "6"}
    return plain | values


def hidden(surfer: Surfer) -> dict[str, str]:
    """Return the hidden fields of the last page."""
    return dict(HIDDEN.findall(surfer.page.text))


def drafted(surfer: Surfer, **values: Any) -> int:
    """Write a draft by the form; return the number of the alert."""
    surfer.get("/office/alerts/new")
    surfer.ask(
        "POST",
        "/office/alerts/new",
        follow=False,
        data={"form_token": surfer.token, **hidden(surfer), **form(**values)},
    )
    assert surfer.page.status_code == 303, surfer.page.text
    found = LATEST.search(surfer.page.headers["location"])
    assert found is not None
    return int(found[1])


def draft_of(desk: Desk, alert: int) -> AlertDraft:
    """Return an alert's newest version as a draft."""
    with reading(desk.office.engine) as connection:
        return as_draft(connection, alerts.find(connection, alert))


def version_of(desk: Desk, alert: int) -> AlertVersion:
    """Return an alert's newest version."""
    with reading(desk.office.engine) as connection:
        return store.newest_version(connection, alert)


def count_of(desk: Desk) -> int:
    """Count the versions of all alerts."""
    with reading(desk.office.engine) as connection:
        return len(store.versions(connection))
