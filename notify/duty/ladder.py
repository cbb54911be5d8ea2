"""Whom to call next for a page, and how: first an SMS, then a call, then the next officer, then the fallback. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from notify.routing import HOME_PREFIX, SMS, SMS_CN, VOICE, may_take
from registry.phones import calling_code

LOST = frozenset({"failed", "refused"})
"""Outcomes that certainly told nobody."""


@dataclass(frozen=True)
class Target:
    """Somebody who can be called. `shift_id` None: the fallback of the settings."""

    shift_id: int | None
    phone: str = field(repr=False)


@dataclass(frozen=True)
class Step:
    """One SMS or call to somebody."""

    target: Target
    channel: str


@dataclass(frozen=True)
class Made:
    """A step that was made for a page already. `phone` is whatever names the number the same way each time."""

    phone: bytes
    outcome: str
    at: datetime


def ways(phone: str, channels: Collection[str]) -> tuple[str, ...]:
    """Return over which channels a number is tried, in order: SMS, then a call; where no call is possible, a second SMS.

    Twilio calls nobody in mainland China (see `notify.routing`).
    """
    prefix = calling_code(phone)
    home = prefix == HOME_PREFIX and SMS_CN in channels
    text = SMS_CN if home else SMS
    texts = (text,) if text in channels else ()
    calls = (VOICE,) if VOICE in channels and may_take(VOICE, SMS, prefix) else ()
    return texts + (calls or texts)


def ladder(targets: Sequence[Target], channels: Collection[str]) -> list[Step]:
    """Return all the steps there are, in order; each number once, however many shifts name it."""
    first = {one.phone: one for one in reversed(targets)}
    ordered = [one for one in targets if first[one.phone] is one]
    return [Step(one, way) for one in ordered for way in ways(one.phone, channels)]


def next_step(steps: Sequence[tuple[bytes, Step]], made: Sequence[Made]) -> Step | None:
    """Return the next step of a page; None if everybody who can be called was called.

    As long as nothing got out at all (the network is down), the ladder begins again from its foot: whoever was not reached
    because of us was not called. A number that was begun is finished before the next one.

    Args:
        steps: the ladder as it is now, each step with the name of its number.
        made: in the order in which they were made.
    """
    if not steps:
        return None
    if all(one.outcome in LOST for one in made):
        return steps[len(made) % len(steps)][1]
    done = Counter(one.phone for one in made)
    begun = sorted(steps, key=lambda one: one[0] not in done)
    seen: Counter[bytes] = Counter()
    for phone, step in begun:
        seen[phone] += 1
        if seen[phone] > done[phone]:
            return step
    return None


def is_round_over(steps: Sequence[object], made: Sequence[Made]) -> bool:
    """Tell whether every step was tried in vain and the ladder begins again: then there is a wait before the next one."""
    return bool(steps) and bool(made) and len(made) % len(steps) == 0 and all(one.outcome in LOST for one in made)
