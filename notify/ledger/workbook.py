"""A proof as a workbook: the ledger, and on sheets of their own every attempt and every receipt. Text is never a formula."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from core.errors import BadInput
from core.i18n import t
from notify.ledger.flat import COLUMNS

TRIED = (
    "delivery_id",
    "attempt_id",
    "no",
    "at",
    "sha256",
    "holds",
    "seal",
    "outcome",
    "by",
    "ended_at",
    "code",
    "provider_id",
)
HEARD = ("delivery_id", "at", "status", "code", "via", "seal", "raw")
MOST_ROWS, LONGEST_CELL = 1_048_575, 32_767
"""What a sheet and a cell can hold (Excel specifications and limits)."""


def write_xlsx(target: Path | IO[bytes], found: Iterable[dict[str, Any]]) -> None:
    """Write the ledger as a workbook, row by row.

    Args:
        target: a file; or a handle, and then nothing lies on a disk meanwhile, and all of it in memory.

    Raises:
        BadInput: there are more rows than a sheet can hold.
    """
    on_disk = isinstance(target, Path)
    options = {
        "constant_memory": on_disk,
        "in_memory": not on_disk,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(target) if on_disk else target, options) as book:
        sheets = [_Sheet(book, "ledger", COLUMNS), _Sheet(book, "attempts", TRIED), _Sheet(book, "receipts", HEARD)]
        seen: set[int] = set()
        for row in found:
            sheets[0].add([row.get(name) for name in COLUMNS])
            if row["delivery_id"] is None or row["delivery_id"] in seen:
                continue
            seen.add(row["delivery_id"])  # thirty people behind one number share its attempts
            _add_calls(sheets[1], sheets[2], row)


def _add_calls(attempts: _Sheet, receipts: _Sheet, row: dict[str, Any]) -> None:
    for one in row.get("tried", ()):
        outcomes: list[dict[str, Any]] = one["outcomes"] or [{}]  # an attempt without one is in doubt
        for came in outcomes:
            call = [row["delivery_id"], *(one[name] for name in TRIED[1:7])]
            attempts.add([*call, *(came.get(name) for name in ("outcome", "by", "at", "code", "provider_id"))])
    for one in row.get("heard", ()):
        receipts.add([row["delivery_id"], *(one[name] for name in HEARD[1:])])


class _Sheet:
    """One sheet, written from the top down."""

    def __init__(self, book: Any, name: str, titles: Iterable[str]) -> None:
        self._sheet, self._next = book.add_worksheet(name), 0
        self.add(list(titles))

    def add(self, values: list[Any]) -> None:
        """Write the next row.

        Raises:
            BadInput: the sheet is full.
        """
        if self._next > MOST_ROWS:
            raise BadInput(t("More rows than one workbook can hold: choose csv or jsonl."))
        for column, value in enumerate(values):
            if isinstance(value, str):
                cut = value if len(value) <= LONGEST_CELL else value[: LONGEST_CELL - 1] + "…"
                self._sheet.write_string(self._next, column, cut)
            elif isinstance(value, bool):
                self._sheet.write_boolean(self._next, column, value)
            elif value is not None:
                self._sheet.write(self._next, column, value)
        self._next += 1
