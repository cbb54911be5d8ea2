"""SQL of registrations that wait, and of the codes that were sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from core.tables import table
from registry.signup.tables import AddressCheck, Registration, ResidentVisit

REGISTRATIONS, CHECKS, VISITS = table(Registration), table(AddressCheck), table(ResidentVisit)
GONE = {"wrapped": None, "payload": b"", "code_hash": b""}


def add_registration(connection: Connection, **values: object) -> int:
    """Write a registration; return the id."""
    statement = insert(REGISTRATIONS).values(values).returning(REGISTRATIONS.c.id)
    return int(connection.execute(statement).scalar_one())


def registration(connection: Connection, row_id: int) -> Row[Any] | None:
    """Return a registration, held against a second answer at the same time."""
    query = select(REGISTRATIONS).where(REGISTRATIONS.c.id == row_id).with_for_update()
    return connection.execute(query).one_or_none()


def registered_since(connection: Connection, address_index: bytes, moment: datetime) -> int:
    """Return how many registrations were begun with an address after a moment."""
    row = REGISTRATIONS.c
    query = select(func.count()).where(row.address_index == address_index, row.created_at > moment)
    return int(connection.execute(query).scalar_one())


def count_registration_try(connection: Connection, row_id: int, tries: int, *, destroy: bool) -> None:
    """Write how often a wrong code was given; with `destroy`, nothing of what was given opens any more."""
    values = {"tries": tries, **(GONE if destroy else {})}
    connection.execute(update(REGISTRATIONS).where(REGISTRATIONS.c.id == row_id).values(values))


def replace_code(connection: Connection, row_id: int, code_hash: bytes) -> None:
    """Write the hash of a new code; the one before is good for nothing."""
    connection.execute(update(REGISTRATIONS).where(REGISTRATIONS.c.id == row_id).values(code_hash=code_hash))


def take_up(connection: Connection, row_id: int, registrant_id: int, at: datetime) -> None:
    """Write that a registration was confirmed, and destroy its key: what was given is in the register now."""
    values = {"confirmed_at": at, "registrant_id": registrant_id, **GONE}
    connection.execute(update(REGISTRATIONS).where(REGISTRATIONS.c.id == row_id).values(values))


def open_registrations(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Return the registrations that still wait for their code, the oldest first."""
    row = REGISTRATIONS.c
    query = select(REGISTRATIONS).where(row.expires_at > now, row.wrapped.is_not(None)).order_by(row.id)
    return connection.execute(query).all()


def add_visit(connection: Connection, **values: object) -> None:
    """Write that a visit began."""
    connection.execute(insert(VISITS).values(values))


def visit(connection: Connection, token_hash: bytes) -> Row[Any] | None:
    """Return the visit of a token, over or not, if there is one."""
    return connection.execute(select(VISITS).where(VISITS.c.token_hash == token_hash)).one_or_none()


def prolong_visit(connection: Connection, visit_id: int, until: datetime) -> None:
    """Let a visit last longer."""
    connection.execute(update(VISITS).where(VISITS.c.id == visit_id).values(expires_at=until))


def end_visits(connection: Connection, registrant_ids: Sequence[int], now: datetime) -> None:
    """End every visit of these people."""
    theirs = (VISITS.c.registrant_id.in_(registrant_ids), VISITS.c.ended_at.is_(None))
    connection.execute(update(VISITS).where(*theirs).values(ended_at=now))


def forget_visits(connection: Connection, before: datetime) -> None:
    """Forget the visits that ran out before."""
    connection.execute(delete(VISITS).where(VISITS.c.expires_at < before))


def expire_registrations(connection: Connection, now: datetime) -> int:
    """Destroy what ran out unconfirmed, and forget the addresses of all that are over; return how many were waiting.

    What was asked by a name and an address that nobody has goes too.
    """
    row = REGISTRATIONS.c
    over = (row.expires_at <= now, row.address_index != b"")
    waiting = select(func.count()).where(*over, row.wrapped.is_not(None))
    count = int(connection.execute(waiting).scalar_one())
    connection.execute(delete(CHECKS).where(CHECKS.c.address_id.is_(None), CHECKS.c.expires_at <= now))
    connection.execute(update(REGISTRATIONS).where(*over).values(address_index=b"", **GONE))
    return count


def add_check(connection: Connection, **values: object) -> int:
    """Write that a code was sent to an address; return the id."""
    return int(connection.execute(insert(CHECKS).values(values).returning(CHECKS.c.id)).scalar_one())


def address_check(connection: Connection, row_id: int) -> Row[Any] | None:
    """Return a check, held against a second answer at the same time."""
    return connection.execute(select(CHECKS).where(CHECKS.c.id == row_id).with_for_update()).one_or_none()


def count_check_try(connection: Connection, row_id: int, tries: int) -> None:
    """Write how often a wrong code was given."""
    connection.execute(update(CHECKS).where(CHECKS.c.id == row_id).values(tries=tries))


def pass_check(connection: Connection, row_id: int, at: datetime) -> None:
    """Write that the right code came back; it cannot be used again."""
    connection.execute(update(CHECKS).where(CHECKS.c.id == row_id).values(passed_at=at, code_hash=b""))
