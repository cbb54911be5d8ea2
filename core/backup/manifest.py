"""The first member of a backup: what it is, of which instance, when, and how many rows of what. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.backup.faults import BadBackup
from core.clock import iso, parse_moment
from core.i18n import t

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class TableNote:
    """A table of the backup: its columns in the order of its rows, and how many rows there are."""

    name: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        program: version of the program that wrote it. `schema`: of its database.
        instance: uid of the instance, and `mode` what it might do then.
        taken_at: moment of the one picture of the database that it holds.
        tables: in an order in which they can be filled.
        seals: number of the newest link of the proof chain, and `link` its hash; 0 and empty before the first.
    """

    program: str
    schema: str
    instance: str
    mode: str
    taken_at: datetime
    tables: tuple[TableNote, ...]
    seals: int
    link: str

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables."""
        return sum(one.rows for one in self.tables)

    def written(self) -> bytes:
        """Return it as it stands in the file."""
        tables = [{"name": one.name, "columns": one.columns, "rows": one.rows} for one in self.tables]
        plain = {"format": FORMAT, **self.__dict__, "taken_at": iso(self.taken_at), "tables": tables}
        return json.dumps(plain, ensure_ascii=False, indent=1).encode()


def read_manifest(text: bytes) -> Manifest:
    """Read what `Manifest.written` wrote.

    Raises:
        BadBackup: this is none, or of a format that this program does not know.
    """
    try:
        whole = json.loads(text)
        number = int(whole["format"])
        if number > FORMAT:
            raise BadBackup(
                t("The backup has format {number}: it needs a newer version of this program.", number=number)
            )
        words = {name: str(whole[name]) for name in ("program", "schema", "instance", "mode", "link")}
        notes = tuple(_note(one) for one in whole["tables"])
        return Manifest(taken_at=parse_moment(whole["taken_at"]), tables=notes, seals=int(whole["seals"]), **words)
    except (ValueError, KeyError, TypeError) as error:
        raise BadBackup(t("This is no backup of this program: it does not begin as one.")) from error


def _note(plain: Mapping[str, Any]) -> TableNote:
    return TableNote(str(plain["name"]), tuple(str(one) for one in plain["columns"]), int(plain["rows"]))
