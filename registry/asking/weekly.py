"""The care of the register, once a week or as often as one likes: who is asked, reminded and doubted now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from core.database import writing
from registry.actors import Actor, require_office
from registry.asking import questions, rounds
from registry.asking.rules import month_of


@dataclass(frozen=True)
class CareReport:
    """What was done.

    Attributes:
        asked, reminded: ids of employers whose list of the month was asked for, or asked for again: they are to be written to.
        questions: new questions about stays past their end.
        doubted, expired: stays past their end that became doubtful, or that count as over now.
    """

    month: str
    asked: tuple[int, ...]
    reminded: tuple[int, ...]
    questions: int
    doubted: int
    expired: int


def care(connection: Connection, actor: Actor, now: datetime, zone: str) -> CareReport:
    """Ask for the list of the month, remind, ask about stays past their end, and let the unanswered expire. Repeatable.

    Args:
        zone: IANA name of the office's zone: its months and days count.

    Raises:
        NotAllowed: the actor is not the office.
    """
    require_office(actor)
    month = month_of(now, zone)
    reminded = rounds.remind(connection, now)  # before the new round: nobody is asked and reminded on one day
    asked = rounds.ask_round(connection, month, now)
    doubted, expired = questions.let_expire(connection, now)
    new = questions.ask_ended(connection, now.astimezone(ZoneInfo(zone)).date(), now)
    return CareReport(month.name, asked, reminded, new, doubted, expired)


class _RolledBack(Exception):
    """Ends the rehearsal: nothing of it is kept."""


def rehearse(engine: Engine, actor: Actor, now: datetime, zone: str) -> CareReport:
    """Tell what `care` would do at a moment; it is done, and rolled back whole.

    Raises:
        NotAllowed: the actor is not the office.
    """
    found: list[CareReport] = []
    try:
        with writing(engine) as connection:
            found.append(care(connection, actor, now, zone))
            raise _RolledBack
    except _RolledBack:
        return found[0]
