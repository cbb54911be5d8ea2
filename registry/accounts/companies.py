"""Queries on companies for the list of the office: page by page, by a part of the name. No personal data is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from core.tables import table
from registry.asking.tables import ConfirmationRound
from registry.employers import EmployerView
from registry.tables import Employer, EmployerContact, RosterImport, User, UserToken

_employers, _contacts, _imports = table(Employer), table(EmployerContact), table(RosterImport)
_rounds, _users, _tokens = table(ConfirmationRound), table(User), table(UserToken)
ESCAPE = "\\"


class Of(StrEnum):
    """Of which companies the list is: all, those without a contact who can sign in, those that owe this month's answer, those
    nobody at the office has verified.
    """

    ALL = "all"
    SHUT = "shut"
    OWING = "owing"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Asked:
    """Which companies are wanted. `text`: their code, or a part of their name; empty: any."""

    text: str = ""
    of: Of = Of.ALL


def page_of_employers(
    connection: Connection, asked: Asked, *, after: int = 0, limit: int = 50
) -> tuple[EmployerView, ...]:
    """Return the companies wanted, by number, at most `limit` after the number `after`. For the office alone."""
    query = select(_employers).where(_employers.c.id > after, *_narrowed(asked)).order_by(_employers.c.id).limit(limit)
    return tuple(
        EmployerView(row.id, row.code, row.name, row.district, row.sector, row.verified_at)
        for row in connection.execute(query)
    )


def count_employers(connection: Connection, asked: Asked) -> int:
    """Count the companies wanted."""
    query = select(func.count()).select_from(_employers).where(*_narrowed(asked))
    return int(connection.execute(query).scalar_one())


def names_of_employers(connection: Connection, employers: Sequence[int]) -> dict[int, str]:
    """Return the names of these companies."""
    query = select(_employers.c.id, _employers.c.name).where(_employers.c.id.in_(employers))
    return {row[0]: row[1] for row in connection.execute(query)}


def last_lists(connection: Connection, employers: Sequence[int]) -> dict[int, datetime]:
    """Return when a list of these companies was last applied that stands. Absent: none was."""
    row = _imports.c
    query = select(row.employer_id, func.max(row.created_at)).where(
        row.employer_id.in_(employers), row.undone_at.is_(None)
    )
    return {one[0]: one[1] for one in connection.execute(query.group_by(row.employer_id))}


def count_tokens_of(connection: Connection, employer_id: int) -> int:
    """Count the tokens of a company's systems that work."""
    query = select(func.count()).join_from(_tokens, _users, _users.c.id == _tokens.c.user_id)
    mine = (_users.c.employer_id == employer_id, _users.c.active.is_(True), _tokens.c.revoked_at.is_(None))
    return int(connection.execute(query.where(*mine)).scalar_one())


def _narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.text:
        part = asked.text
        for sign in (ESCAPE, "%", "_"):
            part = part.replace(sign, ESCAPE + sign)
        found.append(or_(_employers.c.code == asked.text.upper(), _employers.c.name.ilike(f"%{part}%", escape=ESCAPE)))
    row = _contacts.c
    mine = and_(row.employer_id == _employers.c.id, row.ended_at.is_(None), row.wrapped.is_not(None))
    if asked.of is Of.SHUT:
        found.append(~exists().where(mine, row.email_sealed.is_not(None)))
    elif asked.of is Of.OWING:
        found.append(exists().where(_rounds.c.employer_id == _employers.c.id, _rounds.c.answered_at.is_(None)))
    elif asked.of is Of.UNVERIFIED:
        found.append(_employers.c.verified_at.is_(None))
    return found
