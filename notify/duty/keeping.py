"""Keeping the duty table: whoever writes into it, or looks at the names in it, leaves a line in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from core.keys import MasterKeys
from notify.duty import shift_store
from notify.duty.shifts import Shift
from registry.actors import Actor, require_office


def add_shifts(
    connection: Connection, actor: Actor, shifts: Sequence[Shift], *, keys: MasterKeys, now: datetime
) -> list[int]:
    """Write shifts; return their numbers.

    Raises:
        NotAllowed: the actor is not the office.
        BadInput: there is none.
    """
    require_office(actor)
    if not shifts:
        raise BadInput(t("There is no shift in the file."))
    numbers = [shift_store.add(connection, one, keys, by=actor.name, now=now) for one in shifts]
    for number in numbers:
        record(connection, actor=actor.name, action="duty.add", subject=f"duty_shift/{number}", now=now)
    return numbers


def remove_shift(connection: Connection, actor: Actor, number: int, now: datetime) -> None:
    """Take a shift out of the table.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: there is no such shift.
    """
    require_office(actor)
    if not shift_store.remove(connection, number):
        raise NotFound(t("There is no shift {number}.", number=number))
    record(connection, actor=actor.name, action="duty.remove", subject=f"duty_shift/{number}", now=now)


def view_shifts(
    connection: Connection, actor: Actor, times: tuple[datetime, datetime], *, keys: MasterKeys, now: datetime
) -> list[Shift]:
    """Return the shifts that touch a time, in order. Raises NotAllowed: the actor is not the office."""
    require_office(actor)
    record(connection, actor=actor.name, action="duty.view", subject="duty_shift", now=now)
    return shift_store.between(connection, keys, *times)
