"""Reconciling: ask the provider about every delivery in doubt, and about every one it took and never reported the end of.

Nothing is sent from here. A delivery goes back to `ready` only if the provider proved that it is not there, or if it cannot be
asked and the alert is severe: then it is sent again and marked, because a doubled warning is the lesser harm (DESIGN promise 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.database import reading, writing
from notify import receipts, worker
from notify.channels.base import Absent, Answer, CannotTell, Found, NoLookup, ProviderStatus, rank
from notify.dispatch import Tools
from notify.store import deliveries as store
from notify.tables import DeliveryState

BATCH = 200
AT_ONCE = 8
SEVERE = 4


@dataclass
class Findings:
    """What one pass found out."""

    found: int = 0
    absent: int = 0
    resent: int = 0
    unresolved: int = 0
    still_open: int = 0
    doubled: int = 0
    polled: int = 0


async def reconcile(tools: Tools, *, poll: bool = True) -> Findings:
    """Make one pass over everything in doubt whose grace is over; with `poll`, also over what was never confirmed."""
    findings = Findings()
    now = tools.clock.now()
    with writing(tools.engine) as connection:
        store.lose_leases(connection, now)
    with reading(tools.engine) as connection:
        doubts = store.doubtful(connection, now - timedelta(seconds=tools.settings.grace), BATCH)
        since = store.first_attempts(connection, [one.id for one in doubts])
        prepared = worker.prepare(connection, doubts, tools.keys)
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(one: store.Claimed) -> tuple[store.Claimed, Answer]:
        async with turns:
            channel = tools.channels.get(one.channel)
            if channel is None:
                return one, CannotTell("channel is not open")
            return one, await channel.lookup(worker.outgoing(one, prepared, tools.gate.uid, now), since[one.id])

    answers = await asyncio.gather(*(ask(one) for one in doubts))
    _apply(tools, answers, prepared, findings)
    if poll:
        await _poll(tools, findings)
    return findings


def _apply(
    tools: Tools, answers: Sequence[tuple[store.Claimed, Answer]], prepared: worker.Prepared, findings: Findings
) -> None:
    now = tools.clock.now()
    with writing(tools.engine) as connection:
        last = store.last_attempts(connection, [one.id for one, _ in answers])
        for one, answer in answers:
            level = prepared.facts[one.version_id].level
            state, reason = verdict(answer, level, one.attempts, tools.settings.max_attempts)
            _tally(findings, answer, state)
            if state is None:
                continue
            store.insert_outcomes(connection, [_outcome(one, answer, last[one.id], state, now)])
            if isinstance(answer, Found):
                provider = tools.channels[one.channel].provider
                row = {"b_id": one.id, "b_token": one.lease_token, "provider": provider, "provider_id": answer.provider_id,
                       "b_status": answer.status, "b_rank": rank(answer.status), "updated_at": now}  # fmt: skip
                store.accept(connection, [row])
            else:
                row = {"b_id": one.id, "b_token": one.lease_token, "state": state, "reason": reason, "due": None,
                       "error_code": "", "updated_at": now}  # fmt: skip
                store.settle(connection, [row])
                if isinstance(answer, NoLookup) and state is DeliveryState.READY:
                    store.mark_doubtful(connection, one.id)


def verdict(answer: Answer, level: int | None, attempts: int, most: int) -> tuple[DeliveryState | None, str]:
    """Say what an answer makes of a delivery in doubt: its new state and reason, or None to ask again later. Pure."""
    if isinstance(answer, Found):
        return DeliveryState.ACCEPTED, ""
    if isinstance(answer, CannotTell):
        return None, ""
    if attempts >= most:
        return (DeliveryState.FAILED if isinstance(answer, Absent) else DeliveryState.UNRESOLVED), "attempts"
    if isinstance(answer, Absent):
        return DeliveryState.READY, "not-there"
    if (level or 0) >= SEVERE:
        return DeliveryState.READY, "severe"
    return DeliveryState.UNRESOLVED, "no-lookup"


def _outcome(
    one: store.Claimed, answer: Answer, attempt_id: int, state: DeliveryState, now: datetime
) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id, "delivery_id": one.id, "outcome": type(answer).__name__.lower(), "by": "reconciler",
        "provider_id": answer.provider_id if isinstance(answer, Found) else None, "http_status": None, "error_code": "",
        "request_id": "", "detail": f"copies={answer.copies}" if isinstance(answer, Found) else f"→ {state}", "ended_at": now,
    }  # fmt: skip


def _tally(findings: Findings, answer: Answer, state: DeliveryState | None) -> None:
    if isinstance(answer, Found):
        findings.found += 1
        findings.doubled += answer.copies > 1
    elif isinstance(answer, Absent):
        findings.absent += 1
    elif state is None:
        findings.still_open += 1
    elif state is DeliveryState.READY:
        findings.resent += 1
    else:
        findings.unresolved += 1


async def _poll(tools: Tools, findings: Findings) -> None:
    """Ask for the status of what a provider took long ago and never reported the end of: a callback can be lost for good."""
    before = tools.clock.now() - timedelta(seconds=tools.settings.poll_after)
    with reading(tools.engine) as connection:
        waiting = store.unconfirmed(connection, before, BATCH)
    channels = {number: channel for number, channel, _ in waiting}
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(number: int, channel: str, provider_id: str) -> tuple[int, ProviderStatus | CannotTell]:
        async with turns:
            if channel not in tools.channels:
                return number, CannotTell("channel is not open")
            return number, await tools.channels[channel].status(provider_id)

    for number, answer in await asyncio.gather(*(ask(*row) for row in waiting)):
        if isinstance(answer, ProviderStatus):
            provider = tools.channels[channels[number]].provider
            word = receipts.Word(
                number, provider, answer.provider_id, answer.status, answer.error_code, answer.payload, "poll"
            )
            with writing(tools.engine) as connection:
                receipts.accept(connection, word, tools.keys, tools.clock.now())
            findings.polled += 1
