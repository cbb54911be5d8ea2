"""SQL of the versions of the policy. Rows are only ever added; the highest number holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from core.tables import table
from notify.rules.tables import PolicyVersion

POLICY_VERSIONS = table(PolicyVersion)


def newest(connection: Connection) -> PolicyVersion | None:
    """Return the version that holds; None if none was ever switched on."""
    query = select(POLICY_VERSIONS).order_by(POLICY_VERSIONS.c.no.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return PolicyVersion(**row) if row else None


def history(connection: Connection) -> list[PolicyVersion]:
    """Return every version, newest first."""
    query = select(POLICY_VERSIONS).order_by(POLICY_VERSIONS.c.no.desc())
    return [PolicyVersion(**row) for row in connection.execute(query).mappings()]


def add(connection: Connection, values: dict[str, Any]) -> bool:
    """Add a version under its number; False if somebody else took that number first."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(POLICY_VERSIONS).values(values).on_conflict_do_nothing(index_elements=["no"])
    return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1
