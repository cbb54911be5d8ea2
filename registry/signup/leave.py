"""Residents leave by themselves: a code proves who asks, their stays are over, and the rest is erased in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput
from core.i18n import t
from core.keys import MasterKeys
from registry import store
from registry.actors import RESIDENT, SYSTEM
from registry.history import between
from registry.rights.store import add_waiting
from registry.scope.residents import door_of, same_self_registered, standing_stays
from registry.signup.codes import NOBODY, ticket
from registry.signup.model import CODE_LASTS, Pending, Refusal
from registry.signup.verify import code_for, pass_check
from registry.tables import PostingStatus

LEAVE = "leave"


@dataclass(frozen=True)
class Left:
    """Who left. `erase`: they asked to be erased, which the next retention run does."""

    registrant_ids: tuple[int, ...]
    stays: int
    erase: bool


def ask_leave(
    connection: Connection, *, name: str, channel: str, value: str, keys: MasterKeys, index_key: bytes, now: datetime
) -> Pending:
    """Make a code for whoever registered with this name and address (a phone in E.164, or a mail address).

    Whether anybody did cannot be told from the answer: there is always a ticket, and there is only a code if somebody is
    there, who can still be written to.

    Raises:
        KeyGone: the master key is not at hand.
    """
    door = door_of(connection, SYSTEM, index_key, name=name, channel=channel, value=value)
    if door is not None:
        try:
            return code_for(connection, door, LEAVE, keys=keys, index_key=index_key, now=now)
        except BadInput:
            pass  # Too many codes: to say so would tell that the person is there. The newest of them still holds.
    return Pending(ticket(index_key, LEAVE, NOBODY), now + CODE_LASTS, None)


def leave(
    connection: Connection, ticket_text: str, code: str, *, index_key: bytes, now: datetime, companions: bool = False,
    erase: bool = False,
) -> Left | Refusal:  # fmt: skip
    """End every stay of whoever proves by code that they ask for themselves. The caller commits a refusal too.

    Args:
        companions: those registered along leave too; without it they stay registered, and are warned.
        erase: consent is withdrawn: erased by the next retention run, not only after the time of keeping.

    Raises:
        NotFound: the ticket is none.
    """
    proven = pass_check(connection, ticket_text, code, index_key=index_key, now=now, kind=LEAVE)
    if isinstance(proven, Refusal):
        return proven
    people = same_self_registered(connection, SYSTEM, proven.registrant_id, companions=companions)
    if not people:
        return Refusal(t("Your company registered you. Please tell its contact, or call the office."))
    stays = standing_stays(connection, SYSTEM, people)
    over = {"status": PostingStatus.RETURNED}
    changes = [between(person, "posting", stay, {"status": status}, over) for person, stay, status in stays]
    store.make_changes(connection, changes, by=RESIDENT.name, at=now)
    for one in people:
        if erase:
            add_waiting(connection, one, by=RESIDENT.name, now=now)
        subject = f"registrant/{one}"
        record(connection, actor=RESIDENT.name, action="resident.leave", subject=subject, now=now)
    return Left(people, len(stays), erase)
