"""What erasing a person overwrites: the key first of all, and whatever lies in clear or could be compared.

A blind index tells that two values are equal, so it goes too: random bytes take its place. What stays is in `docs/security.md`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from core.errors import NotFound
from core.i18n import t
from core.tables import table
from registry.scope.door import ADDRESSES, CONTACTS, PEOPLE, POSTINGS, chunks
from registry.signup.tables import AddressCheck, Registration
from registry.store import destroy_keys
from registry.tables import EmployerContact, PostingStatus, RegisterChange

CHECKS, REGISTRATIONS = table(AddressCheck), table(Registration)
CHANGES, LIAISONS = table(RegisterChange), table(EmployerContact)
INDEX = 16
ERASED = "erased"


def wipe_people(connection: Connection, registrant_ids: Sequence[int], *, by: str, at: datetime) -> None:
    """Destroy the keys of people and everything of theirs that could be read or compared without a key."""
    destroy_keys(connection, registrant_ids, by=by, at=at)
    person = {
        "name_sealed": b"",
        "employer_id": None,
        "companion_of": None,
        "language": "zh",
        "updated_at": at,
        "updated_by": by,
    }
    stay = {"region": "", "city": "", "site": "", "project": "", "kind": "", "date_from": None, "date_to": None,
            "status": PostingStatus.RETURNED, "updated_at": at, "updated_by": by}  # fmt: skip
    address = {"value_sealed": b"", "verified_at": None, "stopped_at": at, "stop_reason": ERASED}
    for chunk in chunks(registrant_ids):
        theirs = select(ADDRESSES.c.id).where(ADDRESSES.c.registrant_id.in_(chunk))
        connection.execute(delete(CHECKS).where(CHECKS.c.address_id.in_(theirs)))
        connection.execute(delete(CONTACTS).where(CONTACTS.c.registrant_id.in_(chunk)))
        connection.execute(update(CHANGES).where(CHANGES.c.registrant_id.in_(chunk)).values(before=None, after=None))
        connection.execute(update(POSTINGS).where(POSTINGS.c.registrant_id.in_(chunk)).values(stay))
        connection.execute(update(PEOPLE).where(PEOPLE.c.id.in_(chunk)).values(person))
        connection.execute(update(ADDRESSES).where(ADDRESSES.c.registrant_id.in_(chunk)).values(address))
        given = update(REGISTRATIONS).where(REGISTRATIONS.c.registrant_id.in_(chunk))
        connection.execute(given.values(wrapped=None, payload=b"", code_hash=b""))
        _blur(connection, PEOPLE, "name_index", list(chunk))
        _blur(connection, ADDRESSES, "value_index", list(connection.execute(theirs).scalars()))
        signed_up = select(REGISTRATIONS.c.id).where(REGISTRATIONS.c.registrant_id.in_(chunk))
        _blur(connection, REGISTRATIONS, "address_index", list(connection.execute(signed_up).scalars()))


def wipe_liaison(connection: Connection, contact_id: int, *, by: str, at: datetime) -> int:
    """Destroy the key of a company's contact and what it opened; return the id of the company.

    Raises:
        NotFound: there is no such contact, or it was erased before.
    """
    query = select(LIAISONS.c.employer_id).where(LIAISONS.c.id == contact_id, LIAISONS.c.wrapped.is_not(None))
    employer = connection.execute(query).scalar()
    if employer is None:
        raise NotFound(t("There is no contact {number} of a company.", number=contact_id))
    gone: dict[str, Any] = {"wrapped": None, "name_sealed": b"", "phone_sealed": None, "email_sealed": None,
                            "ended_at": at, "ended_by": by}  # fmt: skip
    connection.execute(update(LIAISONS).where(LIAISONS.c.id == contact_id).values(gone))
    return int(employer)


def _blur(connection: Connection, rows: Table, column: str, ids: Sequence[int]) -> None:
    """Put random bytes, different in every row, in place of a blind index."""
    if ids:
        statement = update(rows).where(rows.c.id == bindparam("b_id")).values({column: bindparam("b_index")})
        connection.execute(statement, [{"b_id": one, "b_index": secrets.token_bytes(INDEX)} for one in ids])
