"""SQL of pages: opened once a cause, acknowledged, settled; and of the pulse of what runs by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from core.i18n import Message
from core.tables import table
from notify.duty.tables import DutyPage, Pulse
from sources.wire import message_json

PAGES, PULSES = table(DutyPage), table(Pulse)
OPEN = text("settled_at IS NULL")


def open_page(connection: Connection, cause: str, words: Message, now: datetime) -> bool:
    """Write a page, due at once; False if one of this cause is open."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(PAGES)
    row = {"cause": cause, "words": message_json(words), "opened_at": now, "due": now, "acked_by": ""}
    once = insert.values(row).on_conflict_do_nothing(index_elements=["cause"], index_where=OPEN)
    return bool(connection.execute(once.returning(PAGES.c.id)).first())


def settle(connection: Connection, cause: str, now: datetime) -> bool:
    """Close the open page of a cause; False if there is none."""
    query = update(PAGES).where(PAGES.c.cause == cause, PAGES.c.settled_at.is_(None))
    return bool(connection.execute(query.values(settled_at=now, due=None)).rowcount)


def open_pages(connection: Connection) -> list[DutyPage]:
    """Return the pages that are open, the oldest first."""
    query = select(PAGES).where(PAGES.c.settled_at.is_(None)).order_by(PAGES.c.id)
    return [DutyPage(**row) for row in connection.execute(query).mappings()]


def settled_since(connection: Connection, since: datetime) -> list[DutyPage]:
    """Return the pages that were closed since a moment: what the brief tells."""
    query = select(PAGES).where(PAGES.c.settled_at >= since).order_by(PAGES.c.id)
    return [DutyPage(**row) for row in connection.execute(query).mappings()]


def acknowledge(connection: Connection, pages: Sequence[int], *, by: str, now: datetime) -> list[int]:
    """Write who knows of these pages, so that nobody is called for them any more; return those that nobody knew of."""
    row = PAGES.c
    query = update(PAGES).where(row.id.in_(pages), row.acked_at.is_(None), row.settled_at.is_(None))
    return sorted(connection.execute(query.values(acked_at=now, acked_by=by, due=None).returning(row.id)).scalars())


def beat(connection: Connection, name: str, now: datetime) -> None:
    """Write that something that runs by itself runs now."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(PULSES)
    row = insert.values(name=name, at=now)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def last_beat(connection: Connection, name: str) -> datetime | None:
    """Return when it last ran; None: never."""
    return connection.execute(select(PULSES.c.at).where(PULSES.c.name == name)).scalar()
