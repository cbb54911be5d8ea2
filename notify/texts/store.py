"""SQL of the office's own wordings and numbers. Rows are only added: what was said before can be read later."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from sqlalchemy import Connection, Row, func, insert, select

from core.tables import table
from notify.texts.helplines import Certainty, Helpline, Kind
from notify.texts.rules import Form
from notify.texts.tables import HelplineRow, MessageTemplate
from notify.texts.wording import Wording

TEMPLATES, LINES = table(MessageTemplate), table(HelplineRow)
NOTICE = "notice"


def add_wording(
    connection: Connection,
    form: Form,
    language: str,
    body: str,
    *,
    by: str,
    now: datetime,
    name: str = NOTICE,
) -> int:
    """Add a version of a wording, empty for back to the usual one; return its number in the row of versions.

    Args:
        name: of the set of wordings; a route of the policy may name another than the usual one.
    """
    c = TEMPLATES.c
    mine = (c.name == name, c.language == language, c.channel == form)
    version = connection.execute(select(func.coalesce(func.max(c.version), 0) + 1).where(*mine)).scalar_one()
    values = {
        "name": name, "language": language, "channel": form, "version": version, "body": body, "active": bool(body),
        "created_at": now, "created_by": by,
    }  # fmt: skip
    connection.execute(insert(TEMPLATES).values(values))
    return int(version)


def wording_rows(connection: Connection, name: str = NOTICE) -> list[MessageTemplate]:
    """Return every version of every wording of a set, newest first."""
    query = select(TEMPLATES).where(TEMPLATES.c.name == name).order_by(TEMPLATES.c.id.desc())
    return [MessageTemplate(**row) for row in connection.execute(query).mappings()]


def own_wordings(connection: Connection, name: str = NOTICE) -> dict[tuple[Form, str], Wording]:
    """Return the wordings of a set that are in use: the newest of each form and language, if it is active."""
    newest: dict[tuple[str, str], MessageTemplate] = {}
    prefix = "own" if name == NOTICE else f"own-{name}"
    for row in wording_rows(connection, name):
        newest.setdefault((row.channel, row.language), row)
    forms: dict[str, Form] = {form: form for form in get_args(Form)}
    return {
        (forms[form], language): Wording(f"{prefix}:{form}.{language}/{used.version}", used.body)
        for (form, language), used in sorted(newest.items())
        if used.active and form in forms
    }


def languages(connection: Connection) -> tuple[str, ...]:
    """Return the languages in which the office has a wording of its own in use, whatever the set, in order."""
    names = connection.execute(select(TEMPLATES.c.name).distinct()).scalars().all()
    return tuple(sorted({language for name in names for _, language in own_wordings(connection, name)}))


def add_line(connection: Connection, line: Helpline, *, by: str, now: datetime) -> int:
    """Add a number of the office; one without digits takes the number away."""
    values = {
        "country": line.country, "kind": line.kind, "place": line.place, "number": line.number, "note": line.note,
        "certainty": line.certainty, "created_at": now, "created_by": by,
    }  # fmt: skip
    return int(connection.execute(insert(LINES).values(values).returning(LINES.c.id)).scalar_one())


def own_lines(connection: Connection, country: str = "") -> list[Helpline]:
    """Return the office's numbers in the order they were written; the last of a country, kind and place counts."""
    query = select(LINES).order_by(LINES.c.id)
    if country:
        query = query.where(LINES.c.country == country)
    return [_line(row) for row in connection.execute(query)]


def _line(row: Row[tuple[object, ...]]) -> Helpline:
    r = row._mapping
    return Helpline(
        r["country"], Kind(r["kind"]), r["place"], r["number"], r["created_at"].date().isoformat(),
        Certainty(r["certainty"]), (), r["created_by"], r["note"],
    )  # fmt: skip
