"""Muting: higher mutes lower, the same is not said twice in a row, and a day has a cap. Only for what goes out by rule.

What an officer releases is never muted, nor a later version for whoever was told: they hear what became of it. A notice that
is muted stays in the ledger as suppressed, with the alert that muted it; if that alert does not reach the person after all, or
ends, it is given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from notify.quiet import Night, waits
from notify.rules.model import Rules
from notify.store import rules as store
from notify.store.alerts import told_versions
from notify.store.outbox import zones
from notify.store.rules import CAPPED, INHIBITED, REPEATED, Muted, Standing
from notify.tables import AlertVersion, DeliveryState, VersionKind

WAITING = (DeliveryState.PLANNED, DeliveryState.READY)
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

    Of a later version of an alert only those can be left out whom no earlier one left for: who was told hears what became of
    it. Who was left out of the first word stays so, also where an officer corrects what they have never read.

    Returns how many notices of this version are muted.
    """
    assert version.id is not None
    standing = store.standing(connection, version)
    whom = list(_causes(version, standing, rules))
    muted = 0
    if version.kind != VersionKind.FIRST:
        earlier = [one for one in told_versions(connection, version.alert_id) if one < version.id]
        among = store.never_told(version.id, earlier, muted=not by_rule)
        muted = store.mute(connection, version.id, whom, now, WAITING, among) if earlier else 0
    elif by_rule:
        if rules.caps.per_day and (version.level or 0) < SEVERE:
            whom.append(Muted(CAPPED, tuple(store.same_day(connection, version)), (), rules.caps.per_day))
        muted = store.mute(connection, version.id, whom, now, WAITING)
    for lower in standing:
        why = cause(_said(lower), Said(version.level, version.as_of), rules)
        if lower.waits_by_rule and why == INHIBITED:
            by_this = Muted(f"{INHIBITED}:{version.alert_id}", (version.id,), lower.countries)
            for waiting in lower.version_ids:
                store.mute(connection, waiting, [by_this], now, [DeliveryState.PLANNED])
    return muted


def spare_newcomers(connection: Connection, version: AlertVersion, rules: Rules, now: datetime) -> int:
    """Mute what newcomers need not hear of a version that stands by rule, beside what they hear of others; returns how many.

    A cap does not hold for them: what has stood for weeks is not what a day is full of.
    """
    if not store.went_by_rule(version.approved_by):
        return 0
    assert version.id is not None
    whom = list(_causes(version, store.standing(connection, version), rules))
    return store.mute(connection, version.id, whom, now, WAITING, store.newcomers(version.id))


def any_muted(connection: Connection, now: datetime) -> bool:
    """Tell whether anything that may still go out is muted by another alert."""
    return bool(store.muted_versions(connection, now))


def give_back(connection: Connection, night: Night, moment: datetime, now: datetime) -> int:
    """Let go again what was muted for people whom the other alert has not told after all; returns how many. Repeatable.

    It was refused or ran out on every way, it was cancelled, or it is over or lowered while the muted one stands.

    Args:
        moment: on the time line of the night, for quiet hours.
        now: by the wall clock.
    """
    back = 0
    for version in store.muted_versions(connection, now):
        assert version.id is not None
        until = waits(moment, zones(connection, version.id), night) if version.quiet else {}
        still = [
            Muted(f"{INHIBITED}:{other.alert_id}", other.version_ids, other.countries)
            for other in store.standing(connection, version)
            if (other.level or 0) >= (version.level or 0)
        ]
        back += store.give_back(connection, version, still, until, now)
    return back


def _causes(version: AlertVersion, standing: list[Standing], rules: Rules) -> Iterator[Muted]:
    for other in standing:
        why = cause(Said(version.level, version.as_of), _said(other), rules)
        if why:
            yield Muted(f"{why}:{other.alert_id}", other.version_ids, other.countries)


def _said(other: Standing) -> Said:
    return Said(other.level, other.as_of)
