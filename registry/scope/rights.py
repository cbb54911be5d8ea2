"""One person with everything that is held of them; the erased; and those whose time of keeping has run out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, or_, select

from core.errors import NotFound
from core.i18n import t
from core.keys import MasterKeys, unseal
from core.tables import table
from registry.actors import Actor
from registry.asking.tables import Question
from registry.masks import mask_address, mask_name
from registry.people import AddressView
from registry.rights.model import (
    ChangeFile,
    ConsentFile,
    PersonFile,
    RequestFile,
    StayFile,
)
from registry.rights.tables import PersonRequest
from registry.scope.door import (
    ADDRESS_CONTEXT,
    ADDRESSES,
    CONSENTS,
    CONTACTS,
    KEYS,
    NAME_CONTEXT,
    PEOPLE,
    POSTINGS,
    chunks,
    grouped,
    seen,
)
from registry.scope.history import history_of
from registry.scope.home import contact_view
from registry.tables import PostingStatus, Role

REQUESTS, QUESTIONS = table(PersonRequest), table(Question)


def person_file(connection: Connection, actor: Actor, registrant_id: int, keys: MasterKeys) -> PersonFile:
    """Return everything that is held of a person. The caller writes the look to the audit.

    Raises:
        NotFound: there is no such person, not for this actor, or they were erased.
        KeyGone: something does not open.
    """
    person = _person(connection, actor, registrant_id)
    key, masked = keys.unwrap(person.wrapped), not actor.sees_plain
    name = unseal(key, person.name_sealed, NAME_CONTEXT.format(id=person.id))

    def rows(of: Any) -> list[Row[Any]]:
        return grouped(connection, of, [registrant_id])[registrant_id]

    return PersonFile(
        registrant_id=person.id, employer_id=person.employer_id, name=mask_name(name) if masked else name,
        language=person.language, masked=masked, created_at=person.created_at, created_by=person.created_by,
        postings=tuple(_stay(row) for row in rows(POSTINGS)),
        addresses=tuple(_address(row, key, masked=masked) for row in rows(ADDRESSES)),
        consents=tuple(
            ConsentFile(row.ground, row.text_version, row.foreign, row.given_at, row.withdrawn_at) for row in rows(CONSENTS)
        ),
        contacts=tuple(contact_view(row, key, masked=masked) for row in rows(CONTACTS)),
        changes=tuple(
            ChangeFile(one.at, one.by, one.change.table_name, one.change.row_id, tuple(sorted(one.change.after or {})))
            for one in history_of(connection, actor, registrant_id)
        ),
        requests=tuple(
            RequestFile(row.kind, row.asked_at, row.asked_by, row.done_at, row.result) for row in rows(REQUESTS)
        ),
    )  # fmt: skip


def employer_of(connection: Connection, actor: Actor, registrant_id: int) -> int | None:
    """Return the employer of a person.

    Raises:
        NotFound: there is no such person, not for this actor, or they were erased.
    """
    found: int | None = _person(connection, actor, registrant_id).employer_id
    return found


@dataclass(frozen=True)
class Way:
    """An address of a person, still shut. `stopped_at` None: in use."""

    address_id: int
    stopped_at: datetime | None
    stop_reason: str


def ways_of(connection: Connection, actor: Actor, registrant_id: int) -> dict[tuple[str, bytes], Way]:
    """Return the addresses of a person by channel and blind index, those that were stopped too."""
    row = ADDRESSES.c
    query = select(row.channel, row.value_index, row.id, row.stopped_at, row.stop_reason).where(
        row.registrant_id == registrant_id, seen(actor, row.registrant_id)
    )
    return {(one[0], one[1]): Way(*one[2:]) for one in connection.execute(query)}


def erased(connection: Connection, actor: Actor, registrant_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when people were erased, by person. Those who were not are absent; so is everybody for a company."""
    found: dict[int, datetime] = {}
    if actor.is_office or actor.role == Role.AUDITOR:
        for chunk in chunks(registrant_ids):
            query = select(KEYS.c.registrant_id, KEYS.c.destroyed_at).where(
                KEYS.c.registrant_id.in_(chunk), KEYS.c.destroyed_at.is_not(None)
            )
            found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def over_since(actor: Actor, moment: datetime, day: date) -> Select[Any]:
    """Select the people (registrant_id) all of whose stays were over by `moment` (on `day`): their purpose has ended.

    A stay is over if somebody said "returned" by then, or if its end had come by then and nobody has touched or confirmed
    it since. Whoever a company is still being asked about stays, and so does whoever has no stay at all: they may have
    registered before a journey.
    """
    row = POSTINGS.alias()
    said = and_(row.c.status == PostingStatus.RETURNED, row.c.updated_at <= moment)
    ended = and_(row.c.date_to < day, row.c.updated_at <= moment, row.c.confirmed_at <= moment)
    theirs = row.c.registrant_id == PEOPLE.c.id
    asked = exists().where(QUESTIONS.c.registrant_id == PEOPLE.c.id, QUESTIONS.c.answered_at.is_(None))
    # Not "not over": without an end a comparison with the end is neither true nor false.
    standing = exists().where(theirs, or_(said, and_(row.c.date_to.is_not(None), ended)).is_not(True))
    return (
        select(PEOPLE.c.id.label("registrant_id"))
        .where(seen(actor, PEOPLE.c.id), exists().where(theirs), ~standing, ~asked)
        .order_by(PEOPLE.c.id)
    )


def known_values() -> Select[Any]:
    """Select the blind index of every address in the register: what is not among them leads to nobody any more."""
    return select(ADDRESSES.c.value_index)


def _person(connection: Connection, actor: Actor, registrant_id: int) -> Row[Any]:
    query = select(PEOPLE, KEYS.c.wrapped).join_from(PEOPLE, KEYS, KEYS.c.registrant_id == PEOPLE.c.id)
    person = connection.execute(query.where(PEOPLE.c.id == registrant_id, seen(actor, PEOPLE.c.id))).first()
    if person is None:
        raise NotFound(t("There is no person {number}.", number=registrant_id))
    return person


def _stay(row: Row[Any]) -> StayFile:
    return StayFile(
        row.id, row.country, row.region, row.city, row.site, row.project, row.kind, row.status, row.date_from,
        row.date_to, row.confirmed_at,
    )  # fmt: skip


def _address(row: Row[Any], key: bytes, *, masked: bool) -> AddressView:
    value = unseal(key, row.value_sealed, ADDRESS_CONTEXT.format(id=row.id))
    shown = mask_address(value) if masked else value
    return AddressView(row.id, row.channel, shown, row.preference, row.verified_at, row.stopped_at, row.stop_reason)
