"""Handing the messages of the rounds over: written before, each once. A doubt is not sent again, what certainly failed is.

Whether a call to a provider was begun is known from the audit (see `notify.service`), so that a run that died half-way goes on
where it stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from core import audit
from core.database import writing
from core.tables import Mode
from notify.dispatch import Tools
from notify.office import Office
from notify.safety.rounds.letters import letters
from notify.service import SENDING, Handed, ServiceMessage, send_service
from notify.store import safe_rounds as store
from notify.store.safe_rounds import RollCall

TRIES = 6
"""Runs in which a message is tried that certainly did not go out."""

AT_ONCE = 8
BY = "rounds"
DONE, NOT_OUT = ("accepted", "doubt"), ("failed", "refused")


@dataclass(frozen=True)
class Told:
    """How many messages of the rounds went out, or may have; how many were tried in vain; how many had nobody to go to."""

    sent: int = 0
    failed: int = 0
    without: int = 0


def send_open(office: Office, call: RollCall) -> Told:
    """Hand over every message of an alert that waits. Repeatable."""
    tools = _tools(office, call)
    with writing(office.engine) as connection:  # a look at contacts leaves a line in the audit
        if not store.goes_on(connection, call.version_id, office.clock.now()):
            return Told()
        waiting = [
            (row, letters(connection, office, call, row, frozenset(tools.channels)))
            for row in store.open_calls(connection, call.alert_id, TRIES)
        ]
        begun = _begun(connection, [one.subject for _, made in waiting for one in made.messages])
    if not waiting:
        return Told()
    outcomes = asyncio.run(_all(tools, waiting, begun))
    return Told(*(sum(one == name for one in outcomes) for name in ("sent", "failed", "without")))


def _tools(office: Office, call: RollCall) -> Tools:
    """Return the tools of a dispatcher; for a drill in a live office with the gate of a drill: only the allow-list is reached."""
    tools = office.tools()
    return replace(tools, gate=replace(tools.gate, mode=Mode.DRILL)) if call.mode == Mode.DRILL else tools


def _begun(connection: Connection, subjects: Sequence[str]) -> dict[str, Handed]:
    """Return what is known of messages that were tried before, by subject."""
    found = {}
    for subject, detail in audit.last_details(connection, SENDING, subjects).items():
        channel, _, rest = detail.partition(" ")
        outcome, _, code = rest.partition(" ")
        found[subject] = Handed("doubt", "cut-off") if outcome == "begun" else Handed(outcome or channel, code)
    return found


async def _all(tools: Tools, waiting: Sequence[tuple[Row[Any], Any]], begun: dict[str, Handed]) -> list[str]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row[Any], made: Any) -> str:
        """Send what one row asks for."""
        async with gate:
            return await _one(tools, row, made, begun)

    try:
        return list(await asyncio.gather(*(one(row, made) for row, made in waiting)))
    finally:
        for channel in tools.channels.values():
            await channel.close()


async def _one(tools: Tools, row: Row[Any], made: Any, begun: dict[str, Handed]) -> str:
    if not made.messages:
        _end(tools, row, Handed("none", made.why))
        return "without"
    handed = [begun.get(one.subject) or Handed("") for one in made.messages]
    todo = [at for at, one in enumerate(handed) if one.outcome not in DONE]
    if todo:
        with writing(tools.engine) as connection:
            store.set_call(connection, row.id, tries=row.tries + 1)
    for at in todo:
        handed[at] = await _hand(tools, made.messages[at])
    best = next((one for one in handed if one.sent), handed[0])
    last = row.tries + 1 >= TRIES
    if best.sent or last or all(one.outcome == "refused" for one in handed):
        _end(tools, row, best)
    return "sent" if best.sent else "failed"


async def _hand(tools: Tools, message: ServiceMessage) -> Handed:
    return await send_service(tools, message, by=BY)


def _end(tools: Tools, row: Row[Any], handed: Handed) -> None:
    with writing(tools.engine) as connection:
        store.set_call(connection, row.id, outcome=handed.outcome, code=handed.code, ended_at=tools.clock.now())
