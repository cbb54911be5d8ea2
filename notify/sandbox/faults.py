"""Faults on demand: what can go wrong at a provider, and the dice that decide when. Pure.

The same seed, spec and number of a request always give the same fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from random import Random

from core.errors import WrongSetting
from core.i18n import t
from notify.sandbox.life import Moment


class Fault(StrEnum):
    """Something that goes wrong with one request. At most one of them happens to a request."""

    NONE = "none"
    RATE_LIMIT = "429"
    ERROR_BEFORE = "500-before"
    ERROR_AFTER = "500-after"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    HANG = "hang"
    HANG_AFTER = "hang-after"
    GARBLED_AFTER = "garbled-after"


AFTER = frozenset({Fault.ERROR_AFTER, Fault.RESET_AFTER, Fault.HANG_AFTER, Fault.GARBLED_AFTER})
"""Faults of a create call that strike when the message is already stored."""


class Dice(StrEnum):
    """Something that may happen besides, each with its own chance."""

    SLOW = "slow"
    DUPLICATE = "dup-callback"
    EARLY = "early-callback"
    LOST = "lost-callback"
    REORDER = "reorder-callback"
    EXTRA = "extra-field"


@dataclass(frozen=True)
class Faults:
    """What goes wrong, and how often.

    Attributes:
        faults: chance (0 to 1) of each fault per request; they exclude each other, so the sum is at most 1.
        dice: chance of each other mishap.
        slow_for: seconds a slow answer takes.
        max_concurrency: requests at one time before 429 is answered; 0 for no limit.
        step: seconds from one status of a message to the next.
        mps: SMS parts a second that leave the queue; 0 for no limit.
    """

    faults: Mapping[Fault, float] = field(default_factory=dict)
    dice: Mapping[Dice, float] = field(default_factory=dict)
    slow_for: float = 1.0
    max_concurrency: int = 0
    step: float = 0.2
    mps: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What happens to one request: a fault, a delay of some seconds first, a callback before the answer."""

    fault: Fault = Fault.NONE
    delay: float = 0.0
    early: bool = False


@dataclass(frozen=True)
class Told:
    """One status callback: what to tell and when; `extra` adds a field nobody knows, `lost` is never posted."""

    moment: Moment
    extra: bool = False
    lost: bool = False


NOTHING = Plan()


def parse(spec: str) -> Faults:
    """Read a spec such as `429=0.05,500-after=0.02,slow=0.2:2.0,max-concurrency=50,step=0.1,mps=10`.

    Raises:
        WrongSetting: an unknown name, a value that is no number or out of range, chances of faults above 1 together.
    """
    found = Faults()
    for item in filter(None, (part.strip() for part in spec.split(","))):
        name, _, value = item.partition("=")
        try:
            found = _with(found, name.strip(), value.strip())
        except ValueError as error:
            raise WrongSetting(t("The fault “{item}” is unknown or out of range.", item=item)) from error
    if sum(found.faults.values()) > 1:
        raise WrongSetting(t("The chances of faults add up to more than 1."))
    return found


def _with(found: Faults, name: str, value: str) -> Faults:
    if name == "max-concurrency":
        return replace(found, max_concurrency=int(_least(float(value), 0)))
    if name == "step":
        return replace(found, step=_least(float(value), 0))
    if name == "mps":
        return replace(found, mps=_least(float(value), 0))
    if name == Dice.SLOW:
        chance, _, seconds = value.partition(":")
        found = replace(found, slow_for=_least(float(seconds), 0)) if seconds else found
        return replace(found, dice={**found.dice, Dice.SLOW: _chance(chance)})
    if name in set(Dice):
        return replace(found, dice={**found.dice, Dice(name): _chance(value)})
    fault = Fault(name)
    if fault is Fault.NONE:
        raise ValueError(name)
    return replace(found, faults={**found.faults, fault: _chance(value)})


def _least(value: float, least: float) -> float:
    if not value >= least or value == float("inf"):
        raise ValueError(value)
    return value


def _chance(text: str) -> float:
    value = _least(float(text), 0)
    if value > 1:
        raise ValueError(text)
    return value


def plan_request(faults: Faults, seed: int, number: int) -> Plan:
    """Decide what happens to request `number` (counted from 1)."""
    if not faults.faults and not faults.dice:
        return NOTHING
    chance = Random(f"{seed}/request/{number}")
    drawn, chosen = chance.random(), Fault.NONE
    for fault in Fault:
        drawn -= faults.faults.get(fault, 0.0)
        if drawn < 0:
            chosen = fault
            break
    slow = chance.random() < faults.dice.get(Dice.SLOW, 0.0)
    early = chance.random() < faults.dice.get(Dice.EARLY, 0.0)
    return Plan(chosen, faults.slow_for if slow else 0.0, early)


def plan_callbacks(faults: Faults, seed: int, number: int, moments: Sequence[Moment]) -> tuple[Told, ...]:
    """Decide which callbacks of message `number` are made, in which order, for its status changes `moments`.

    A late one comes just after the next; a doubled one comes twice; a lost one is listed but never posted.
    """
    chance = Random(f"{seed}/callback/{number}")
    told: list[Told] = []
    for index, moment in enumerate(moments):
        rolls = {dice: chance.random() < faults.dice.get(dice, 0.0) for dice in Dice}
        when = moment.at
        if rolls[Dice.REORDER] and index + 1 < len(moments):
            when = moments[index + 1].at + timedelta(microseconds=1)
        one = Told(replace(moment, at=when), rolls[Dice.EXTRA], rolls[Dice.LOST])
        told += [one, one] if rolls[Dice.DUPLICATE] and not one.lost else [one]
    return tuple(sorted(told, key=lambda one: one.moment.at))
