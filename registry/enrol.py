"""Enrolment: people go into the register, each under a key of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput
from core.i18n import t
from core.keys import MasterKeys, seal
from core.places.names import codes
from core.places.zones import zone
from registry import scope, store
from registry.accounts.store import wrapped_index_key
from registry.actors import Actor, require_writer
from registry.history import Change
from registry.matching import address_index, name_index
from registry.people import Channel, GivenConsent, NewAddress, NewContact, NewPerson, NewPosting
from registry.phones import calling_code

E164 = re.compile(r"\+[1-9]\d{6,14}")
LONGEST_RELATION = 40
PHONE_CHANNELS = frozenset({Channel.SMS.value, "voice", "whatsapp"})


@dataclass(frozen=True)
class Sealer:
    """What it takes to write people: the keys, the key of the blind index, who writes, and when."""

    keys: MasterKeys
    index_key: bytes
    actor: str
    now: datetime


def index_key(connection: Connection, keys: MasterKeys) -> bytes:
    """Return the key of the blind index of this database.

    Raises:
        WrongSetting: the database was not set up yet.
        KeyGone: the master key that wraps it is not at hand.
    """
    return keys.unwrap(wrapped_index_key(connection))


def enrol(
    connection: Connection,
    actor: Actor,
    people: Sequence[NewPerson],
    *,
    keys: MasterKeys,
    index_key: bytes,
    now: datetime,
) -> list[int]:
    """Write new people with their postings, addresses, consent and contacts; return their ids in the order given.

    Phones are E.164 already. An address given twice for one person is written once.

    Raises:
        NotAllowed: the actor may not write people of this employer.
        BadInput: a name is empty, a country is unknown, or an address is none. Nothing is written then.
    """
    for employer in {person.employer_id for person in people}:
        require_writer(actor, employer)
    for number, person in enumerate(people, start=1):
        check_person(number, person)
    sealer = Sealer(keys, index_key, actor.name, now)
    ids = list(scope.free_ids(connection, "registrant", len(people)))
    data_keys = [keys.new_key() for _ in people]
    rows = [_person_row(sealer, one, person, key) for one, person, (key, _) in zip(ids, people, data_keys, strict=True)]
    wraps = [
        {"registrant_id": one, "wrapped": wrapped, "created_at": now}
        for one, (_, wrapped) in zip(ids, data_keys, strict=True)
    ]
    store.add_people(connection, rows, wraps)
    given = zip(ids, data_keys, people, strict=True)
    add_addresses(
        connection, sealer, [(one, key, address) for one, (key, _), person in given for address in person.addresses]
    )
    add_postings(
        connection, sealer, [(one, stay) for one, person in zip(ids, people, strict=True) for stay in person.postings]
    )
    add_consents(connection, sealer, [(one, person.consent) for one, person in zip(ids, people, strict=True)])
    given = zip(ids, data_keys, people, strict=True)
    add_contacts(
        connection, sealer, [(one, key, contact) for one, (key, _), person in given for contact in person.contacts]
    )
    if ids:
        subject = f"registrant/{ids[0]}-{ids[-1]}"
        record(connection, actor=actor.name, action="people.enrol", subject=subject, now=now, detail=str(len(ids)))
    return ids


def check_person(number: int, person: NewPerson) -> None:
    """Refuse a person who cannot be enrolled.

    Raises:
        BadInput: with the number of the person: a name is empty, a country is unknown, or an address or number is none.
    """
    if not person.name.strip():
        raise BadInput(t("Person {number}: the name is missing.", number=number))
    for stay in person.postings:
        if stay.country not in codes():
            raise BadInput(t("Person {number}: {country} is no country code.", number=number, country=stay.country))
    for address in person.addresses:
        check_address(number, address)
    for contact in person.contacts:
        if contact.phone and not E164.fullmatch(contact.phone):
            raise BadInput(t("Person {number}: the number of the contact at home is none.", number=number))


def check_address(number: int, address: NewAddress) -> None:
    """Refuse what cannot be an address of its channel.

    Raises:
        BadInput: with the number of the person; the value is not repeated, because errors are logged.
    """
    bad_phone = address.channel in PHONE_CHANNELS and not E164.fullmatch(address.value)
    if bad_phone or (address.channel == Channel.EMAIL and "@" not in address.value):
        raise BadInput(
            t("Person {number}: an address of channel {channel} is none.", number=number, channel=address.channel)
        )


def _person_row(sealer: Sealer, one: int, person: NewPerson, key: bytes) -> dict[str, Any]:
    name = person.name.strip()
    return {
        "id": one,
        "employer_id": person.employer_id,
        "companion_of": person.companion_of,
        "name_sealed": seal(key, name, scope.NAME_CONTEXT.format(id=one)),
        "name_index": name_index(sealer.index_key, name),
        "language": person.language,
        "created_at": sealer.now, "created_by": sealer.actor, "updated_at": sealer.now, "updated_by": sealer.actor,
    }  # fmt: skip


def add_addresses(
    connection: Connection, sealer: Sealer, given: Iterable[tuple[int, bytes, NewAddress]]
) -> list[Change]:
    """Write addresses, each given with its person and that person's data key; repetitions are left out.

    Returns what was done, for the history; so do the others below.
    """
    wanted: dict[tuple[int, str, bytes], tuple[bytes, NewAddress]] = {}
    for one, key, address in given:
        index = address_index(sealer.index_key, address.channel, address.value)
        wanted.setdefault((one, address.channel, index), (key, address))
    ids = scope.free_ids(connection, "address", len(wanted))
    rows = [
        {
            "id": number, "registrant_id": one, "channel": channel, "value_index": index,
            "value_sealed": seal(key, address.value, scope.ADDRESS_CONTEXT.format(id=number)),
            "prefix": calling_code(address.value) if channel in PHONE_CHANNELS else "",
            "preference": address.preference, "verified_at": address.verified_at,
            "created_at": sealer.now, "created_by": sealer.actor,
        }
        for number, ((one, channel, index), (key, address)) in zip(ids, wanted.items(), strict=True)
    ]  # fmt: skip
    store.add_addresses(connection, rows)
    return _added("address", ("channel", "preference"), rows)


def add_postings(connection: Connection, sealer: Sealer, given: Iterable[tuple[int, NewPosting]]) -> list[Change]:
    """Write postings, each given with its person. What is written now is confirmed now."""
    now, who, all_given = sealer.now, sealer.actor, list(given)
    ids = scope.free_ids(connection, "posting", len(all_given))
    rows = [
        {
            "id": number, "registrant_id": one, "country": stay.country, "region": stay.region, "city": stay.city, "site": stay.site,
            "project": stay.project, "kind": stay.kind, "zone": stay.zone or zone(stay.country), "status": stay.status,
            "date_from": stay.date_from, "date_to": stay.date_to, "confirmed_at": now,
            "created_at": now, "created_by": who, "updated_at": now, "updated_by": who,
        }
        for number, (one, stay) in zip(ids, all_given, strict=True)
    ]  # fmt: skip
    store.add_postings(connection, rows)
    return _added("posting", ("country", "city", "site", "project", "date_from", "date_to", "status"), rows)


def add_consents(connection: Connection, sealer: Sealer, given: Iterable[tuple[int, GivenConsent]]) -> list[Change]:
    """Write consents, each given with its person."""
    all_given = list(given)
    ids = scope.free_ids(connection, "consent", len(all_given))
    rows = [
        {
            "id": number, "registrant_id": one, "ground": consent.ground, "text_version": consent.text_version,
            "foreign": consent.foreign, "given_at": sealer.now, "recorded_by": sealer.actor,
        }
        for number, (one, consent) in zip(ids, all_given, strict=True)
    ]  # fmt: skip
    store.add_consents(connection, rows)
    return _added("consent", ("ground", "foreign"), rows)


def add_contacts(
    connection: Connection, sealer: Sealer, given: Iterable[tuple[int, bytes, NewContact]]
) -> list[Change]:
    """Write contacts at home, each given with its person and that person's data key; one without a number is left out."""
    wanted = [(one, key, contact) for one, key, contact in given if contact.phone]
    ids = scope.free_ids(connection, "home_contact", len(wanted))
    rows = [
        {
            "id": number, "registrant_id": one, "relation": contact.relation[:LONGEST_RELATION],
            "name_sealed": seal(key, contact.name, scope.CONTACT_NAME_CONTEXT.format(id=number)),
            "phone_sealed": seal(key, contact.phone, scope.CONTACT_PHONE_CONTEXT.format(id=number)),
            "phone_index": address_index(sealer.index_key, Channel.SMS, contact.phone),
            "created_at": sealer.now, "created_by": sealer.actor,
        }
        for number, (one, key, contact) in zip(ids, wanted, strict=True)
    ]  # fmt: skip
    store.add_contacts(connection, rows)
    return _added("home_contact", ("relation",), rows)


def _added(table_name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> list[Change]:
    return [
        Change(row["registrant_id"], table_name, row["id"], None, {name: row[name] for name in columns}) for row in rows
    ]
