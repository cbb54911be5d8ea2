"""The words of an alert's pages: kinds, steps, what was done by whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from console.pages.office.alert.steps import OUT, Act
from core.i18n import Message, t
from notify.model import BASELINE, OFFICER
from notify.progress import Stands
from notify.store.account import Reached
from notify.tables import AlertStatus, AlertVersion
from notify.words import status_words

ACTS: Mapping[Act, Message] = {
    Act.EDIT: t("Edit"), Act.SUBMIT: t("Submit for approval"), Act.RELEASE: t("Check and send"), Act.PAUSE: t("Pause sending"),
    Act.RESUME: t("Resume sending"), Act.CANCEL: t("Cancel the alert"), Act.UPDATE: t("Draft an update"),
    Act.CORRECT: t("Draft a correction"), Act.ALL_CLEAR: t("Draft the all-clear"),
}  # fmt: skip
HISTORY: Mapping[str, Message] = {
    "alert.open": t("drafted"), "alert.edit": t("changed"), "alert.submit": t("submitted"), "alert.approve": t("approved"),
    "alert.release": t("released"), "alert.cancel": t("cancelled"), "alert.pause": t("paused"), "alert.resume": t("resumed"),
    "alert.schedule": t("scheduled"), "alert.unschedule": t("schedule taken back"),
}  # fmt: skip
TAGS: Mapping[Stands, str] = {
    Stands.DELIVERED: "good", Stands.READ: "good", Stands.FAILED: "bad", Stands.EXPIRED: "bad", Stands.UNRESOLVED: "bad",
    Stands.DOUBT: "warn", Stands.HELD: "warn",
}  # fmt: skip
"""Colours of states, always beside their words."""
CAME_TAGS: Mapping[Reached, str] = {
    Reached.DELIVERED: "good", Reached.BY_HAND: "good", Reached.BY_COMPANY: "good", Reached.IN_DOUBT: "bad",
    Reached.NOT_REACHED: "bad", Reached.NO_WAY: "bad",
}  # fmt: skip
TO_DO: Mapping[Reached, Message] = {
    Reached.NO_WAY: t("Ask their company for a number, or tell them by hand and write it down."),
    Reached.NOT_REACHED: t("Every way failed: call them, or tell them through their company."),
    Reached.IN_DOUBT: t("Nobody can tell whether they know: decide of the notices in doubt, or call them."),
}  # fmt: skip

RULES: Mapping[str, Message] = {OFFICER: t("written by an officer"), BASELINE: t("stood before we first looked")}


def stage_words(version: AlertVersion) -> Message:
    """Return what people read for where a version stands."""
    if version.paused_at is not None and version.status in OUT:
        return t("paused")
    if version.rule == BASELINE and version.status == AlertStatus.DONE:
        return t("stands, for newcomers")
    return status_words(version.status)


def action_words(action: str) -> Message | str:
    """Return what people read for an action of the audit."""
    return HISTORY.get(action, action)


def rule_words(rule: str) -> Message | str:
    """Return what people read for the rule that made a version: a route of the policy has a name of its own."""
    return RULES.get(rule, rule)
