"""A new address of somebody who proved who they are: it is not used before a code came back from it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from registry import scope, store
from registry.actors import SYSTEM, Actor, require_writer
from registry.enrol import Sealer, add_addresses, check_address
from registry.history import Change, between
from registry.matching import address_index
from registry.people import NewAddress
from registry.rights.correct import correct
from registry.rights.model import Correction
from registry.scope.history import as_they_are
from registry.scope.residents import door_to
from registry.scope.rights import employer_of, person_file, ways_of
from registry.signup.model import Pending, Purpose, Refusal
from registry.signup.verify import Proven, code_for, pass_check

UNPROVEN = "not proven"
"""Why an address is stopped from which no code has come back yet."""


def begin_address(
    connection: Connection, actor: Actor, registrant_id: int, address: NewAddress, *, sealer: Sealer
) -> Pending:
    """Write down a new address, out of use, and make a code for it.

    Raises:
        NotFound: there is no such person, or not for this actor.
        NotAllowed: a company registered the person.
        BadInput: it is no address, it is in use already, or three codes went to it within the hour.
        KeyGone: the master key is not at hand.
    """
    require_writer(actor, employer_of(connection, actor, registrant_id))
    check_address(1, address)
    index = address_index(sealer.index_key, address.channel, address.value)
    way = ways_of(connection, actor, registrant_id).get((address.channel, index))
    if way is not None and way.stopped_at is None:
        raise BadInput(t("This address is registered already."))
    number = _written(connection, actor, registrant_id, address, sealer) if way is None else way.address_id
    door = door_to(connection, SYSTEM, number)
    return code_for(connection, door, Purpose.VERIFY, keys=sealer.keys, index_key=sealer.index_key, now=sealer.now)


def take_address(
    connection: Connection, actor: Actor, ticket: str, code: str, *, also: Sequence[int] = (), sealer: Sealer
) -> Proven | Refusal:
    """Use a new address from now on, if the code is right. The caller commits a refusal too: it was a try.

    Args:
        also: companions who are reached over it as well.

    Raises:
        NotFound: the ticket is none, or somebody is not this actor's.
        NotAllowed: a company registered one of them.
    """
    proven = pass_check(connection, ticket, code, index_key=sealer.index_key, now=sealer.now)
    if isinstance(proven, Refusal):
        return proven
    require_writer(actor, employer_of(connection, actor, proven.registrant_id))
    before = as_they_are(connection, actor, "address", [proven.address_id], ("stopped_at", "stop_reason"))
    used = between(
        proven.registrant_id, "address", proven.address_id, before[proven.address_id], {"stopped_at": None, "stop_reason": ""}
    )  # fmt: skip
    store.make_changes(connection, [used], by=actor.name, at=sealer.now)
    if also:
        mine = person_file(connection, actor, proven.registrant_id, sealer.keys).addresses
        (one,) = [way for way in mine if way.address_id == proven.address_id]
        new = NewAddress(one.channel, one.value, one.preference, sealer.now)
        for companion in also:
            correct(connection, actor, companion, Correction(add=(new,)), sealer=sealer)
    return proven


def stop_way(connection: Connection, actor: Actor, registrant_id: int, address_id: int, *, sealer: Sealer) -> None:
    """Stop an address of one's own, but never the last one: nothing would reach this person.

    Raises:
        NotFound: there is no such address, or not for this actor.
        NotAllowed: a company registered the person.
        BadInput: it is the only one in use.
    """
    in_use = {way.address_id for way in ways_of(connection, actor, registrant_id).values() if way.stopped_at is None}
    if address_id not in in_use:
        raise NotFound(t("There is no address {number}.", number=address_id))
    if len(in_use) == 1:
        raise BadInput(t("This is the only way to reach this person. Give another one first, or leave the register."))
    correct(connection, actor, registrant_id, Correction(stop=(address_id,)), sealer=sealer)


def _written(connection: Connection, actor: Actor, one: int, address: NewAddress, sealer: Sealer) -> int:
    key = sealer.keys.unwrap(scope.person_key(connection, one))
    added = add_addresses(connection, sealer, [(one, key, address)])
    store.add_changes(connection, added, by=actor.name, at=sealer.now)
    number = added[0].row_id
    waiting = Change(
        one, "address", number, {"stopped_at": None, "stop_reason": ""},
        {"stopped_at": sealer.now, "stop_reason": UNPROVEN},
    )  # fmt: skip
    store.make_changes(connection, [waiting], by=actor.name, at=sealer.now)
    record(connection, actor=actor.name, action="resident.address", subject=f"registrant/{one}", now=sealer.now)
    return number
