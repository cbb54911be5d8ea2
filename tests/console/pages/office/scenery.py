"""Something of everything in an office, so that every page has what it is there for."""

from __future__ import annotations

from datetime import timedelta

from core.database import writing
from core.i18n import t
from notify import alerts
from notify.duty import store as duty
from notify.duty.keeping import add_shifts
from notify.duty.shifts import Shift
from notify.manual import ManualAlert, draft_manual
from notify.own import groups, templates
from notify.own.groups import NewGroup
from notify.own.templates import AlertTemplate
from notify.policy import POLICIES, read_policy
from notify.rules import silences
from notify.rules.silences import NewSilence
from notify.rules.versions import activate
from registry.tables import Role
from sources.model import Grade, Level
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.nights import SICK, flood, night
from tests.console.pages.office.sayings import broken, says

ASKS = {
    "countries": ["TJ"], "level": 4, "title_zh": "示例：请立即撤离", "title_en": "Sample: leave now", "channels": ["sms"],
    "ask_safe": True, "valid_hours": 24,
}  # fmt: skip
WAITS = {
    "countries": ["ZM"],
    "level": 3,
    "title_zh": "示例：选举期间请减少外出",
    "channels": ["sms"],
    "valid_hours": 48,
}

SAID: tuple[tuple[str, str, *tuple[tuple[int, Level], ...]], ...] = (
    ("cn-mfa", "TJ", (90, 2), (1, 4)), ("us-state", "TJ", (200, 2), (30, 4)), ("jp-mofa", "TJ", (60, Grade.UNKNOWN)),
    ("us-state", "ZM", (60, 3)), ("cn-embassy", "JP", (5, Grade.UNSTATED)), ("uk-fcdo", "YE", (5, 4)),
)  # fmt: skip
"""What publishers say, and how many days ago: of countries with our people and without."""


def furnished(desk: Desk) -> Desk:
    """Send an alert that asks who is safe, leave a draft, and put in a silence, a shift, a call, rules, a night and a flood."""
    office, now = desk.office, desk.office.clock.now()
    chief, wang = desk.actor(Role.ADMINISTRATOR), desk.actor(Role.OFFICER)
    with writing(office.engine) as connection:
        for values, release in ((ASKS, True), (WAITS, False)):
            draft = draft_manual(ManualAlert.model_validate(values), office.name, now)
            version = alerts.open_alert(connection, draft, office.acting(wang))
            assert version is not None
            if release:
                alerts.release_by_rule(connection, version, office.acting(chief))
            else:
                alerts.submit(connection, version, office.acting(wang))
        wanted = NewSilence("领保处", "示例：已另行告知", now, now + timedelta(days=2), countries=("ZM",))
        silences.add(connection, wanted, wang, now)
        templates.save(connection, chief, AlertTemplate("地震", "{{ place }}发生地震，请到空旷处"), now=now)
        groups.add(connection, wang, NewGroup("取经人", ("DEMO-A",)), now=now)
        activate(connection, chief, read_policy(POLICIES / "policy.open.toml"), "示例", instead_of=0, now=now)
        shift = Shift(0, "示例值班员", "+8613800138000", now, now + timedelta(hours=12))
        add_shifts(connection, wang, [shift], keys=office.keys, now=now)
        duty.open_page(connection, "watch/sample", t("Nobody is on duty"), now)
    for source, country, *levels in SAID:
        says(office.engine, now, source, country, *levels)
    broken(office.engine, "fr-meae", now)
    night(desk, broken=SICK)
    flood(desk)
    desk.house.drain(now + timedelta(hours=6))
    return desk
