"""Residents and students register themselves and their companions: double opt-in (自助登记).

What is given lies sealed under a key of its own until the code that was sent to the address comes back. Nothing is in the
register before; when the code comes back or time runs out, that key is destroyed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from core.keys import MasterKeys, seal, unseal
from registry.actors import RESIDENT, SYSTEM, Actor, require_office
from registry.enrol import enrol
from registry.history import Change
from registry.matching import address_index
from registry.scope.rights import ways_of
from registry.signup import store
from registry.signup.codes import code_hash, fits, new_code, read_ticket, ticket
from registry.signup.model import (
    CODE_LASTS,
    MOST_ASKED,
    TRIES,
    WITHIN,
    Code,
    Confirmed,
    Given,
    Pending,
    Refusal,
    ToTelephone,
    check,
    from_json,
    people_of,
    to_json,
)
from registry.store import add_changes

KIND = "registration"
PURPOSE = "registration/{index}"
PAYLOAD_CONTEXT = "registration.payload/{index}"


def register(connection: Connection, given: Given, *, keys: MasterKeys, index_key: bytes, now: datetime) -> Pending:
    """Keep what a resident gives until they answer from the address; return the code to send, for 24 hours.

    With `by_phone` there is none to send: see `code_to_read_out`.

    Whether the address is known in the register makes no difference to anything here.

    Raises:
        BadInput: what was given could not be enrolled, or three codes went to this address within the hour.
    """
    check(given)
    expire(connection, now)
    proven = given.proven
    index = address_index(index_key, proven.channel, proven.value)
    if store.registered_since(connection, index, now - WITHIN) >= MOST_ASKED:
        raise BadInput(t("Too many codes were asked for with this address. Please try again in an hour."))
    key, wrapped = keys.new_key()
    code, until = new_code(), now + CODE_LASTS
    row_id = store.add_registration(
        connection, wrapped=wrapped, payload=seal(key, to_json(given), PAYLOAD_CONTEXT.format(index=index.hex())),
        channel=proven.channel, address_index=index, code_hash=code_hash(index_key, PURPOSE.format(index=index.hex()), code),
        created_at=now, expires_at=until, tries=0,
    )  # fmt: skip
    subject = f"{KIND}/{row_id}"
    record(connection, actor=RESIDENT.name, action="resident.register", subject=subject, now=now)
    out = Code(subject, proven.channel, given.language, given.foreign, until, address=proven.value, digits=code)
    return Pending(ticket(index_key, KIND, row_id), until, None if given.by_phone else out)


def code_to_read_out(
    connection: Connection, actor: Actor, ticket_text: str, *, keys: MasterKeys, index_key: bytes, now: datetime
) -> Code | Refusal:
    """Make the code of a registration to whose phone nothing may be sent: an officer calls the number and reads it out.

    The person says it back, which proves the number. It takes the place of the code before; wrong ones stay counted, and it
    lasts no longer. Who saw it is in the audit.

    Raises:
        NotFound: the ticket is none.
        NotAllowed: the actor is not the office.
        KeyGone: the master key is not at hand.
    """
    require_office(actor)
    row_id = read_ticket(index_key, KIND, ticket_text)
    row = _open(connection, row_id, now)
    if isinstance(row, Refusal):
        return row
    index = row.address_index.hex()
    given = _given(row, keys)
    if not given.by_phone:
        return Refusal(t("This code was sent to the address that was given. Only who reads it there may say it."))
    code, subject = new_code(), f"{KIND}/{row_id}"
    store.replace_code(connection, row_id, code_hash(index_key, PURPOSE.format(index=index), code))
    record(connection, actor=actor.name, action="resident.by-phone", subject=subject, now=now)
    to = given.proven
    return Code(
        subject, to.channel, given.language, given.foreign, row.expires_at, address=to.value, digits=code
    )  # fmt: skip


def confirm(
    connection: Connection, ticket_text: str, code: str, *, keys: MasterKeys, index_key: bytes, now: datetime
) -> Confirmed | Refusal:
    """Enrol who registered, with their companions, if the code is right. The caller commits a refusal too: it was a try.

    Raises:
        NotFound: the ticket is none.
        KeyGone: the master key is not at hand.
    """
    row_id = read_ticket(index_key, KIND, ticket_text)
    row = _open(connection, row_id, now)
    if isinstance(row, Refusal):
        return row
    index = row.address_index.hex()
    if not fits(index_key, PURPOSE.format(index=index), code, row.code_hash):
        tries = row.tries + 1
        store.count_registration_try(connection, row_id, tries, destroy=tries >= TRIES)
        return Refusal(t("The code is wrong. Tries left: {left}.", left=TRIES - tries))
    done = _enrol(connection, _given(row, keys), keys=keys, index_key=index_key, now=now)
    store.take_up(connection, row_id, done.registrant_id, now)
    subject = f"registrant/{done.registrant_id}"
    record(
        connection, actor=RESIDENT.name, action="resident.confirm", subject=subject, now=now, detail=f"{KIND}/{row_id}"
    )
    return done


def ask_again(
    connection: Connection, ticket_text: str, *, keys: MasterKeys, index_key: bytes, now: datetime
) -> Pending | Refusal:
    """Make another code for what was given, with another ticket: the one before, and its code, are good for nothing.

    It is a new registration in every respect, so that no more codes go to an address than otherwise.

    Raises:
        NotFound: the ticket is none.
        BadInput: three codes went to this address within the hour, or the text that was agreed to is in use no more.
        KeyGone: the master key is not at hand.
    """
    row_id = read_ticket(index_key, KIND, ticket_text)
    row = _open(connection, row_id, now)
    if isinstance(row, Refusal):
        return row
    pending = register(connection, _given(row, keys), keys=keys, index_key=index_key, now=now)
    store.count_registration_try(connection, row_id, TRIES, destroy=True)
    return pending


def to_telephone(
    connection: Connection, actor: Actor, *, keys: MasterKeys, index_key: bytes, now: datetime
) -> list[ToTelephone]:
    """Return the registrations that wait for an officer's call, the oldest first. Names and numbers stay shut.

    Raises:
        NotAllowed: the actor is not the office.
        KeyGone: the master key is not at hand.
    """
    require_office(actor)
    rows = store.open_registrations(connection, now)
    wanted = [row for row in rows if _given(row, keys).by_phone]
    return [ToTelephone(ticket(index_key, KIND, row.id), row.created_at, row.expires_at) for row in wanted]


def expire(connection: Connection, now: datetime) -> int:
    """Destroy what was given and never confirmed within 24 hours; return how many there were. Repeatable."""
    return store.expire_registrations(connection, now)


def _open(connection: Connection, row_id: int, now: datetime) -> Row[Any] | Refusal:
    row = store.registration(connection, row_id)
    if row is None:
        raise NotFound(t("This ticket is none of ours. Copy it as it was shown."))
    if row.confirmed_at is not None:
        return Refusal(t("This registration is confirmed already."))
    if row.expires_at <= now:
        return Refusal(t("The code has run out. Please ask for a new one."))
    if row.tries >= TRIES:
        return Refusal(t("Too many wrong codes. Please ask for a new one."))
    return row


def _given(row: Row[Any], keys: MasterKeys) -> Given:
    context = PAYLOAD_CONTEXT.format(index=row.address_index.hex())
    return from_json(unseal(keys.unwrap(row.wrapped), row.payload, context))


def _enrol(connection: Connection, given: Given, *, keys: MasterKeys, index_key: bytes, now: datetime) -> Confirmed:
    me, *others = people_of(given, now)
    (one,) = enrol(connection, RESIDENT, [me], keys=keys, index_key=index_key, now=now)
    tied = [replace(other, companion_of=one) for other in others]
    companions = enrol(connection, RESIDENT, tied, keys=keys, index_key=index_key, now=now) if tied else []
    joined = [Change(one, "registrant", one, None, {"employer_id": None})]
    joined += [Change(who, "registrant", who, None, {"employer_id": None, "companion_of": one}) for who in companions]
    add_changes(connection, joined, by=RESIDENT.name, at=now)
    way = (given.proven.channel, address_index(index_key, given.proven.channel, given.proven.value))
    return Confirmed(one, tuple(companions), ways_of(connection, SYSTEM, one)[way].address_id)
