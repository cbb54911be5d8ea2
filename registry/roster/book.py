"""Reading a roster from a workbook (.xlsx, .xls, WPS): every sheet with a header row, hidden ones too. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from types import TracebackType

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.errors import BadInput
from core.i18n import Message, t
from registry.dates import SERIALS
from registry.roster.columns import Column, Header
from registry.roster.header import WITHIN, find_header
from registry.roster.scan import BookScan, SheetScan, TooMuch, scan_book
from registry.roster.scan_xls import scan_xls
from registry.roster.table import RawRow, RawTable, RosterFile, below_header

Cell = int | float | str | bool | time | date | datetime | timedelta
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MOST_REPEATED = 5_000
DATES = (Column.DATE_FROM, Column.DATE_TO)


def read_book(data: bytes, file_name: str) -> RosterFile:
    """Read all sheets that have a header row.

    Raises:
        BadInput: the file is damaged, locked with a password, or unfolds to more than a roster can hold.
    """
    if ENCRYPTED in data:
        raise BadInput(t("{file} is locked with a password. Save it without one.", file=file_name))
    damaged = t("{file} cannot be opened. It is damaged: save it again as .xlsx.", file=file_name)
    try:
        scan = scan_book(data) if data.startswith(b"PK") else scan_xls(data)
        with Panics(damaged):
            return _sheets(CalamineWorkbook.from_filelike(io.BytesIO(data)), scan)
    except TooMuch as error:
        raise BadInput(
            t("{file} unfolds to more than a roster can hold. Copy the rows into a new workbook.", file=file_name)
        ) from error
    except (CalamineError, zipfile.BadZipFile) as error:
        raise BadInput(damaged) from error


class Panics:
    """Makes the panic of a reader written in Rust into a sentence.

    A damaged .xls can make calamine panic; what arrives then is no `Exception`, and has no class that can be imported
    (https://pyo3.rs, PanicException), so it is known by its name.
    """

    def __init__(self, message: Message) -> None:
        self.message = message

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise `BadInput` in place of a panic; let all else pass."""
        if kind is not None and kind.__name__ == "PanicException":
            raise BadInput(self.message) from error


def _sheets(book: CalamineWorkbook, scan: BookScan) -> RosterFile:
    tables, others = [], []
    for page in book.sheets_metadata:
        if page.typ != SheetTypeEnum.WorkSheet:
            continue  # charts and macros hold no cells
        sheet, seen = book.get_sheet_by_name(page.name), scan.sheets.get(page.name, SheetScan())
        table = _table(sheet, seen, from_1904=scan.from_1904, hidden=page.visible != SheetVisibleEnum.Visible)
        if table is not None:
            tables.append(table)
        elif sheet.height and sheet.width:
            others.append(page.name)
    return RosterFile(tuple(tables), tuple(others))


def _table(sheet: CalamineSheet, seen: SheetScan, *, from_1904: bool, hidden: bool) -> RawTable | None:
    rows = _text_rows(sheet, seen)
    top = list(islice(rows, WITHIN + 1))
    found = find_header(top)
    if found is None:
        return None
    at, header = found
    header, people = below_header(islice(chain(top, rows), at + 1, None), at + 2, header)
    people = _filled(people, sheet, len(header.names), header.secret)
    if from_1904:
        people = _marked_1904(people, header)
    return RawTable(sheet.name, "", at + 1, header, people, hidden)


def _text_rows(sheet: CalamineSheet, seen: SheetScan) -> Iterator[list[str]]:
    """Yield every row from the first of the sheet on, empty ones too, and what its cells hide in its place."""
    hides: dict[int, dict[int, str]] = {}
    for (row, column), value in seen.hidden_values.items():
        hides.setdefault(row, {})[column] = value
    top, left = sheet.start or (0, 0)
    margin = [""] * left
    lowest = max(hides, default=0)
    above: Iterable[list[Cell]] = ([] for _ in range(top))
    below: Iterable[list[Cell]] = ([] for _ in range(lowest - top - sheet.height + 1))
    once: dict[str, str] = {}
    for number, cells in enumerate(chain(above, sheet.iter_rows(), below)):
        texts = margin + [cell.strip() if isinstance(cell, str) else cell_text(cell) for cell in cells]
        if len(once) < MOST_REPEATED:
            # The same country and day stand in thousands of rows: one text for all saves a third of the memory.
            texts = [once.setdefault(text, text) for text in texts]
        else:
            texts = [once.get(text, text) for text in texts]
        for at, value in hides.get(number, {}).items():
            texts += [""] * (at + 1 - len(texts))
            texts[at] = texts[at] or value
        yield texts


def _filled(people: tuple[RawRow, ...], sheet: CalamineSheet, width: int, secret: frozenset[int]) -> tuple[RawRow, ...]:
    """Write the value of a merged block into all rows under it that have something of their own.

    One country merged over the rows of a team is how such lists are made; only the first cell of the block has the
    value. A remark merged over empty rows makes nobody.
    """
    values = {row.number: row.cells for row in people}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        source = values.get(top + 1)
        if source is None or left >= width or left in secret or not source[left]:
            continue
        for number in range(top + 2, min(bottom + 1, people[-1].number) + 1):
            cells = values.get(number)
            if cells is not None and not cells[left]:
                values[number] = (*cells[:left], source[left], *cells[left + 1 :])
    return tuple(RawRow(number, cells) for number, cells in values.items()) if sheet.merged_cell_ranges else people


def _marked_1904(people: tuple[RawRow, ...], header: Header) -> tuple[RawRow, ...]:
    """Mark bare day numbers of a workbook that counts from 1904: read as usual they would be four years early."""
    places = [at for column in DATES for at in header.found.get(column, ())]

    def marked(cells: tuple[str, ...]) -> tuple[str, ...]:
        """Return the cells of a row with the mark behind a day number."""
        return tuple(
            f"{cell} (1904)" if at in places and cell.isdecimal() and int(cell) in SERIALS else cell
            for at, cell in enumerate(cells)
        )

    return tuple(RawRow(row.number, marked(row.cells)) for row in people)


def cell_text(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, dates as 2026-03-05. Pure."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
