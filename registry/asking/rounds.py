"""The monthly question to each company: is your list still right? Asked, reminded twice, then an officer is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from registry import scope
from registry import store as register
from registry.actors import SYSTEM, Actor, require_writer
from registry.asking import store
from registry.asking.rules import Month, RoundAnswer, reminder_due, silent
from registry.history import between


@dataclass(frozen=True)
class OpenRound:
    """A company that has not confirmed its list yet.

    Attributes:
        silent: asked, reminded twice, and a week later still without an answer: an officer calls.
    """

    employer_id: int
    month: str
    asked_at: datetime
    reminders: int
    reminded_at: datetime | None
    silent: bool


def ask_round(connection: Connection, month: Month, now: datetime) -> tuple[int, ...]:
    """Open the round of a month for every company with people abroad that was not confirmed in it yet. Repeatable.

    Returns:
        The ids of the employers now asked.
    """
    asked = store.asked_in(connection, month.name)
    wanted = [one for one in scope.unconfirmed_employers(connection, SYSTEM, month.begins) if one not in asked]
    store.add_rounds(connection, wanted, month.name, now)
    return tuple(wanted)


def remind(connection: Connection, now: datetime) -> tuple[int, ...]:
    """Count a reminder for every company that is due one. Repeatable: the same moment twice reminds once.

    Returns:
        The ids of the employers now reminded.
    """
    due = [
        row for row in store.open_rounds(connection) if reminder_due(row.asked_at, row.reminders, row.reminded_at, now)
    ]
    store.write_reminders(connection, [row.id for row in due], now)
    return tuple(row.employer_id for row in due)


def list_open(connection: Connection, actor: Actor, now: datetime) -> tuple[OpenRound, ...]:
    """Return the companies that have not answered: all of them for the office, itself for a company, else none."""
    if not actor.is_office and actor.employer_id is None:
        return ()
    rows = store.open_rounds(connection, employer_id=None if actor.is_office else actor.employer_id)
    return tuple(
        OpenRound(
            row.employer_id, row.month, row.asked_at, row.reminders, row.reminded_at,
            silent(row.asked_at, row.reminders, row.reminded_at, now),
        )
        for row in rows
    )  # fmt: skip


def confirm_unchanged(connection: Connection, actor: Actor, employer_id: int, now: datetime) -> int:
    """Take a company's word that nothing changed (无变化): its stays are confirmed and its rounds closed.

    A stay with an open question is not confirmed by this: it was asked about by name, and is answered by name.

    Returns:
        How many stays are confirmed.

    Raises:
        NotAllowed: the actor may not change people of this employer.
    """
    require_writer(actor, employer_id)
    stays = scope.standing_of(connection, actor, employer_id)
    changes = [
        between(one.registrant_id, "posting", one.posting_id, {"confirmed_at": one.confirmed_at}, {"confirmed_at": now})
        for one in stays
    ]
    register.make_changes(connection, changes, by=actor.name, at=now)
    store.close_rounds(connection, employer_id, answer=RoundAnswer.UNCHANGED, by=actor.name, at=now)
    record(connection, actor=actor.name, action="register.unchanged", subject=f"employer/{employer_id}", now=now)
    return len(stays)


def close_by_roster(connection: Connection, employer_id: int, *, full: bool, by: str, at: datetime) -> None:
    """Close the rounds of a company that sent its roster: a full list answers, and so does a part that told of
    everybody.
    """
    asked = [row.asked_at for row in store.open_rounds(connection, employer_id=employer_id)]
    if asked and (full or employer_id not in scope.unconfirmed_employers(connection, SYSTEM, min(asked))):
        store.close_rounds(connection, employer_id, answer=RoundAnswer.ROSTER, by=by, at=at)
