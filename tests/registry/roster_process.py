"""Imports a roster in a process of its own, which kills itself (SIGKILL) where it is told to: see `test_undo`."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, event

from core.database import open_engine, writing
from core.keys import MasterKeys
from registry.actors import SYSTEM
from registry.employers import find_employer
from registry.roster.apply import import_roster
from tests.registry.files import changed, check

CREW = 50
TABLES = {"people": "INSERT INTO registrant", "changes": "INSERT INTO register_change"}


def main(url: str, at: str) -> None:
    """Import fifty people; die after the statement that writes `at`, or at the `end`, or `never`."""
    engine = open_engine(url)
    keys = MasterKeys({"test": bytes(range(32))}, "test")
    rows = [changed(name=f"工友{chr(0x4E00 + n)}", home="", mail=f"worker{n}@example.com") for n in range(CREW)]

    def watch(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith(TABLES.get(at, "nothing")):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "after_cursor_execute", watch)
    with writing(engine) as connection:
        employer = find_employer(connection, SYSTEM, "OFFICE-1")
        import_roster(
            connection, SYSTEM, employer, check(*rows),
            keys=keys, index_key=bytes(range(32, 64)), now=datetime(2026, 11, 22, tzinfo=UTC),
        )  # fmt: skip
        if at == "end":
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
