"""Somebody asks by name and address, and has yet to prove who they are: a code goes out, if they are there at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.errors import BadInput
from core.keys import MasterKeys
from registry.actors import SYSTEM
from registry.scope.residents import door_of
from registry.signup.codes import NOBODY, ticket
from registry.signup.model import CODE_LASTS, Pending, Purpose
from registry.signup.verify import code_for


def ask_by_name(
    connection: Connection, purpose: Purpose, *, name: str, channel: str, value: str, keys: MasterKeys, index_key: bytes,
    now: datetime,
) -> Pending:  # fmt: skip
    """Make a code, good for one purpose, for whoever is registered with this name and address (a phone in E.164, or a mail).

    Whether anybody is cannot be told from the answer: there is always a ticket, and there is only a code if somebody is
    there, who can still be written to.

    Raises:
        KeyGone: the master key is not at hand.
    """
    door = door_of(connection, SYSTEM, index_key, name=name, channel=channel, value=value)
    if door is not None:
        try:
            return code_for(connection, door, purpose, keys=keys, index_key=index_key, now=now)
        except BadInput:
            pass  # Too many codes: to say so would tell that the person is there. The newest of them still holds.
    return Pending(ticket(index_key, purpose, NOBODY), now + CODE_LASTS, None)
