"""Calling officers on duty: over the channels of the settings and through the same gate as every notice.

A call is written down before it is made. What was begun and not ended is asked about at the provider, and made again only if it
is proven that it is not there and the officer's time to answer is not over; then the next step comes anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from core.database import writing
from notify.channels.base import Absent, Accepted, Answer, CannotTell, Found, InDoubt, NotSent, Outgoing, Result
from notify.dispatch import Tools
from notify.duty import call_store, shift_store, store
from notify.duty.fallback import fallback_phone
from notify.duty.plan import Call, Desk, fill, plan
from notify.duty.wording import Matter
from notify.model import OfficeName
from notify.office import Office
from notify.service import why_not
from sources.wire import load_message

ALERT, TEMPLATE = "duty", "service"
SWEEP = "sweep"
VALID = timedelta(minutes=10)
"""An SMS to an officer that comes later than this is of no use: the next one was called long ago."""

ROUNDS = 8
"""Steps in one run, where each one before failed at once."""

GIVEN_UP = timedelta(hours=1)
"""A call of which the provider could not be asked for so long is left alone."""


@dataclass
class Called:
    """What one run did: calls handed over, lost, of which nobody knows, and found at the provider afterwards."""

    handed: int = 0
    lost: int = 0
    in_doubt: int = 0
    found: int = 0


def sweep(office: Office) -> Called:
    """Make the calls that are due, as the sweep does: and leave a sign that the sweep is alive."""
    with writing(office.engine) as connection:
        store.beat(connection, SWEEP, office.clock.now())
    return call_due(office)


def call_due(office: Office) -> Called:
    """Make every call that is due, and look after those of which nobody knows. Repeatable; two at once do no harm."""
    return asyncio.run(_run(office.tools(), office.name))


async def _run(tools: Tools, office: OfficeName) -> Called:
    done = Called()
    try:
        await look_after(tools, office, done)
        for _ in range(ROUNDS):
            lost = done.lost
            desk = Desk(tools, office, tools.clock.now())
            with writing(tools.engine) as connection:
                calls = plan(connection, desk)
            await make(desk, calls, done)
            if done.lost == lost:
                break
    finally:
        for channel in tools.channels.values():
            await channel.close()
    return done


async def make(desk: Desk, calls: Sequence[Call], done: Called) -> None:
    """Hand calls that are written down to their providers, side by side."""
    for call, result in zip(calls, await asyncio.gather(*(_send(desk, one) for one in calls)), strict=True):
        _write(desk.tools, call, result, done)


async def look_after(tools: Tools, office: OfficeName, done: Called) -> None:
    """Ask the providers about calls that were begun and never ended, or whose answer was lost."""
    now = tools.clock.now()
    desk, held = Desk(tools, office, now), now + timedelta(seconds=tools.settings.lease)
    with writing(tools.engine) as connection:
        rows = call_store.unsure(connection, now)
        for row in rows:
            call_store.take(connection, row.id, held)
        calls = [_reopened(connection, desk, row) for row in rows]
    for call in calls:
        await _settle(desk, call, done)


async def _settle(desk: Desk, call: Call, done: Called) -> None:
    answer, tools = await _ask(desk, call), desk.tools
    late = desk.now >= call.begun_at + min(desk.wait, GIVEN_UP)
    again = False
    with writing(tools.engine) as connection:
        if isinstance(answer, Found):
            done.found += call_store.end(
                connection, call.call_id, call.tries, outcome="accepted", code="", provider_id=answer.provider_id
            )
            call_store.raise_status(connection, call.call_id, answer.status, answer.error_code)
        elif isinstance(answer, Absent):
            again = not late and bool(call_store.pages_of(connection, call.call_id))
            if again:
                held = tools.clock.now() + timedelta(seconds=tools.settings.lease)
                call_store.take(connection, call.call_id, held, again=True)
            else:
                call_store.end(connection, call.call_id, call.tries, outcome="failed", code="absent", provider_id="")
        elif isinstance(answer, CannotTell) and desk.now < call.begun_at + GIVEN_UP:
            call_store.take(connection, call.call_id, desk.now + timedelta(seconds=tools.settings.grace))
        else:
            call_store.end(connection, call.call_id, call.tries, outcome="unresolved", code="", provider_id="")
    if again:
        await make(desk, [replace(call, tries=call.tries + 1)], done)


async def _ask(desk: Desk, call: Call) -> Answer:
    channel = desk.tools.channels.get(call.channel)
    if channel is None or not call.phone or not desk.tools.gate.may_reach(channel.endpoint):
        return CannotTell("no way to ask")
    return await channel.lookup(_outgoing(desk, call), call.begun_at)


async def _send(desk: Desk, call: Call) -> Result | str:
    """Hand a call over; a word says why it may not be made."""
    tools, gate = desk.tools, desk.tools.gate
    refused = why_not(tools.settings, tools.channels, call.channel, foreign=True)
    if not refused:
        endpoint = tools.channels[call.channel].endpoint
        refused = gate.refuse(alert_uid=gate.uid, alert_mode=gate.mode, endpoint=endpoint, address=call.phone)
    return refused or await tools.channels[call.channel].send(_outgoing(desk, call))


def _outgoing(desk: Desk, call: Call) -> Outgoing:
    return Outgoing(
        delivery_id=call_store.BASE + call.call_id, attempt=call.tries, ref=call.ref, address=call.phone,
        language=call.language, subject="", body=call.body, html="", valid_seconds=int(VALID.total_seconds()), alert=ALERT,
        template=TEMPLATE, variables=fill(call, desk),
    )  # fmt: skip


def _write(tools: Tools, call: Call, result: Result | str, done: Called) -> None:
    outcome, code, provider_id = _read(result)
    with writing(tools.engine) as connection:
        mine = call_store.end(connection, call.call_id, call.tries, outcome=outcome, code=code, provider_id=provider_id)
        if isinstance(result, Accepted):
            call_store.raise_status(connection, call.call_id, result.status, "")
        elif mine and outcome in {"failed", "refused"}:
            call_store.hurry(connection, call.call_id, tools.clock.now())
    done.handed += outcome == "accepted"
    done.in_doubt += outcome == "doubt"
    done.lost += outcome in {"failed", "refused"}


def _read(result: Result | str) -> tuple[str, str, str]:
    if isinstance(result, str):
        return "refused", result, ""
    if isinstance(result, Accepted):
        return "accepted", "", result.provider_id
    if isinstance(result, InDoubt):
        return "doubt", result.code, ""
    return ("failed" if isinstance(result, NotSent) else "refused"), result.code, ""


def _reopened(connection: Connection, desk: Desk, row: Row[Any]) -> Call:
    """Return a call as it was written down; without a number if its shift was taken away meanwhile."""
    shifts = shift_store.by_id(connection, desk.tools.keys, row.shift_id) if row.shift_id is not None else []
    phone = fallback_phone(desk.tools.settings) if row.shift_id is None else next((one.phone for one in shifts), "")
    matters = tuple(Matter(one.id, load_message(one.words)) for one in call_store.pages_of(connection, row.id))
    return Call(row.id, row.tries, row.channel, row.ref, row.begun_at, phone, row.body, desk.language, matters)
