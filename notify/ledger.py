"""The ledger for people to read: one row per person and notice, by ids; and its exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from core import audit
from core.chain import SEALS
from core.clock import iso
from notify.alerts import Acting
from notify.store import proof as store
from registry.actors import SYSTEM
from registry.scope.rights import erased

FORMULA = frozenset("=+-@\t\r")
COLUMNS = (
    "alert_id", "no", "kind", "level", "title_zh", "rule", "registrant_id", "posting_id", "country", "delivery_id", "channel",
    "state", "reason", "provider_status", "error_code", "provider_id", "attempts", "doubtful", "accepted_at", "updated_at",
    "erased_at",
)  # fmt: skip


def rows(
    connection: Connection, acting: Acting, *, alert_id: int | None = None, registrant_id: int | None = None
) -> list[dict[str, Any]]:
    """Return the ledger of an alert, of a person, or all of it, as it stands; the look is written to the audit log.

    `erased_at` tells of people who are erased: the row says what was sent to a number of the register, and to nobody by name.
    """
    subject = f"alert/{alert_id}" if alert_id else f"person/{registrant_id}" if registrant_id else "all"
    audit.record(connection, actor=acting.actor.name, action="ledger.export", subject=subject, now=acting.now)
    found = store.trail(connection, alert_id=alert_id, registrant_id=registrant_id)
    gone = erased(connection, SYSTEM, sorted({row.registrant_id for row in found}))
    return [{name: _plain(row._mapping.get(name)) for name in COLUMNS} | {"erased_at": iso(gone.get(row.registrant_id))}
            for row in found]  # fmt: skip


def seals(connection: Connection) -> int:
    """Count the seals of the chain."""
    return connection.execute(select(func.count()).select_from(SEALS)).scalar_one()


def write_xlsx(path: Path, found: list[dict[str, Any]]) -> None:
    """Write the ledger as a workbook. Text stays text: nothing in it is ever a formula."""
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    import pandas as pd  # 0.7 s to import: only for whoever wants a workbook

    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=options) as writer:
        pd.DataFrame(found, columns=list(COLUMNS)).to_excel(writer, sheet_name="ledger", index=False)


def for_spreadsheet(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return rows for a .csv that a spreadsheet will open: a text that it would run as a formula gets a quote before it.

    Source: OWASP, "CSV Injection".
    """
    return ({name: _harmless(value) for name, value in row.items()} for row in found)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value


def _plain(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
