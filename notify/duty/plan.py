"""Planning calls: in one transaction it is written who is called for which pages, before anybody is.

What is written is what will be said. Two sweeps at once plan different pages, or wait for each other: a page and a step have one
call at most, and the database says so.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit import record
from core.i18n import Language, choose_language
from core.tables import Mode
from notify.dispatch import Tools
from notify.duty import call_store, shift_store
from notify.duty.fallback import fallback_phone
from notify.duty.ladder import Made, Step, Target, is_round_over, ladder, next_step
from notify.duty.shifts import on_duty
from notify.duty.wording import Marks, Matter, body, variables
from notify.model import OfficeName
from notify.ref import ALPHABET
from notify.routing import VOICE
from registry.actors import SYSTEM
from sources.wire import load_message

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Call:
    """A call that is written down and not yet made.

    Attributes:
        tries: which try this is; the word of an earlier one counts for nothing.
    """

    call_id: int
    tries: int
    channel: str
    ref: str
    begun_at: datetime
    phone: str = field(repr=False)
    body: str = field(repr=False)
    language: Language = "zh"
    matters: tuple[Matter, ...] = ()


@dataclass(frozen=True)
class Desk:
    """What planning works with: the tools, how the office calls itself, and the moment."""

    tools: Tools
    office: OfficeName
    now: datetime

    @property
    def wait(self) -> timedelta:
        """Return how long an officer has to answer."""
        return timedelta(seconds=self.tools.settings.duty_wait)

    @property
    def bundle(self) -> timedelta:
        """Return for how long what comes up is gathered after a message."""
        return timedelta(seconds=self.tools.settings.duty_bundle)

    @property
    def language(self) -> Language:
        """Return the language the office reads."""
        return choose_language(self.tools.settings.lang)

    @property
    def drill(self) -> bool:
        """Tell whether messages carry the marks of a drill."""
        return self.tools.gate.mode is Mode.DRILL


@dataclass(frozen=True)
class _Wanted:
    """A page whose next step is known. `no` is the number of that step."""

    matter: Matter
    due: datetime
    no: int


@dataclass(frozen=True)
class _Key:
    """Pages that one message can be for: one number, one channel. `unmanned`: nobody is on duty."""

    step: Step
    phone: bytes
    unmanned: bool


def plan(connection: Connection, desk: Desk) -> list[Call]:
    """Write down every call that is due; return them. To be made after the transaction has ended."""
    pages = call_store.due_pages(connection, desk.now + desk.bundle)
    if not pages:
        return []
    steps = [(_index(connection, desk, step), step) for step in _ladder(connection, desk)]
    unmanned = all(step.target.shift_id is None for _, step in steps)
    history = call_store.made(connection, [page.id for page in pages])
    groups: defaultdict[_Key, list[_Wanted]] = defaultdict(list)
    for page in pages:
        made = history.get(page.id, [])
        step = next_step(steps, made)
        waits = _waits_until(connection, desk, steps, made, step)
        if step is None or waits > desk.now:
            if page.due <= desk.now:
                call_store.put_off(connection, [page.id], max(waits, desk.now + MOMENT))
            continue
        phone = next(index for index, one in steps if one == step)
        matter = Matter(page.id, load_message(page.words))
        groups[_Key(step, phone, unmanned)].append(_Wanted(matter, page.due, len(made) + 1))
    due = {key: them for key, them in groups.items() if any(one.due <= desk.now for one in them)}
    return [_write(connection, desk, key, them) for key, them in due.items()]


def _waits_until(
    connection: Connection, desk: Desk, steps: Sequence[tuple[bytes, Step]], made: Sequence[Made], step: Step | None
) -> datetime:
    """Return until when a page waits although it is due: for others to be told with it, or for a line that is down."""
    if step is None:
        # Nobody is left to call, or nobody is named at all: whoever comes on duty is called.
        return desk.now + desk.wait if steps else desk.now
    if is_round_over(steps, made):
        return made[-1].at + desk.wait
    if made or step.channel == VOICE:
        return desk.now
    phone = next(index for index, one in steps if one == step)
    texts = {one.channel for _, one in steps if one.channel != VOICE}
    last = call_store.last_text(connection, phone, texts)
    return desk.now if last is None else max(desk.now, last + desk.bundle)


def _ladder(connection: Connection, desk: Desk) -> list[Step]:
    shifts = shift_store.between(connection, desk.tools.keys, desk.now, desk.now + MOMENT)
    targets = [Target(one.shift_id, one.phone) for one in on_duty(shifts, desk.now)]
    last = fallback_phone(desk.tools.settings)
    return ladder([*targets, *([Target(None, last)] if last else [])], desk.tools.channels)


def _index(connection: Connection, desk: Desk, step: Step) -> bytes:
    return shift_store.phone_index(connection, desk.tools.keys, step.target.phone)


def _write(connection: Connection, desk: Desk, key: _Key, wanted: Sequence[_Wanted]) -> Call:
    settings, ref = desk.tools.settings, "".join(secrets.choice(ALPHABET) for _ in range(6))
    matters = tuple(one.matter for one in wanted)
    words = body(matters, desk.office, desk.language, Marks(ref, desk.drill, unmanned=key.unmanned))
    values = {
        "step": max(one.no for one in wanted), "shift_id": key.step.target.shift_id, "phone_index": key.phone,
        "channel": key.step.channel, "mode": desk.tools.gate.mode.value, "ref": ref, "body": words, "begun_at": desk.now,
        "lease_until": desk.now + timedelta(seconds=settings.lease), "outcome": "begun", "code": "", "tries": 1,
        "provider_id": "", "status": "", "rank": 0,
    }  # fmt: skip
    pages = [(one.matter.number, one.no) for one in wanted]
    number = call_store.begin(connection, values, pages, desk.now + desk.wait)
    record(connection, actor=SYSTEM.name, action="duty.call", subject=f"duty_call/{number}", now=desk.now,
           detail=f"{key.step.channel} {' '.join(str(page) for page, _ in pages)}")  # fmt: skip
    return Call(number, 1, key.step.channel, ref, desk.now, key.step.target.phone, words, desk.language, matters)


def fill(call: Call, desk: Desk) -> dict[str, str]:
    """Return what fills an approved template for a call."""
    return dict(variables(call.matters, desk.office, call.language, Marks(call.ref, desk.drill)))
