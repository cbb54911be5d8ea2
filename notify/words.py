"""The words people read for states and reasons. Pure."""

from __future__ import annotations

from core.i18n import Message, t
from notify.grounds import FORBIDDEN, NO_GROUND
from notify.tables import AlertStatus

STATUS = {
    AlertStatus.DRAFT: t("draft"), AlertStatus.SUBMITTED: t("waiting for approval"), AlertStatus.APPROVED: t("approved, not sent"),
    AlertStatus.SENDING: t("being sent"), AlertStatus.DONE: t("sent"), AlertStatus.CANCELED: t("cancelled"),
}  # fmt: skip
STATES = {
    "planned": t("waiting"), "ready": t("not sent yet"), "sending": t("being sent"), "accepted": t("accepted by provider"),
    "failed": t("refused"), "unknown": t("in doubt, being checked"), "unresolved": t("in doubt, needs a person"),
    "suppressed": t("held back"), "expired": t("expired"), "canceled": t("cancelled"),
    "provider_delivered": t("delivered"), "provider_read": t("read"), "provider_undelivered": t("not delivered"),
    "provider_failed": t("not delivered"), "provider_canceled": t("not delivered"), "provider_sent": t("sent on"),
    "provider_queued": t("queued at provider"), "provider_scheduled": t("queued at provider"),
    "provider_accepted": t("accepted by provider"), "provider_sending": t("sent on"),
}  # fmt: skip
"""Our states of a notice, and under `provider_` those of the provider."""
REASONS = {
    "": t("no reason given"), "quiet": t("night where they are"), "retry": t("to be tried again"), "doubt": t("no clear answer"),
    "lease": t("the sender died"), "validity": t("not sent in time"), "attempts": t("tried too often"),
    "bad-address": t("the address is wrong"), "stopped": t("the address was stopped while this waited"),
    "opted-out": t("its owner wants no messages there"),
    "refused": t("refused by the provider"), "severe": t("severe: sent again"),
    "channel-stopped": t("channel stopped by its provider"), "not-there": t("the provider does not have it"),
    "no-lookup": t("the provider cannot be asked"), "no-address": t("the address is gone"), "undone": t("roster taken back"),
    "superseded": t("a later version took its place"), "merged": t("told in one notice with another"),
    "told": t("told by another notice already"),
    "restored": t("perhaps sent before this copy was restored"), "capped": t("their notices of the day are used up (cap of the policy)"),
    NO_GROUND: t("no consent to providers abroad, and no emergency"), FORBIDDEN: t("providers abroad are switched off"),
}  # fmt: skip


def status_words(status: str) -> Message:
    """Return what people read for the status of an alert version."""
    return STATUS[AlertStatus(status)]


def state_words(state: str) -> Message:
    """Return what people read for a state of a notice: ours, or a provider's under `provider_`."""
    return STATES[state]


def held_kind(reason: str) -> str:
    """Return the kind of the gap for what waits for a budget, a country or a mode; empty for any other reason."""
    return {"budget": "budget-held", "country-stopped": "country-stopped", "mode": "mode-held"}.get(
        reason.partition(":")[0], ""
    )


def reason_words(reason: str) -> Message | str:
    """Return what people read for a reason; a provider's own code is shown as it is."""
    word, *about = reason.split(":")
    if word == "budget" and len(about) == 2:
        return t("the budget of the day for {channel}, {country}, is used up", channel=about[0], country=about[1])
    if word == "country-stopped" and about:
        return t("{place} cannot be reached: see the country and sender settings at the provider", place=about[0])
    if word == "mode" and about:
        return t("waits until this instance is in mode {mode}", mode=about[0])
    if word in {"inhibited", "repeat"} and about:
        return (
            t("told of a higher level of the same situation by alert {alert}", alert=about[0])
            if word == "inhibited"
            else t("told the same level of the same situation by alert {alert} shortly before", alert=about[0])
        )
    return REASONS["merged"] if word == "merged" else REASONS.get(reason, reason)
