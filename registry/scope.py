"""The one door to people's data: every query about persons, keys, postings, addresses and consent is here (DESIGN
promise 11).

What an actor may see is decided in `_seen`, and nowhere else. Selects are handed out unexecuted where another room
builds an `INSERT … SELECT` on them, so that a million people never pass through Python.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, case, exists, false, func, or_, select, text

from core.audit import record
from core.errors import NotAllowed
from core.i18n import t
from core.keys import KeyGone, MasterKeys, unseal
from core.tables import table
from registry.actors import Actor
from registry.masks import mask_address, mask_name
from registry.matching import address_index, name_index
from registry.people import AddressView, Channel, CountryCount, KnownPerson, PersonView, PostingView
from registry.tables import Address, Consent, PersonKey, Posting, PostingStatus, Registrant, Role

HERE, SOON, UNSURE, NOT_THERE = 0, 1, 2, 3
CHUNK = 900  # values in one IN list; older SQLite allows 999
NAME_CONTEXT = "registrant.name/{id}"
ADDRESS_CONTEXT = "address.value/{id}"

_people, _keys, _postings = table(Registrant), table(PersonKey), table(Posting)
_addresses, _consents = table(Address), table(Consent)


def _seen(actor: Actor, person: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition under which `actor` may know of `person`: not erased, and for a company its own people
    only.
    """
    keys, people = _keys.alias(), _people.alias()
    kept = exists().where(keys.c.registrant_id == person, keys.c.wrapped.is_not(None))
    if actor.is_office or actor.role == Role.AUDITOR:
        return kept
    if actor.role == Role.COMPANY and actor.employer_id is not None:
        return and_(kept, person.in_(select(people.c.id).where(people.c.employer_id == actor.employer_id)))
    return false()


def _rank(day: date, leaving_within_days: int) -> ColumnElement[int]:
    """Return how surely a posting puts a person in its country on `day`: here, leaving for it soon, unsure, not there.

    The dates decide, not the word alone: nobody edits a roster on the day of departure, so a planned stay whose first
    day has come counts as here, and one said to be abroad that has yet to begin counts as planned.
    """
    row, last = _postings.c, day + timedelta(days=leaving_within_days)
    stated = row.status.in_([PostingStatus.ABROAD, PostingStatus.PLANNED])
    planned_without_date = and_(row.status == PostingStatus.PLANNED, row.date_from.is_(None))
    begun = or_(row.date_from <= day, and_(row.date_from.is_(None), row.status == PostingStatus.ABROAD))
    here = and_(stated, begun, or_(row.date_to.is_(None), row.date_to >= day))
    soon = and_(stated, row.date_from > day, row.date_from <= last)
    overdue = and_(stated, row.date_to < day)
    doubtful = and_(row.status == PostingStatus.DOUBTFUL, or_(row.date_from.is_(None), row.date_from <= last))
    return case((here, HERE), (soon, SOON), (or_(doubtful, overdue, planned_without_date), UNSURE), else_=NOT_THERE)


def _planned(day: date) -> ColumnElement[int]:
    row = _postings.c
    without_date = and_(row.status == PostingStatus.PLANNED, row.date_from.is_(None))
    return case((row.date_from > day, 1), (without_date, 1), else_=0)


def people_in(
    actor: Actor,
    countries: Sequence[str],
    day: date,
    *,
    include_doubtful: bool = False,
    leaving_within_days: int = 14,
) -> Select[Any]:
    """Select the people to be told about something in these countries on `day`: one row per person.

    Columns: registrant_id, posting_id, employer_id, country, language, zone, planned (0 or 1), doubtful (0 or 1). Of several postings of a
    person the surest counts (there before leaving soon before doubtful), then the smallest id. The returned and the
    erased never appear.

    Args:
        actor: a company gets its own people only.
        countries: ISO alpha-2 codes.
        day: the night being worked, as a date of the office.
        include_doubtful: also those marked doubtful, those overdue, and those planned without a date.
        leaving_within_days: how many days ahead a departure counts.

    Raises:
        TypeError: `countries` is one string: its letters would be taken for countries, and nobody found.
    """
    if isinstance(countries, str):
        raise TypeError("countries: a sequence of codes, not one string")
    rank = _rank(day, leaving_within_days)
    order = func.row_number().over(partition_by=_postings.c.registrant_id, order_by=(rank, _postings.c.id))
    statuses = [PostingStatus.ABROAD, PostingStatus.PLANNED, *([PostingStatus.DOUBTFUL] if include_doubtful else [])]
    row = _postings.c
    best = (
        select(
            row.registrant_id, row.id.label("posting_id"), _people.c.employer_id, row.country, _people.c.language,
            row.zone, _planned(day).label("planned"), case((rank == UNSURE, 1), else_=0).label("doubtful"),
            order.label("choice"),
        )
        .join_from(_postings, _people, _people.c.id == row.registrant_id)
        .where(row.country.in_(sorted(set(countries))), row.status.in_(statuses))
        .where(rank <= (UNSURE if include_doubtful else SOON), _seen(actor, row.registrant_id))
        .subquery("best")
    )  # fmt: skip
    return select(*(column for column in best.c if column.name != "choice")).where(best.c.choice == 1)


def usable_addresses(actor: Actor) -> Select[Any]:
    """Select the addresses in use, with the columns address_id, registrant_id, channel, value_index, preference."""
    row = _addresses.c
    return select(row.id.label("address_id"), row.registrant_id, row.channel, row.value_index, row.preference).where(
        row.stopped_at.is_(None), _seen(actor, row.registrant_id)
    )


def standing_consents(actor: Actor) -> Select[Any]:
    """Select the consent that stands for each person: registrant_id, ground, foreign. The newest row decides;
    withdrawn is none.
    """
    row = _consents.c
    order = func.row_number().over(partition_by=row.registrant_id, order_by=row.id.desc()).label("choice")
    newest = (
        select(row.registrant_id, row.ground, row.foreign, row.withdrawn_at, order)
        .where(_seen(actor, row.registrant_id))
        .subquery("newest")
    )
    return select(newest.c.registrant_id, newest.c.ground, newest.c.foreign).where(
        newest.c.choice == 1, newest.c.withdrawn_at.is_(None)
    )


def open_addresses(
    connection: Connection, actor: Actor, address_ids: Sequence[int], keys: MasterKeys
) -> dict[int, str]:
    """Return the values of addresses by id. Absent: not there, not this actor's, of an erased person, or damaged.

    Raises:
        NotAllowed: the actor may not see numbers (an auditor).
        KeyGone: a master key is not at hand; no address may then count as gone.
    """
    if not actor.sees_plain:
        raise NotAllowed(t("{actor} may not see addresses.", actor=actor.name))
    opened: dict[int, str] = {}
    row = _addresses.c
    for chunk in _chunks(address_ids):
        query = (
            select(row.id, row.value_sealed, _keys.c.wrapped)
            .join_from(_addresses, _keys, _keys.c.registrant_id == row.registrant_id)
            .where(row.id.in_(chunk), _seen(actor, row.registrant_id))
        )
        for address in connection.execute(query):
            try:
                key = keys.unwrap(address.wrapped)
                opened[address.id] = unseal(key, address.value_sealed, ADDRESS_CONTEXT.format(id=address.id))
            except KeyGone:
                # A changed byte: this address is lost, the others are not. A missing master key would make all of them
                # look lost, and nobody would be told: that stops the work instead.
                if address.wrapped.partition(b":")[0] not in {name.encode() for name in keys.keys}:
                    raise
    return opened


def person_keys(connection: Connection, registrant_ids: Sequence[int]) -> dict[int, bytes]:
    """Return the wrapped data keys by person; the erased are absent. For the program's own sealing: no actor sees
    them.
    """
    found: dict[int, bytes] = {}
    for chunk in _chunks(registrant_ids):
        query = select(_keys.c.registrant_id, _keys.c.wrapped).where(
            _keys.c.registrant_id.in_(chunk), _keys.c.wrapped.is_not(None)
        )
        found.update((row.registrant_id, row.wrapped) for row in connection.execute(query))
    return found


def person_key(connection: Connection, registrant_id: int) -> bytes | None:
    """Return the wrapped data key of a person; None if the person is erased or unknown."""
    return person_keys(connection, [registrant_id]).get(registrant_id)


def count_by_country(
    connection: Connection, actor: Actor, day: date, *, leaving_within_days: int = 14
) -> tuple[CountryCount, ...]:
    """Count the people by country on `day`, by country code. Somebody with stays in two countries counts in both."""
    best = (
        select(_postings.c.country, func.min(_rank(day, leaving_within_days)).label("rank"))
        .where(_postings.c.status != PostingStatus.RETURNED, _seen(actor, _postings.c.registrant_id))
        .group_by(_postings.c.country, _postings.c.registrant_id)
        .subquery("best")
    )
    sums = [func.sum(case((best.c.rank == rank, 1), else_=0)) for rank in (HERE, SOON, UNSURE)]
    query = (
        select(best.c.country, *sums).where(best.c.rank < NOT_THERE).group_by(best.c.country).order_by(best.c.country)
    )
    return tuple(CountryCount(row[0], int(row[1]), int(row[2]), int(row[3])) for row in connection.execute(query))


def find_exact(
    connection: Connection, actor: Actor, index_key: bytes, *, name: str | None = None, phone: str | None = None
) -> tuple[int, ...]:
    """Return the ids of the people with exactly this name and/or this phone (E.164), in order; none if neither is
    given.
    """
    if name is None and phone is None:
        return ()
    query = select(_people.c.id).where(_seen(actor, _people.c.id)).order_by(_people.c.id)
    if name is not None:
        query = query.where(_people.c.name_index == name_index(index_key, name))
    if phone is not None:
        value = address_index(index_key, Channel.SMS, phone)
        query = query.where(
            _people.c.id.in_(select(_addresses.c.registrant_id).where(_addresses.c.value_index == value))
        )
    return tuple(connection.execute(query).scalars())


def list_people(
    connection: Connection,
    actor: Actor,
    keys: MasterKeys,
    *,
    now: datetime,
    country: str | None = None,
    employer: int | None = None,
    limit: int = 50,
    after: int = 0,
) -> list[PersonView]:
    """Show people one page at a time, by id; the look is written to the audit. Auditors get names and addresses masked.

    Args:
        now: time of the look.
        country: only those with a posting there that is not over by its word.
        employer: only those of this employer (its id).
        limit: at most this many, and never more than 900.
        after: the last id of the page before.

    Raises:
        KeyGone: a name or an address does not open.
    """
    query = select(_people, _keys.c.wrapped).join_from(_people, _keys, _keys.c.registrant_id == _people.c.id)
    query = (
        query.where(_people.c.id > after, _seen(actor, _people.c.id)).order_by(_people.c.id).limit(min(limit, CHUNK))
    )
    if employer is not None:
        query = query.where(_people.c.employer_id == employer)
    if country is not None:
        there = and_(_postings.c.country == country, _postings.c.status != PostingStatus.RETURNED)
        query = query.where(_people.c.id.in_(select(_postings.c.registrant_id).where(there)))
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    stays, addresses = _grouped(connection, _postings, ids), _grouped(connection, _addresses, ids)
    if ids:
        seen = ",".join(str(one) for one in ids)
        record(connection, actor=actor.name, action="people.view", subject="registrant", now=now, detail=seen)
    return [_view(row, stays[row.id], addresses[row.id], keys, masked=not actor.sees_plain) for row in rows]


def _view(
    person: Row[Any], stays: list[Row[Any]], addresses: list[Row[Any]], keys: MasterKeys, *, masked: bool
) -> PersonView:
    key = keys.unwrap(person.wrapped)
    name = unseal(key, person.name_sealed, NAME_CONTEXT.format(id=person.id))
    views = []
    for row in addresses:
        value = unseal(key, row.value_sealed, ADDRESS_CONTEXT.format(id=row.id))
        shown = mask_address(value) if masked else value
        views.append(
            AddressView(row.id, row.channel, shown, row.preference, row.verified_at, row.stopped_at, row.stop_reason)
        )
    views.sort(key=lambda view: (view.preference, view.address_id))
    shown_name, stay_views = mask_name(name) if masked else name, tuple(_posting_view(row) for row in stays)
    return PersonView(person.id, person.employer_id, shown_name, person.language, masked, stay_views, tuple(views))


def _posting_view(row: Row[Any]) -> PostingView:
    status = PostingStatus(row.status)
    return PostingView(row.id, row.country, status, row.date_from, row.date_to, row.city, row.site, row.confirmed_at)


def known_people(connection: Connection, actor: Actor, employer_id: int) -> tuple[KnownPerson, ...]:
    """Return what the register holds of the people of an employer, sealed values left shut, by id."""
    query = (
        select(_people).where(_people.c.employer_id == employer_id, _seen(actor, _people.c.id)).order_by(_people.c.id)
    )
    people = connection.execute(query).all()
    ids = [person.id for person in people]
    stays, addresses = _grouped(connection, _postings, ids), _grouped(connection, _addresses, ids)
    theirs = standing_consents(actor).subquery("theirs")
    foreign = set(connection.execute(select(theirs.c.registrant_id).where(theirs.c.foreign)).scalars())
    return tuple(
        KnownPerson(
            person.id, person.name_index, person.language, person.id in foreign,
            frozenset((row.channel, row.value_index) for row in addresses[person.id]),
            tuple(_posting_view(row) for row in stays[person.id]),
        )
        for person in people
    )  # fmt: skip


def _grouped(connection: Connection, rows: Table, people: Sequence[int]) -> defaultdict[int, list[Row[Any]]]:
    # The people were chosen through _seen: this only brings what belongs to them.
    grouped: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in _chunks(people):
        for row in connection.execute(select(rows).where(rows.c.registrant_id.in_(chunk)).order_by(rows.c.id)):
            grouped[row.registrant_id].append(row)
    return grouped


def free_ids(connection: Connection, kind: str, count: int) -> Sequence[int]:
    """Take `count` unused ids for rows of `kind` (`registrant` or `address`): a sealed value names its row, so ids
    come first.

    PostgreSQL hands them out of the column's own sequence. SQLite has one writer at a time, and this transaction is it.
    """
    rows = {"registrant": _people, "address": _addresses}[kind]
    if connection.dialect.name == "sqlite":
        first = connection.execute(select(func.coalesce(func.max(rows.c.id), 0))).scalar_one() + 1
        return range(first, first + count)
    query = text("SELECT nextval(pg_get_serial_sequence(:kind, 'id')) FROM generate_series(1, :count)")
    return list(connection.execute(query, {"kind": kind, "count": count}).scalars())


def _chunks(values: Sequence[int]) -> Iterator[Sequence[int]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def address_owner(connection: Connection, actor: Actor, address_id: int, keys: MasterKeys) -> tuple[int, bytes] | None:
    """Return whose address this is, and that person's key in clear; None if the address or the key is gone."""
    query = (
        select(_addresses.c.registrant_id, _keys.c.wrapped)
        .join_from(_addresses, _keys, _keys.c.registrant_id == _addresses.c.registrant_id)
        .where(_addresses.c.id == address_id, _seen(actor, _addresses.c.registrant_id))
    )
    row = connection.execute(query).first()
    return None if row is None else (row.registrant_id, keys.unwrap(row.wrapped))


def same_values(connection: Connection, actor: Actor, address_ids: Sequence[int]) -> list[int]:
    """Return every address with the same channel and value as one of these: one number may stand at several people."""
    given = _addresses.alias()
    found: set[int] = set()
    for chunk in _chunks(address_ids):
        query = (
            select(_addresses.c.id)
            .join(given, and_(given.c.channel == _addresses.c.channel, given.c.value_index == _addresses.c.value_index))
            .where(given.c.id.in_(chunk), _seen(actor, _addresses.c.registrant_id))
        )
        found.update(connection.execute(query).scalars())
    return sorted(found)
