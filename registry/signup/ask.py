"""Somebody asks by name and address, and has yet to prove who they are: a code goes out, if they are there at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.keys import MasterKeys
from registry import scope
from registry.actors import SYSTEM
from registry.scope.residents import codes_since, door_of
from registry.signup.model import MOST_ASKED, WITHIN, Pending, Purpose
from registry.signup.verify import pending_for

NOBODY = 0
"""No address has this number: what is asked of it finds nothing, in the same statements."""


def ask_by_name(
    connection: Connection, purpose: Purpose, *, name: str, channel: str, value: str, keys: MasterKeys, index_key: bytes,
    now: datetime,
) -> Pending:  # fmt: skip
    """Make a code, good for one purpose, for whoever is registered with this name and address (a phone in E.164, or a mail).

    Whether anybody is cannot be told from the answer, nor from what comes of wrong codes: there is always a ticket, always the
    same statements, and tries and time run out for everybody alike. There is only a code if somebody is there who can still
    be written to, and who was not sent too many; then the newest of these still holds.

    Raises:
        KeyGone: the master key is not at hand.
    """
    door = door_of(connection, SYSTEM, index_key, name=name, channel=channel, value=value)
    address = NOBODY if door is None else door.address_id
    asked = codes_since(connection, address, now - WITHIN)
    found = scope.open_addresses(connection, SYSTEM, [address], keys).get(address, "")
    known = door if found and asked < MOST_ASKED else None
    return pending_for(connection, known, found, purpose, index_key=index_key, now=now)
