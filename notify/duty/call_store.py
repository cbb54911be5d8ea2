"""SQL of the calls to officers: written before the provider is called, what came of it after, and what the provider said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, func, insert, select, update

from core.tables import table
from notify.channels.base import rank
from notify.duty.ladder import LOST, Made
from notify.duty.store import PAGES
from notify.duty.tables import DutyCall, DutyCallPage

CALLS, LINKS = table(DutyCall), table(DutyCallPage)
BASE = 2 * 10**17
"""Added to the number of a call where a provider is given the number of a notice: no notice and no canary has one so large."""

UNSURE = ("begun", "doubt")
"""Outcomes of which the provider must be asked."""


def due_pages(connection: Connection, until: datetime) -> list[Row[Any]]:
    """Return the pages whose next call is due by `until`, locked: another sweep leaves them out."""
    row = PAGES.c
    query = select(PAGES).where(row.due <= until, row.acked_at.is_(None), row.settled_at.is_(None))
    return list(connection.execute(query.order_by(row.id).with_for_update(skip_locked=True)))


def made(connection: Connection, pages: Sequence[int]) -> dict[int, list[Made]]:
    """Return the calls that were made for each page, in order."""
    query = select(LINKS.c.page_id, CALLS.c.phone_index, CALLS.c.outcome, CALLS.c.begun_at).join(
        CALLS, CALLS.c.id == LINKS.c.call_id
    )
    found: defaultdict[int, list[Made]] = defaultdict(list)
    for row in connection.execute(query.where(LINKS.c.page_id.in_(pages)).order_by(LINKS.c.page_id, LINKS.c.step)):
        found[row.page_id].append(Made(row.phone_index, row.outcome, row.begun_at))
    return found


def called_for(connection: Connection, pages: Sequence[int]) -> frozenset[int]:
    """Return for which pages somebody was called, or may have been: what certainly never left counts for nothing."""
    found = made(connection, pages)
    return frozenset(page for page, calls in found.items() if any(one.outcome not in LOST for one in calls))


def last_text(connection: Connection, phone: bytes, channels: Iterable[str]) -> datetime | None:
    """Return when this number was last written to, but for what certainly never left."""
    query = select(func.max(CALLS.c.begun_at)).where(CALLS.c.phone_index == phone, CALLS.c.channel.in_(list(channels)))
    query = query.where(CALLS.c.outcome.not_in(LOST))
    return connection.execute(query).scalar()


def begin(connection: Connection, values: dict[str, Any], pages: Sequence[tuple[int, int]], next_due: datetime) -> int:
    """Write a call before it is made, for pages each with its step, and when their next call is due; return its number."""
    number = int(connection.execute(insert(CALLS).values(values).returning(CALLS.c.id)).scalar_one())
    connection.execute(insert(LINKS), [{"call_id": number, "page_id": page, "step": step} for page, step in pages])
    put_off(connection, [page for page, _ in pages], next_due)
    return number


def put_off(connection: Connection, pages: Sequence[int], due: datetime) -> None:
    """Let pages that are still open and unanswered wait until `due`."""
    row = PAGES.c
    query = update(PAGES).where(row.id.in_(pages), row.acked_at.is_(None), row.settled_at.is_(None))
    connection.execute(query.values(due=due))


def end(connection: Connection, call: int, tries: int, *, outcome: str, code: str, provider_id: str) -> bool:
    """Write what came of one try. False: somebody else has taken the call over meanwhile, and knows better."""
    row = CALLS.c
    values = {"outcome": outcome, "code": code[:60], "provider_id": provider_id}
    mine = update(CALLS).where(row.id == call, row.tries == tries, row.outcome.in_(UNSURE))
    return bool(connection.execute(mine.values(values)).rowcount)


def unsure(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Return the calls of which nobody knows whether they were made, locked: their worker is gone, or the answer was."""
    query = select(CALLS).where(CALLS.c.outcome.in_(UNSURE), CALLS.c.lease_until <= now)
    return list(connection.execute(query.order_by(CALLS.c.id).with_for_update(skip_locked=True)))


def take(connection: Connection, call: int, lease_until: datetime, *, again: bool = False) -> None:
    """Take a call in hand until then; `again`: for another try, which makes the word of an earlier one count for nothing."""
    row = CALLS.c
    values = {"lease_until": lease_until} | ({"tries": row.tries + 1, "outcome": "begun"} if again else {})
    connection.execute(update(CALLS).where(row.id == call).values(values))


def pages_of(connection: Connection, call: int) -> list[Row[Any]]:
    """Return the pages of a call that are open and unanswered, each with its step."""
    row = PAGES.c
    query = select(PAGES, LINKS.c.step).join(LINKS, LINKS.c.page_id == row.id).where(LINKS.c.call_id == call)
    return list(connection.execute(query.where(row.acked_at.is_(None), row.settled_at.is_(None)).order_by(row.id)))


def raise_status(connection: Connection, call: int, status: str, code: str) -> str | None:
    """Let the provider's word raise the status; return the channel of the call, None if there is no such call."""
    row = CALLS.c
    channel: str | None = connection.execute(select(row.channel).where(row.id == call)).scalar()
    higher = update(CALLS).where(row.id == call, row.rank < rank(status))
    raised = connection.execute(higher.values(status=status[:40], rank=rank(status), code=code[:60])).rowcount
    # Heard of at all, it was made: a try whose answer was lost is in doubt no more.
    known = update(CALLS).where(row.id == call, row.outcome.in_((*UNSURE, "unresolved")))
    if raised:
        connection.execute(known.values(outcome="accepted"))
    return channel


def hurry(connection: Connection, call: int, now: datetime) -> None:
    """Make the next call of these pages due at once, because this one reached nobody; only where it was the last one."""
    row, ours, later = PAGES.c, LINKS.alias(), LINKS.alias()
    mine = select(ours.c.page_id).where(ours.c.call_id == call)
    newer = exists().where(later.c.page_id == row.id, later.c.call_id > call)  # numbers rise
    query = update(PAGES).where(
        row.id.in_(mine), ~newer, row.acked_at.is_(None), row.settled_at.is_(None), row.due > now
    )
    connection.execute(query.values(due=now))


def called_pages(connection: Connection, phone: bytes, since: datetime) -> list[int]:
    """Return the open, unanswered pages for which this number was written to or called since then."""
    row = PAGES.c
    query = (
        select(row.id).distinct().join(LINKS, LINKS.c.page_id == row.id).join(CALLS, CALLS.c.id == LINKS.c.call_id)
        .where(CALLS.c.phone_index == phone, CALLS.c.begun_at >= since, row.acked_at.is_(None), row.settled_at.is_(None))
    )  # fmt: skip
    return list(connection.execute(query.order_by(row.id)).scalars())
