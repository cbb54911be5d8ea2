"""Proving whose an address is: a code goes to it and comes back. The same proof lets a resident leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from core.keys import MasterKeys
from registry import scope, store
from registry.actors import SYSTEM, Actor, require_writer
from registry.history import between
from registry.scope.history import as_they_are
from registry.scope.residents import Door, address_in_use, codes_since
from registry.signup import store as codes
from registry.signup.codes import code_hash, fits, new_code, read_ticket, ticket
from registry.signup.model import CODE_LASTS, MOST_ASKED, TRIES, WITHIN, Code, Pending, Purpose, Refusal

PURPOSE = "{kind}/{address}"
LONGEST_REASON = 200


@dataclass(frozen=True)
class Proven:
    """Whose address was proven to be theirs."""

    registrant_id: int
    address_id: int


def ask_code(
    connection: Connection, actor: Actor, address_id: int, *, keys: MasterKeys, index_key: bytes, now: datetime
) -> Pending:
    """Make a code for an address that is in the register, for 24 hours. Asked for by the office or the person's company.

    Raises:
        NotFound: there is no such address, or not for this actor.
        NotAllowed: the actor may not see or change the people of this employer.
        BadInput: it is stopped, or three codes went to it within the hour.
        KeyGone: the address does not open.
    """
    door = address_in_use(connection, actor, address_id)
    require_writer(actor, door.employer_id)
    return code_for(connection, door, Purpose.VERIFY, keys=keys, index_key=index_key, now=now)


def code_for(
    connection: Connection, door: Door, kind: Purpose, *, keys: MasterKeys, index_key: bytes, now: datetime
) -> Pending:
    """Make a code for an address, good for `kind` only.

    Raises:
        BadInput: three codes went to it within the hour.
        NotFound: the address does not open.
        KeyGone: the master key is not at hand.
    """
    if codes_since(connection, door.address_id, now - WITHIN) >= MOST_ASKED:
        raise BadInput(t("Too many codes were asked for with this address. Please try again in an hour."))
    value = scope.open_addresses(connection, SYSTEM, [door.address_id], keys).get(door.address_id)
    if value is None:
        raise NotFound(t("There is no address {number}.", number=door.address_id))
    return pending_for(connection, door, value, kind, index_key=index_key, now=now)


def pending_for(
    connection: Connection, door: Door | None, value: str, kind: Purpose, *, index_key: bytes, now: datetime
) -> Pending:
    """Write a code for an address. Without a door it is one that nobody will ever get: nothing else tells the two apart."""
    code, until = new_code(), now + CODE_LASTS
    address = None if door is None else door.address_id
    hashed = code_hash(index_key, PURPOSE.format(kind=kind, address=address), code)
    row_id = codes.add_check(connection, address_id=address, code_hash=hashed, sent_at=now, expires_at=until, tries=0)
    if door is None:
        return Pending(ticket(index_key, kind, row_id), until, None)
    subject = f"address_check/{row_id}"
    out = Code(
        subject, door.channel, door.language, door.foreign, until, address=value, digits=code, purpose=kind
    )  # fmt: skip
    return Pending(ticket(index_key, kind, row_id), until, out)


def pass_check(
    connection: Connection,
    ticket_text: str,
    code: str,
    *,
    index_key: bytes,
    now: datetime,
    kind: Purpose = Purpose.VERIFY,
) -> Proven | Refusal:
    """Mark an address as proven if the code is right. The caller commits a refusal too: it was a try.

    Raises:
        NotFound: the ticket is none of this kind.
    """
    row = codes.address_check(connection, read_ticket(index_key, kind, ticket_text))
    if row is None:
        return Refusal(t("The code has run out. Please ask for a new one."))  # erased, or cleared away
    if row.passed_at is not None:
        return Refusal(t("This code was used already."))
    if row.expires_at <= now:
        return Refusal(t("The code has run out. Please ask for a new one."))
    if row.tries >= TRIES:
        return Refusal(t("Too many wrong codes. Please ask for a new one."))
    if not fits(index_key, PURPOSE.format(kind=kind, address=row.address_id), code, row.code_hash):
        codes.count_check_try(connection, row.id, row.tries + 1)
        return Refusal(t("The code is wrong."))
    codes.pass_check(connection, row.id, now)
    columns = ("registrant_id", "verified_at")
    there = as_they_are(connection, SYSTEM, "address", [row.address_id or 0], columns).get(row.address_id)
    if there is None:
        return Refusal(t("The code is wrong."))  # erased since
    person = int(str(there["registrant_id"]))
    change = between(person, "address", row.address_id, there, {"verified_at": now})
    store.make_changes(connection, [change], by=f"code/{kind}", at=now)
    record(connection, actor=f"code/{kind}", action="address.verify", subject=f"address/{row.address_id}", now=now)
    return Proven(person, row.address_id)


def stop_address(connection: Connection, actor: Actor, address_id: int, reason: str, *, now: datetime) -> None:
    """Stop an address: nothing is sent to it any more. The reason is kept; names and numbers do not belong in it.

    Raises:
        NotFound: there is no such address, or not for this actor.
        NotAllowed: the actor may not change people of this employer.
        BadInput: the reason is missing or too long, or the address is stopped already.
    """
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(t("Say why, in at most {most} characters.", most=LONGEST_REASON))
    door = address_in_use(connection, actor, address_id)
    require_writer(actor, door.employer_id)
    before = {"stopped_at": None, "stop_reason": ""}
    change = between(
        door.registrant_id, "address", address_id, before, {"stopped_at": now, "stop_reason": reason.strip()}
    )
    store.make_changes(connection, [change], by=actor.name, at=now)
    record(connection, actor=actor.name, action="address.stop", subject=f"address/{address_id}", now=now)
