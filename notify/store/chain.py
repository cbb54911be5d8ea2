"""SQL of the chain of an alert: how many people its next version goes to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from notify.own.audience import people_of
from notify.store.outbox import told_before
from notify.tables import AlertVersion, VersionKind


def reach(connection: Connection, version: AlertVersion, earlier: Sequence[int]) -> tuple[int, int]:
    """Count the people who were told by earlier versions, or may have been, and those who would be told for the first time."""
    told = told_before(earlier).subquery("told")
    known = connection.execute(select(func.count()).select_from(told)).scalar_one() if earlier else 0
    if version.kind == VersionKind.ALL_CLEAR or version.told_only:
        return known, 0
    there = people_of(connection, version).subquery("there")
    query = select(func.count()).select_from(there)
    if earlier:
        query = query.where(there.c.registrant_id.not_in(select(told.c.registrant_id)))
    return known, connection.execute(query).scalar_one()
