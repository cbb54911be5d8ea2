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

from sqlalchemy import Connection

from core.database import reading, writing
from notify import by_number, receipts, worker
from notify.channels.base import Absent, Answer, CannotTell, Channel, Found, NoLookup, ProviderStatus, rank
from notify.dispatch import Tools
from notify.guard import guarded
from notify.store import deliveries as store
from notify.store import restoring
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
    open_ones = askable(tools)
    with writing(tools.engine) as connection:
        store.lose_leases(connection, now)
        before = now - timedelta(seconds=tools.settings.grace)
        doubts = store.take_doubts(connection, now, before, list(open_ones), BATCH)
    with reading(tools.engine) as connection:
        since = store.first_attempts(connection, [one.id for one in doubts])
        prepared = worker.prepare(connection, doubts, tools.keys)
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(one: store.Claimed) -> tuple[store.Claimed, Answer]:
        """Ask one provider about one delivery, some at a time. Without its number (an erased person) nothing can be asked."""
        notice = worker.outgoing(one, prepared, tools.gate.uid, now)
        if not notice.address:
            return one, NoLookup()
        async with turns:
            return one, await guarded(open_ones[one.channel].lookup(notice, since[one.id]), CannotTell, delivery=one.id)

    answers = await asyncio.gather(*(ask(one) for one in doubts))
    if answers:
        _apply(tools, answers, prepared, findings)
    if poll:
        await _poll(tools, findings)
    return findings


async def poll_receipts(tools: Tools) -> Findings:
    """Make one pass over what a provider took long ago and never reported the end of."""
    findings = Findings()
    await _poll(tools, findings)
    return findings


def askable(tools: Tools) -> dict[str, Channel]:
    """Return the channels whose provider may be asked: a question shows people's numbers, so the gate holds here too."""
    return {name: one for name, one in tools.channels.items() if tools.gate.may_reach(one.endpoint)}


def _apply(
    tools: Tools, answers: Sequence[tuple[store.Claimed, Answer]], prepared: worker.Prepared, findings: Findings
) -> None:
    now = tools.clock.now()
    ids = [one.id for one, _ in answers]
    with writing(tools.engine) as connection:
        last, made = store.last_attempts(connection, ids), store.calls_made(connection, ids)
        not_ours = restoring.perhaps_of_another(connection, ids)
        for one, told in answers:
            answer = told
            if (
                isinstance(answer, Found)
                and not answer.certain
                and (one.id in not_ours or store.held_by_another(connection, one.id, answer))
            ):
                answer = NoLookup()  # that call is another notice's, or may be one's that this copy does not know
            level = prepared.facts[one.version_id].level
            state, reason = verdict(answer, level, made.get(one.id, 0), tools.settings.max_attempts)
            if not prepared.address(one):
                state, reason = DeliveryState.UNRESOLVED, "no-address"  # nor could it be sent again
            if state is None:
                store.ask_later(connection, [one.id], DeliveryState.UNKNOWN, now)
            elif not _move(connection, tools, one, answer, (state, reason)):
                continue  # A receipt or its worker was faster.
            else:
                store.insert_outcomes(connection, [_outcome(one, answer, last[one.id], state, now)])
            _tally(findings, answer, state)


def _move(
    connection: Connection, tools: Tools, one: store.Claimed, answer: Answer, verdict: tuple[DeliveryState, str]
) -> bool:
    """Give a delivery in doubt its new state; False if it was no longer in doubt, or in other hands."""
    now, (state, reason) = tools.clock.now(), verdict
    row = {"b_id": one.id, "b_token": one.lease_token, "updated_at": now}
    if isinstance(answer, Found):
        found = {"provider": tools.channels[one.channel].provider, "b_provider_id": answer.provider_id,
                 "b_status": answer.status, "b_rank": rank(answer.status)}  # fmt: skip
        return store.accept(connection, [row | found]) == 1
    moved = store.settle(connection, [row | {"state": state, "reason": reason, "due": None, "error_code": ""}]) == 1
    if moved and isinstance(answer, NoLookup) and state is DeliveryState.READY:
        store.mark_doubtful(connection, one.id)
    return moved


def verdict(answer: Answer, level: int | None, attempts: int, most: int) -> tuple[DeliveryState | None, str]:
    """Say what an answer makes of a delivery in doubt: its new state and reason, or None to ask again later. Pure.

    Args:
        attempts: calls so far that may have reached the provider, `most` of which are made before a person must look.
    """
    if isinstance(answer, Found):
        return DeliveryState.ACCEPTED, ""
    if isinstance(answer, CannotTell):
        return None, ""
    if attempts >= most:
        return DeliveryState.UNRESOLVED, "attempts"
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
    elif state is None:
        findings.still_open += 1
    elif state is DeliveryState.UNRESOLVED:
        findings.unresolved += 1
    elif isinstance(answer, Absent):
        findings.absent += 1
    else:
        findings.resent += 1


async def _poll(tools: Tools, findings: Findings) -> None:
    """Ask for the status of what a provider took long ago and never reported the end of: a callback can be lost for good."""
    before = tools.clock.now() - timedelta(seconds=tools.settings.poll_after)
    open_ones = askable(tools)
    with reading(tools.engine) as connection:
        waiting = [row for row in store.unconfirmed(connection, before, BATCH) if row[1] in open_ones]
        named = [row[0] for row in waiting if by_number.wants_number(open_ones[row[1]])]
        asking = by_number.questions(connection, tools, named) if named else {}
    channels = {number: open_ones[channel] for number, channel, _ in waiting}
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(number: int, provider_id: str) -> tuple[int, ProviderStatus | CannotTell]:
        """Ask one provider about one delivery, some at a time."""
        async with turns:
            if by_number.wants_number(channels[number]):
                return number, await guarded(
                    by_number.ask(channels[number], number, asking), CannotTell, delivery=number
                )
            return number, await guarded(channels[number].status(provider_id), CannotTell, delivery=number)

    answers = await asyncio.gather(*(ask(number, provider_id) for number, _, provider_id in waiting))
    if not answers:
        return
    with writing(tools.engine) as connection:
        now = tools.clock.now()
        store.ask_later(connection, [number for number, _ in answers], DeliveryState.ACCEPTED, now)
        for number, answer in answers:
            if isinstance(answer, ProviderStatus):
                word = receipts.Word(
                    number, channels[number].provider, answer.provider_id, answer.status, answer.error_code,
                    answer.payload, "poll", answer.consequence,
                )  # fmt: skip
                receipts.accept(connection, word, tools.keys, now)
                findings.polled += 1
