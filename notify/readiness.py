"""Can this process do its work now: does the database answer, is it of this version, do the keys open it? Reads a few rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from core.database import at_head, reading
from core.errors import LingbaoError
from core.i18n import Message, t
from core.keys import KeyGone
from core.tables import Mode
from notify.duty.store import last_beat
from notify.office import Office
from notify.store.alerts import instance

DISPATCHER, SWEEP = "dispatcher", "sweep"
BEATS = (DISPATCHER, SWEEP)
"""What writes down by itself that it runs: dispatchers that stay, and the sweep."""


class Piece(StrEnum):
    """What must be there."""

    DATABASE = "database"
    SCHEMA = "schema"
    KEYS = "keys"


FAULTS: Mapping[Piece, Message] = {
    Piece.DATABASE: t("The database does not answer."),
    Piece.SCHEMA: t(
        "The database is of another version than this program: run `lingbao db upgrade`, or start the newer program."
    ),
    Piece.KEYS: t("The master key does not open this database: put the right key file back."),
}


@dataclass(frozen=True)
class Readiness:
    """What was seen.

    Attributes:
        missing: what is not there; empty: ready. After the first one nothing more was looked at.
        mode: what the instance may do; None: it could not be read.
        beats: when what runs by itself last said so.
    """

    missing: tuple[Piece, ...] = ()
    mode: Mode | None = None
    beats: Mapping[str, datetime] = field(default_factory=dict)


SILENT = Readiness((Piece.DATABASE,))


def look(office: Office) -> Readiness:
    """Look once. Whatever the database does wrong is an answer, not an error."""
    try:
        if is_gone(office.engine):
            return SILENT
        if not at_head(office.engine):
            return Readiness((Piece.SCHEMA,))
        with reading(office.engine) as connection:
            here = instance(connection)
            found = {name: last_beat(connection, name) for name in BEATS}
        office.keys.unwrap(here.index_key)
    except KeyGone:
        return Readiness((Piece.KEYS,), Mode(here.mode))
    except (LingbaoError, SQLAlchemyError):
        return SILENT
    return Readiness((), Mode(here.mode), {name: at for name, at in found.items() if at is not None})


def is_gone(engine: Engine) -> bool:
    """Tell whether the file of a SQLite database is not there: to open it would make an empty one."""
    name = engine.url.database or ""
    return engine.dialect.name == "sqlite" and name not in {"", ":memory:"} and not Path(name).exists()
