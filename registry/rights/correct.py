"""Correction: what a person, or their company for them, asks to have put right. Each change is in the history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from core.keys import seal, unseal
from core.languages import is_language, no_language
from registry import scope, store
from registry.actors import Actor, require_writer
from registry.enrol import Sealer, add_addresses, check_address
from registry.history import Change, Values, between
from registry.matching import address_index, name_index
from registry.rights.consents import write_employers_word, write_own_word
from registry.rights.model import SPOKEN, Correction, RequestKind, StayFix
from registry.rights.store import add_request
from registry.scope.history import as_they_are
from registry.scope.rights import employer_of, ways_of

STOPPED = "asked"


def correct(connection: Connection, actor: Actor, registrant_id: int, wanted: Correction, *, sealer: Sealer) -> int:
    """Put right what is wanted of a person; return how many rows changed. What is so already changes nothing.

    Raises:
        NotFound: there is no such person, address or stay, or not for this actor.
        NotAllowed: the actor may not write people of this employer.
        BadInput: a name is empty, a language is not one of ours, an address is none, or a stay ends before it begins.
        WithdrewThemselves: a company says yes to providers abroad where the person themselves said no.
    """
    require_writer(actor, employer_of(connection, actor, registrant_id))
    wrapped = scope.person_key(connection, registrant_id)
    key = sealer.keys.unwrap(wrapped)
    changes = [
        *_of_person(connection, actor, registrant_id, wanted, key, sealer),
        *_of_addresses(connection, actor, registrant_id, wanted, sealer),
        *_of_stay(connection, actor, registrant_id, wanted.stay),
    ]
    changed = [one for one in changes if one.after]
    store.make_changes(connection, changed, by=actor.name, at=sealer.now)
    added = _add(connection, actor, registrant_id, wanted, key, sealer)
    if wanted.foreign is not None:
        added += _consent(connection, actor, registrant_id, foreign=wanted.foreign, sealer=sealer)
    names = ",".join(sorted({one.table_name for one in [*changed, *added]}))
    add_request(connection, registrant_id, RequestKind.CORRECTION, by=actor.name, now=sealer.now, result=names)
    subject = f"registrant/{registrant_id}"
    record(connection, actor=actor.name, action="person.correction", subject=subject, now=sealer.now, detail=names)
    return len(changed) + len(added)


def _consent(connection: Connection, actor: Actor, one: int, *, foreign: bool, sealer: Sealer) -> list[Change]:
    if actor.is_office:
        return write_own_word(connection, [one], SPOKEN, foreign=foreign, sealer=sealer)
    return write_employers_word(connection, one, foreign=foreign, sealer=sealer)


def _of_person(
    connection: Connection, actor: Actor, one: int, wanted: Correction, key: bytes, sealer: Sealer
) -> Iterator[Change]:
    before = as_they_are(connection, actor, "registrant", [one], ("name_sealed", "name_index", "language"))[one]
    after: dict[str, object] = {}
    if wanted.name is not None:
        if not wanted.name.strip():
            raise BadInput(t("The name is missing."))
        name, context = wanted.name.strip(), scope.NAME_CONTEXT.format(id=one)
        if unseal(key, cast(bytes, before["name_sealed"]), context) != name:
            after |= {"name_sealed": seal(key, name, context), "name_index": name_index(sealer.index_key, name)}
    if wanted.language is not None:
        if not is_language(wanted.language):
            raise BadInput(no_language(wanted.language))
        after["language"] = wanted.language
    yield between(one, "registrant", one, before, after)


def _of_addresses(
    connection: Connection, actor: Actor, one: int, wanted: Correction, sealer: Sealer
) -> Iterator[Change]:
    columns = ("registrant_id", "stopped_at", "stop_reason")
    rows = as_they_are(connection, actor, "address", wanted.stop, columns)
    for number in wanted.stop:
        before = _theirs(rows.get(number), one, number)
        if before["stopped_at"] is None:
            yield between(one, "address", number, before, {"stopped_at": sealer.now, "stop_reason": STOPPED})


def _of_stay(connection: Connection, actor: Actor, one: int, fix: StayFix | None) -> Iterator[Change]:
    if fix is None:
        return
    columns = ("registrant_id", "status", "city", "site", "date_from", "date_to")
    rows = as_they_are(connection, actor, "posting", [fix.posting_id], columns)
    before = _theirs(rows.get(fix.posting_id), one, fix.posting_id)
    given = {
        "status": fix.status,
        "city": fix.city,
        "site": fix.site,
        "date_from": fix.date_from,
        "date_to": fix.date_to,
    }
    after: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    after |= {name: None for name, gone in (("date_from", fix.no_start), ("date_to", fix.no_end)) if gone}
    start, end = (after.get(name, before[name]) for name in ("date_from", "date_to"))
    if start is not None and end is not None and end < start:  # type: ignore[operator]
        raise BadInput(t("A stay cannot end before it begins."))
    yield between(one, "posting", fix.posting_id, before, after)


def _theirs(before: Values | None, one: int, number: int) -> Values:
    if before is None or before["registrant_id"] != one:
        raise NotFound(t("Person {person} has no row {number}.", person=one, number=number))
    return before


def _add(
    connection: Connection, actor: Actor, one: int, wanted: Correction, key: bytes, sealer: Sealer
) -> list[Change]:
    """Write the new addresses, and take those up again that are known and were stopped."""
    known = ways_of(connection, actor, one)
    fresh, again = [], []
    for address in wanted.add:
        check_address(one, address)
        way = known.get((address.channel, address_index(sealer.index_key, address.channel, address.value)))
        if way is None:
            fresh.append((one, key, address))
        elif way.stopped_at is not None:
            before = {"stopped_at": way.stopped_at, "stop_reason": way.stop_reason}
            again.append(between(one, "address", way.address_id, before, {"stopped_at": None, "stop_reason": ""}))
    store.make_changes(connection, again, by=actor.name, at=sealer.now)
    added = add_addresses(connection, sealer, fresh)
    store.add_changes(connection, added, by=actor.name, at=sealer.now)
    return [*added, *again]
