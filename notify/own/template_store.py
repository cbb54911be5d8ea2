"""SQL of templates of manual alerts. They stand beside the wordings of notices; rows are only added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from core.tables import table
from notify.texts.tables import MessageTemplate

TEMPLATES = table(MessageTemplate)
PREFIX = "alert/"
PARTS = ("title_zh", "body_zh", "title_en", "body_en")


def add(connection: Connection, name: str, parts: Mapping[str, str], *, by: str, now: datetime) -> int:
    """Add a version of a template, one row a part; without a Chinese title it is out of use. Return the version."""
    c = TEMPLATES.c
    newest = select(func.coalesce(func.max(c.version), 0) + 1).where(c.name == PREFIX + name)
    version = int(connection.execute(newest).scalar_one())
    rows = [
        {"name": PREFIX + name, "language": part.rpartition("_")[2], "channel": part.partition("_")[0], "version": version,
         "body": parts[part], "active": bool(parts["title_zh"]), "created_at": now, "created_by": by}
        for part in PARTS
    ]  # fmt: skip
    connection.execute(insert(TEMPLATES), rows)
    return version


def newest(connection: Connection, name: str) -> tuple[int, dict[str, str]] | None:
    """Return the newest version of a template and its parts; None if there is none in use."""
    c = TEMPLATES.c
    last = select(func.max(c.version)).where(c.name == PREFIX + name).scalar_subquery()
    query = select(TEMPLATES).where(c.name == PREFIX + name, c.version == last, c.active)
    rows = connection.execute(query).all()
    return (rows[0].version, {f"{row.channel}_{row.language}": row.body for row in rows}) if rows else None


@dataclass(frozen=True)
class Version:
    """One version of a template: its parts, who wrote it, and whether it is of use (False: it was taken out of use then)."""

    number: int
    parts: Mapping[str, str]
    by: str
    at: datetime
    active: bool


def versions(connection: Connection, name: str) -> list[Version]:
    """Return every version of a template, newest first."""
    query = select(TEMPLATES).where(TEMPLATES.c.name == PREFIX + name).order_by(TEMPLATES.c.version.desc())
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.version, []).append(row)
    return [
        Version(number, {f"{row.channel}_{row.language}": row.body for row in rows}, rows[0].created_by, rows[0].created_at,
                rows[0].active)
        for number, rows in found.items()
    ]  # fmt: skip


def names(connection: Connection) -> list[str]:
    """Return the names of the templates in use."""
    c = TEMPLATES.c
    known = connection.execute(select(c.name).where(c.name.startswith(PREFIX)).distinct().order_by(c.name)).scalars()
    found = [name.removeprefix(PREFIX) for name in known]
    return [name for name in found if newest(connection, name) is not None]
