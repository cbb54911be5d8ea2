"""Muting: higher mutes lower, the same is not said twice in a row, and a day has a cap. Only for what goes out by rule.

What an officer releases is never muted, nor a later version of an alert: who was told hears what became of it. A notice that
is muted stays in the ledger as suppressed, with the alert that muted it; if that alert is cancelled it is given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from notify.rules.model import Rules
from notify.store import rules as store
from notify.store.rules import CAPPED, INHIBITED, REPEATED, Muted, Standing
from notify.tables import AlertVersion, DeliveryState, VersionKind

SEVERE = 4
"""The level that no cap and, unless the policy says so, no repeat interval holds back."""


@dataclass(frozen=True)
class Said:
    """What a version says, as far as rules look at it."""

    level: int | None
    as_of: datetime


def cause(new: Said, other: Said, rules: Rules) -> str:
    """Return why what `other` said of the same situation mutes `new`: `inhibited`, `repeat`, or empty for not at all. Pure.

    A level that is not stated is neither higher nor lower nor the same as another: it always speaks.
    """
    if new.level is None or other.level is None:
        return ""
    if rules.inhibit.on and other.level - new.level >= rules.inhibit.steps:
        return INHIBITED
    again = rules.repeat.interval and other.level == new.level and (new.level < SEVERE or rules.repeat.even_4)
    return REPEATED if again and abs(new.as_of - other.as_of) < timedelta(hours=rules.repeat.interval) else ""


def apply(connection: Connection, version: AlertVersion, rules: Rules, *, by_rule: bool, now: datetime) -> int:
    """Mute what the rules leave out of a version that was just planned, and what waits that it mutes. Repeatable.

    Returns how many notices of this version are muted.
    """
    standing = store.standing(connection, version)
    muted = 0
    if by_rule and version.kind == VersionKind.FIRST:
        whom = list(_causes(version, standing, rules))
        if rules.caps.per_day and (version.level or 0) < SEVERE:
            whom.append(Muted(CAPPED, tuple(store.same_day(connection, version)), (), rules.caps.per_day))
        muted = store.mute(connection, version.id or 0, whom, now, [DeliveryState.PLANNED, DeliveryState.READY])
    for lower in standing:
        why = cause(_said(lower), Said(version.level, version.as_of), rules)
        if lower.waits_by_rule and why == INHIBITED:
            by_this = Muted(f"{INHIBITED}:{version.alert_id}", (version.id or 0,), lower.countries)
            for waiting in lower.version_ids:
                store.mute(connection, waiting, [by_this], now, [DeliveryState.PLANNED])
    return muted


def _causes(version: AlertVersion, standing: list[Standing], rules: Rules) -> Iterator[Muted]:
    for other in standing:
        why = cause(Said(version.level, version.as_of), _said(other), rules)
        if why:
            yield Muted(f"{why}:{other.alert_id}", other.version_ids, other.countries)


def _said(other: Standing) -> Said:
    return Said(other.level, other.as_of)
