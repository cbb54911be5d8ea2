"""SQL of what was told by hand. Rows are only ever added: a mistake is withdrawn by a second row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, insert, select

from core.tables import table
from notify.byhand.tables import ByHand

BY_HAND = table(ByHand)
Number = int | ColumnElement[int]


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Write one row; return its number."""
    return int(connection.execute(insert(BY_HAND).values(values).returning(BY_HAND.c.id)).scalar_one())


def one(connection: Connection, number: int) -> ByHand | None:
    """Return one row; None if there is none of that number."""
    row = connection.execute(select(BY_HAND).where(BY_HAND.c.id == number)).mappings().first()
    return ByHand(**row) if row else None


def rows(
    connection: Connection,
    *,
    alert_id: int | None = None,
    registrant_id: int | None = None,
    employer_id: int | None = None,
) -> list[ByHand]:
    """Return what was told by hand, in the order it was written: of an alert, a person, a company, or all of it."""
    query = select(BY_HAND).order_by(BY_HAND.c.id)
    wanted = {"alert_id": alert_id, "registrant_id": registrant_id, "employer_id": employer_id}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(BY_HAND.c[name] == value)
    return [ByHand(**row) for row in connection.execute(query).mappings()]


def person_told(registrant: ColumnElement[int], alert_id: Number, version_id: Number) -> ColumnElement[bool]:
    """Return the condition that a person was told by hand of this version of an alert, or of a later one. Never null."""
    row = BY_HAND.alias()
    return registrant.in_(_standing(row, row.c.registrant_id, alert_id, version_id))


def company_told(employer: ColumnElement[Any], alert_id: Number, version_id: Number) -> ColumnElement[bool]:
    """Return the condition that a company was told by hand, and said that its people were told. Never null."""
    row = BY_HAND.alias()
    told = _standing(row, row.c.employer_id, alert_id, version_id).where(row.c.confirmed)
    return func.coalesce(employer, 0).in_(told)


def _standing(row: Any, column: ColumnElement[Any], alert_id: Number, version_id: Number) -> Select[Any]:
    """Select what stands as a set, so that the database makes it once and not once a person; without nulls, which no set bears."""
    later = BY_HAND.alias()
    withdrawn = exists().where(later.c.withdraws == row.c.id)
    word = and_(row.c.alert_id == alert_id, row.c.version_id >= version_id, row.c.withdraws.is_(None))
    return select(column).where(word, column.is_not(None), ~withdrawn)
