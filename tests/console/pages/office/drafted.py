"""Alerts as officers draft them, for the tests of an alert's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from core.database import reading, writing
from core.tables import Audit, table
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.store import alerts as store
from notify.store.deliveries import ATTEMPTS, DELIVERIES
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.surfer import Surfer

TITLE = "示例：请立即远离海岸"
AUDIT = table(Audit)


def draft(desk: Desk, who: Role | str = Role.OFFICER, **more: Any) -> int:
    """Draft an alert for Tajikistan as somebody of the office; return its number."""
    given: Mapping[str, Any] = {
        "countries": ["TJ"], "level": 4, "title_zh": TITLE, "title_en": "Leave the coast", "body_zh": "请前往高处。",
        "body_en": "Go to high ground.", "channels": ["sms"],
    } | more  # fmt: skip
    office = desk.office
    made = draft_manual(ManualAlert.model_validate(given), office.name, office.clock.now())
    with writing(office.engine) as connection:
        version = alerts.open_alert(connection, made, office.acting(desk.actor(who)))
        assert version is not None
        return store.version(connection, version).alert_id


def submitted(desk: Desk, who: Role | str = Role.OFFICER, **more: Any) -> int:
    """Draft an alert and hand it to a second person."""
    number = draft(desk, who, **more)
    with writing(desk.office.engine) as connection:
        version = alerts.find(connection, number)
        alerts.submit(connection, version.id or 0, desk.office.acting(desk.actor(who)))
    return number


def hidden(surfer: Surfer, name: str) -> str:
    """Return what a hidden field of the last page holds."""
    return surfer.page.text.split(f'name="{name}" value="')[1].split('"')[0]


def sent(desk: Desk, **more: Any) -> int:
    """Let an alert go all its way by the pages: drafted, approved by another, and sent by the first calls."""
    number = submitted(desk, **more)
    press(desk.as_(Role.APPROVER), number)
    return number


def press(surfer: Surfer, number: int, confirm: str = "塔吉克斯坦", status: int = 200) -> str:
    """Look at what would go out, type a country, and press the button."""
    surfer.get(f"/office/alerts/{number}/release")
    return surfer.post(f"/office/alerts/{number}/release", status, mark=hidden(surfer, "mark"), people=hidden(surfer, "people"),
                       confirm=confirm)  # fmt: skip


def put(desk: Desk, number: int, **values: Any) -> None:
    """Put all notices of an alert into a situation that is hard to reach otherwise."""
    versions = select(store.VERSIONS.c.id).where(store.VERSIONS.c.alert_id == number)
    with writing(desk.office.engine) as connection:
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.version_id.in_(versions)).values(**values))


def calls(desk: Desk, number: int) -> int:
    """Count the calls to providers that an alert made."""
    query = (
        select(ATTEMPTS.c.id)
        .join(DELIVERIES, DELIVERIES.c.id == ATTEMPTS.c.delivery_id)
        .join(store.VERSIONS, store.VERSIONS.c.id == DELIVERIES.c.version_id)
        .where(store.VERSIONS.c.alert_id == number)
    )
    with reading(desk.office.engine) as connection:
        return len(connection.execute(query).all())


def audited(desk: Desk, action: str) -> list[str]:
    """Return what the audit says of an action, oldest first."""
    with reading(desk.office.engine) as connection:
        query = select(AUDIT.c.detail).where(AUDIT.c.action == action).order_by(AUDIT.c.id)
        return list(connection.execute(query).scalars())
