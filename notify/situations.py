"""Situations: whether a new event is told of, or belongs without a word to an alert that stands. Pure.

A running situation is one country, one hazard and 72 hours: earthquakes within 250 km, reports of one disease (rules:
knowledge, hazards-and-cap, section 4 C; a cyclone of the same name is one event, and joined as such). Its further events are
silent and shown to the officer, unless they are graver than what was told. Whatever cannot be placed in a situation without
doubt speaks: a second draft costs an officer a look, a hidden disaster costs more. So volcanoes, floods and fires, which no
distance and no name tells apart, speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.i18n import Message, t
from sources.events import Event, EventKind, away_km
from sources.model import Advisory

WINDOW = timedelta(hours=72)
"""Counted from the events people were told of: a swarm of silent aftershocks does not prolong it."""
NEAR_KM = 250.0
AGAIN_AFTER = timedelta(hours=6)
"""An event as grave as the gravest told of is news again this long after it."""
GRAVEST = 3
"""The tier of PAGER's red and orange, and of a red GDACS alert."""


def is_silent(told: Sequence[Advisory], new: Advisory) -> bool:
    """Tell whether a new event needs no alert of its own beside one that stands.

    Args:
        told: what the alert quotes and its sources still say. `new` is about no country beyond those of the alert.
    """
    beside = [one for one in told if _in_one_situation(one.event, new.event)]
    if not beside or new.ambiguous or not new.countries:
        return False
    highest, tier = max(one.tier or 0 for one in beside), new.tier or 0
    if highest != tier:
        return highest > tier
    alike = [one for one in beside if one.tier == tier]
    if _is_stronger(alike, new):
        return False
    return tier < GRAVEST or any(_gap(one.event, new.event) < AGAIN_AFTER for one in alike)


def _is_stronger(told: Sequence[Advisory], new: Advisory) -> bool:
    """Tell whether a quake of the same tier is stronger than all that were told of, or may be: no foreshock hides the shock.

    Red is graver than orange, though both are of one tier.
    """
    if new.event is None or new.event.kind is not EventKind.QUAKE:
        return False
    known = [one.event.magnitude for one in told if one.event is not None and one.event.magnitude is not None]
    if new.event.magnitude is None or not known or new.event.magnitude > max(known):
        return True
    return _is_red(new) and not any(_is_red(one) for one in told)


def _is_red(advisory: Advisory) -> bool:
    return "red" in advisory.level_words.casefold().split()


def _in_one_situation(told: Event | None, new: Event | None) -> bool:
    if told is None or new is None or told.kind is not new.kind or _gap(told, new) > WINDOW:
        return False
    if new.kind is EventKind.QUAKE:
        away = away_km(told, new)
        return away is not None and away <= NEAR_KM
    return new.kind is EventKind.EPIDEMIC and bool(new.name) and told.name == new.name


def _gap(told: Event | None, new: Event | None) -> timedelta:
    """Return the time between two events, whichever was first; for ever if one is not known."""
    if told is None or new is None or told.at is None or new.at is None:
        return timedelta.max
    return abs(new.at - told.at)


def why(new: Advisory, alert_id: int) -> Message:
    """Say in words why an event of a running situation opened no alert, and which alert it belongs to."""
    hours, tier = int(WINDOW.total_seconds() // 3600), new.tier or 0
    if new.event is not None and new.event.kind is EventKind.QUAKE:
        return t(
            "an earthquake within {km} km and {hours} hours of that of alert {alert}, and no graver (tier {tier})",
            km=int(NEAR_KM),
            hours=hours,
            alert=alert_id,
            tier=tier,
        )
    return t(
        "a report of the outbreak of alert {alert} within {hours} hours, and no graver (tier {tier})",
        alert=alert_id,
        hours=hours,
        tier=tier,
    )
