"""SQL of keeping: which rows are over, and their deletion. Never a row of a table under the proof chain, nor of who was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, select

from core import audit
from core.clock import iso
from core.tables import table
from notify.canary.tables import Canary
from notify.digest.store import TOLD
from notify.mailings.store import MAILINGS
from notify.mailings.tables import MailingKind
from notify.own.tables import OwnNotice
from notify.store.alerts import VERSIONS
from notify.store.proof import GAPS, RUNS
from notify.tables import BudgetUse
from registry.accounts.credentials.tables import OfficeVisit, SetUpLink
from registry.accounts.tables import ApiCall, AttemptWindow, RateWindow, SignInLink, WebSession
from registry.scope.history import CHANGES as CHANGES_OF_PEOPLE
from registry.scope.history import confirmed_before
from registry.signup.tables import AddressCheck, Registration, ResidentVisit
from sources.store import ADVISORIES, CHANGES

AT_ONCE = 5000
"""Rows deleted in one transaction: others may write in between."""
DOORS, CALLS, TRIES = timedelta(days=30), timedelta(days=7), timedelta(days=2)
"""How long is kept who came in and by what; calls under a key of the API; counts of tries. By the end of each, or its last use."""
DROPPED, BODIES = "captures.drop", "captures/old"


@dataclass(frozen=True)
class Over:
    """Rows of one table whose time is over."""

    table: Table
    where: ColumnElement[bool]

    @property
    def name(self) -> str:
        """Return the name of the table."""
        return self.table.name


def over(now: datetime, records_before: datetime) -> Iterator[Over]:
    """Give everything that is over at `now`; records of runs are, if they are of before `records_before`."""
    yield from _records(records_before)
    yield from _doors(now - DOORS)
    calls, minutes, tries = table(ApiCall), table(RateWindow), table(AttemptWindow)
    yield Over(calls, calls.c.created_at < now - CALLS)
    yield Over(minutes, minutes.c.minute < now - TRIES)
    yield Over(tries, tries.c.begins < now - TRIES)


def _records(before: datetime) -> Iterator[Over]:
    canaries, used = table(Canary), table(BudgetUse)
    last_runs = select(func.max(RUNS.c.id)).group_by(RUNS.c.kind)
    last_canaries = select(func.max(canaries.c.id)).group_by(canaries.c.mode, canaries.c.channel)
    told_of = select(CHANGES.c.id).where(CHANGES.c.decided_at < before)
    yield Over(CHANGES_OF_PEOPLE, confirmed_before(before))
    # The last of each is what the watchdog goes by, however long ago.
    yield Over(RUNS, (RUNS.c.started_at < before) & RUNS.c.id.not_in(last_runs))
    yield Over(GAPS, GAPS.c.created_at < before)
    # The digest looks back a month: what is older is told to nobody, whether or not it is known that it was.
    yield Over(TOLD, TOLD.c.change_id.in_(told_of))
    yield Over(MAILINGS, (MAILINGS.c.kind == MailingKind.DIGEST) & (MAILINGS.c.begun_at < before))
    yield Over(canaries, (canaries.c.sent_at < before) & canaries.c.id.not_in(last_canaries))
    yield Over(used, used.c.day < before.date())


def _doors(before: datetime) -> Iterator[Over]:
    links, sessions, own_links, own_sessions = (
        table(SignInLink),
        table(WebSession),
        table(SetUpLink),
        table(OfficeVisit),
    )
    checks, given, visits = table(AddressCheck), table(Registration), table(ResidentVisit)
    for ending in (links, own_links, checks, given, visits):
        yield Over(ending, ending.c.expires_at < before)
    for used in (sessions, own_sessions):
        yield Over(used, used.c.used_at < before)


def count(connection: Connection, one: Over) -> int:
    """Count rows that are over."""
    return int(connection.execute(select(func.count()).select_from(one.table).where(one.where)).scalar_one())


def delete_some(connection: Connection, one: Over) -> int:
    """Delete rows that are over, at most 5,000 of a table with numbers; return how many."""
    where = one.where
    if "id" in one.table.c:
        where = one.table.c.id.in_(select(one.table.c.id).where(where).limit(AT_ONCE))
    return connection.execute(delete(one.table).where(where)).rowcount


def behind_alerts() -> Select[Any]:
    """Select the captures that an alert rests on, released or not, or that were pasted."""
    own = table(OwnNotice).c.advisory_id
    used = select(VERSIONS.c.advisory_id).where(VERSIONS.c.advisory_id.is_not(None)).union(select(own))
    said = select(ADVISORIES.c.capture_id).where(ADVISORIES.c.id.in_(used))
    return said.where(ADVISORIES.c.capture_id.is_not(None))


def write_dropped(connection: Connection, before: datetime, bodies: int, now: datetime) -> None:
    """Write down that bodies that were last received before a moment were deleted."""
    detail = f"{iso(before)} {bodies}"
    audit.record(connection, actor="system", action=DROPPED, subject=BODIES, now=now, detail=detail)


def dropped_before(connection: Connection) -> datetime | None:
    """Return before which moment bodies were deleted last; None: none ever were."""
    detail = audit.last_details(connection, DROPPED, [BODIES]).get(BODIES)
    return None if detail is None else datetime.fromisoformat(detail.split()[0])
