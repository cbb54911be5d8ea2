"""The history of the register: what an import did, what was done to a person, and how rows are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from core.tables import table
from registry.actors import Actor
from registry.history import CONFIRMED, DOUBLE, Change, PastChange, Values, from_json
from registry.rights.model import RequestKind
from registry.rights.tables import PersonRequest
from registry.scope.door import ADDRESSES, CONSENTS, CONTACTS, PEOPLE, POSTINGS, chunks, seen
from registry.signup.tables import AddressCheck
from registry.tables import RegisterChange, RosterImport

CHANGES = table(RegisterChange)
ROWS = {"registrant": PEOPLE, "posting": POSTINGS, "address": ADDRESSES, "consent": CONSENTS, "home_contact": CONTACTS}


def changes_of_import(connection: Connection, actor: Actor, import_id: int) -> list[PastChange]:
    """Return what a roster changed, newest first. Of people erased since there is nothing."""
    query = select(CHANGES).where(CHANGES.c.import_id == import_id, seen(actor, CHANGES.c.registrant_id))
    return [_past(row) for row in connection.execute(query.order_by(CHANGES.c.id.desc()))]


def history_of(connection: Connection, actor: Actor, registrant_id: int) -> list[PastChange]:
    """Return everything that was done to a person, oldest first; nothing if this actor may not know of them."""
    query = select(CHANGES).where(CHANGES.c.registrant_id == registrant_id, seen(actor, CHANGES.c.registrant_id))
    return [_past(row) for row in connection.execute(query.order_by(CHANGES.c.id))]


def changed_later(
    connection: Connection, actor: Actor, registrant_ids: Sequence[int], import_id: int
) -> list[PastChange]:
    """Return what was done to these people after a roster, oldest first. What was undone since is left out, and so is what was
    only said of them (`double`).
    """
    imports = table(RosterImport)
    undone = select(imports.c.id).where(imports.c.undone_at.is_not(None))
    last = select(func.max(CHANGES.c.id)).where(CHANGES.c.import_id == import_id).scalar_subquery()
    found: list[PastChange] = []
    for chunk in chunks(registrant_ids):
        query = select(CHANGES).where(
            CHANGES.c.registrant_id.in_(chunk),
            CHANGES.c.id > last,
            CHANGES.c.table_name != DOUBLE,
            or_(CHANGES.c.import_id.is_(None), CHANGES.c.import_id.not_in(undone)),
            seen(actor, CHANGES.c.registrant_id),
        )
        found += [_past(row) for row in connection.execute(query.order_by(CHANGES.c.id))]
    return found


def erased_at_own_wish(connection: Connection, actor: Actor, employer_id: int) -> tuple[date, ...]:
    """Return the days (UTC) on which people whom rosters of this employer had brought were erased because they asked for it.

    Nothing is kept by which they could be recognised: a keyed fingerprint of a name or number would be personal data too
    (PIPL art. 4 and 47: whoever holds the key can try names). That there were some, and when, is no secret to the employer.
    """
    if not (actor.is_office or actor.employer_id == employer_id):
        return ()
    imports, asked = table(RosterImport), table(PersonRequest)
    query = (
        select(asked.c.done_at)
        .join_from(asked, CHANGES, CHANGES.c.registrant_id == asked.c.registrant_id)
        .join(imports, imports.c.id == CHANGES.c.import_id)
        .where(
            imports.c.employer_id == employer_id,
            CHANGES.c.table_name == "registrant",
            CHANGES.c.row_id == asked.c.registrant_id,
        )
        .where(asked.c.kind == RequestKind.ERASURE, asked.c.done_at.is_not(None))
        .distinct()
    )
    return tuple(sorted({moment.date() for moment in connection.execute(query).scalars() if moment is not None}))


def confirmed_before(moment: datetime) -> ColumnElement[bool]:
    """Return the condition of lines of the history before a moment that say no more than that all was as it was.

    Each company writes one for each of its stays every month; what counts is the last, and that stands in the stay itself.
    """
    row = CHANGES.c
    said = row.after.like(f'{{"{CONFIRMED}": "%') & row.after.not_like("%,%")  # as `to_json` writes one column
    return (row.at < moment) & (row.table_name == "posting") & row.before.is_not(None) & said


def as_they_are(
    connection: Connection, actor: Actor, table_name: str, row_ids: Iterable[int], columns: Sequence[str]
) -> dict[int, Values]:
    """Return columns of rows as they are now, by id of the row. Absent: not there, or not for this actor."""
    rows = ROWS[table_name]
    person = rows.c.id if table_name == "registrant" else rows.c.registrant_id
    found: dict[int, Values] = {}
    for chunk in chunks(sorted(set(row_ids))):
        query = select(rows.c.id, *(rows.c[name] for name in columns)).where(rows.c.id.in_(chunk), seen(actor, person))
        found.update((row[0], dict(zip(columns, row[1:], strict=True))) for row in connection.execute(query))
    return found


def addresses_being_checked(connection: Connection, address_ids: Sequence[int]) -> set[int]:
    """Return those of these addresses to which a code was sent, to prove whose they are."""
    checks = table(AddressCheck)
    found: set[int] = set()
    for chunk in chunks(address_ids):
        query = select(checks.c.address_id).where(checks.c.address_id.in_(chunk))
        found.update(connection.execute(query).scalars())
    return found


def _past(row: Row[Any]) -> PastChange:
    change = Change(row.registrant_id, row.table_name, row.row_id, from_json(row.before), from_json(row.after))
    return PastChange(row.id, change, row.import_id, row.at, row.by)
