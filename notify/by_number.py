"""Asking for the end of a notice where the provider wants its number, not its own id: the clouds at home, and the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from notify import worker
from notify.channels.base import CannotTell, Channel, Found, Outgoing, ProviderStatus
from notify.dispatch import Tools
from notify.store import deliveries as store
from notify.store.pushed import claimed


@dataclass(frozen=True)
class Question:
    """What must be said to be told of a notice: the notice itself, and since when to look."""

    notice: Outgoing
    since: datetime


def questions(connection: Connection, tools: Tools, delivery_ids: Sequence[int]) -> dict[int, Question]:
    """Return the question for each of these deliveries. An erased person's number is gone: nobody can ask for that one."""
    rows = claimed(connection, delivery_ids)
    since = store.first_attempts(connection, [one.id for one in rows])
    prepared, now = worker.prepare(connection, rows, tools.keys), tools.clock.now()
    notices = {one.id: worker.outgoing(one, prepared, tools.gate.uid, now) for one in rows}
    return {number: Question(one, since[number]) for number, one in notices.items() if one.address and number in since}


def wants_number(channel: Channel) -> bool:
    """Tell whether a channel's provider speaks of a notice only to whom names the number."""
    return bool(getattr(channel, "asks_by_address", False))


async def ask(channel: Channel, number: int, all_questions: Mapping[int, Question]) -> ProviderStatus | CannotTell:
    """Ask how a notice stands."""
    question = all_questions.get(number)
    if question is None:
        return CannotTell("the number is gone")
    found = await channel.lookup(question.notice, question.since)
    if not isinstance(found, Found):
        return CannotTell("nothing is told yet")
    return ProviderStatus(found.provider_id, found.status, found.error_code)
