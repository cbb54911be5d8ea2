"""Residents leave by themselves: a code proves who asks, their stays are over, and the rest is erased in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.i18n import t
from registry import store
from registry.actors import RESIDENT, SYSTEM
from registry.asking import questions
from registry.history import between
from registry.rights.store import add_waiting
from registry.scope.residents import lent_addresses, same_self_registered, standing_stays
from registry.signup.model import Purpose, Refusal
from registry.signup.verify import pass_check
from registry.tables import PostingStatus

STOPPED = "its owner left"


@dataclass(frozen=True)
class Staying:
    """A companion who stays registered, with an address of whoever left.

    Attributes:
        only: there is no other address: if it is stopped, nothing reaches this companion.
        stopped: the address is not used for them any more.
    """

    registrant_id: int
    only: bool
    stopped: bool


@dataclass(frozen=True)
class Left:
    """Who left.

    Attributes:
        erase: they asked to be erased, which the next retention run does.
        staying: companions who did not leave, with an address of theirs.
    """

    registrant_ids: tuple[int, ...]
    stays: int
    erase: bool
    staying: tuple[Staying, ...] = ()


def leave(
    connection: Connection, ticket_text: str, code: str, *, index_key: bytes, now: datetime, companions: bool = False,
    erase: bool = False, keep_number: bool = False,
) -> Left | Refusal:  # fmt: skip
    """End every stay of whoever proves by code that they ask for themselves. The caller commits a refusal too.

    Args:
        companions: those registered along leave too; without it they stay registered, and are told who they are.
        erase: consent is withdrawn: erased by the next retention run, not only after the time of keeping. Their addresses are
            stopped at companions who stay.
        keep_number: but for this: the companions said that they go on being warned over them.

    Raises:
        NotFound: the ticket is none.
    """
    proven = pass_check(connection, ticket_text, code, index_key=index_key, now=now, kind=Purpose.LEAVE)
    if isinstance(proven, Refusal):
        return proven
    return leave_proven(
        connection, proven.address_id, now=now, companions=companions, erase=erase, keep_number=keep_number
    )  # fmt: skip


def leave_proven(
    connection: Connection, address_id: int, *, now: datetime, companions: bool = False, erase: bool = False,
    keep_number: bool = False,
) -> Left | Refusal:  # fmt: skip
    """End every stay of whoever has proven this address; see `leave`."""
    people = same_self_registered(connection, SYSTEM, address_id, companions=companions)
    if not people:
        return Refusal(t("Your company registered you. Please tell its contact, or call the office."))
    staying = () if companions else _staying(connection, people, stop=erase and not keep_number, now=now)
    return Left(people, end_all(connection, people, erase=erase, now=now), erase, staying)


def end_all(connection: Connection, people: tuple[int, ...], *, erase: bool, now: datetime) -> int:
    """End every stay of these people; return how many.

    Args:
        erase: they are erased by the next retention run.
    """
    stays = standing_stays(connection, SYSTEM, people)
    over = {"status": PostingStatus.RETURNED}
    changes = [between(person, "posting", stay, {"status": status}, over) for person, stay, status in stays]
    store.make_changes(connection, changes, by=RESIDENT.name, at=now)
    questions.settle(connection, {stay: over for _, stay, _ in stays}, by=RESIDENT.name, at=now)
    for one in people:
        if erase:
            add_waiting(connection, one, by=RESIDENT.name, now=now)
        subject = f"registrant/{one}"
        record(connection, actor=RESIDENT.name, action="resident.leave", subject=subject, now=now)
    return len(stays)


def _staying(connection: Connection, people: tuple[int, ...], *, stop: bool, now: datetime) -> tuple[Staying, ...]:
    """Return the companions who stay with an address of these people, which is stopped there if wanted."""
    lent = lent_addresses(connection, SYSTEM, people)
    if stop:
        before, after = {"stopped_at": None, "stop_reason": ""}, {"stopped_at": now, "stop_reason": STOPPED}
        changes = [between(who, "address", number, before, after) for who, one in lent.items() for number in one.lent]
        store.make_changes(connection, changes, by=RESIDENT.name, at=now)
    return tuple(Staying(who, not one.has_own, stop) for who, one in lent.items())
