"""Reading the bytes of a roster into text cells: .csv, .xlsx, .xls. Pure.

The first sheet with a header row counts. Other sheets that look like rosters are named, so that nobody is lost in
silence.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from core.errors import BadInput
from core.i18n import Message, t
from registry.roster.columns import Header, read_header

HEADER_WITHIN = 10
MAX_BYTES = 100_000_000
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True)
class RawRow:
    """One row below the header: its number as the spreadsheet shows it, and its cells as text, as many as the header
    has.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    """A roster as text.

    Attributes:
        sheet: name of the sheet; empty for .csv. `encoding` of a .csv, else empty.
        header_row: number of the header row as the spreadsheet shows it.
        rows: rows that are not blank. Cells of columns that are never read are empty.
        other_rosters: sheets that have a header row too and were not read.
    """

    sheet: str
    encoding: str
    header_row: int
    header: Header
    rows: tuple[RawRow, ...]
    other_rosters: tuple[str, ...] = ()


def read_table(data: bytes, file_name: str) -> RawTable:
    """Read a roster; the end of the file name tells what it is.

    Raises:
        BadInput: it is no such file, is damaged or locked by a password, or no header row is among the first ten rows.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(t("{file} is too large: more than {limit} MB.", file=file_name, limit=MAX_BYTES // 1_000_000))
    ending = file_name.lower().rpartition(".")[2]
    if ending == "csv":
        return _csv(data, file_name)
    if ending in {"xlsx", "xls"}:
        return _workbook(data, file_name)
    raise BadInput(t("{file} is no roster: save it as .xlsx, .xls or .csv.", file=file_name))


def _csv(data: bytes, file_name: str) -> RawTable:
    text, encoding = decode(data, file_name)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        rows = [
            tuple(cell.strip() for cell in row)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise BadInput(t("{file} is no table: {error}", file=file_name, error=str(error))) from error
    found = _header(rows)
    if found is None:
        raise BadInput(_no_header(file_name))
    at, header = found
    return RawTable("", encoding, at + 1, header, tuple(_rows(rows, at, header)))


def decode(data: bytes, file_name: str) -> tuple[str, str]:
    """Return the text of a .csv and its encoding: by its mark, else UTF-8, else GB 18030.

    Raises:
        BadInput: it is none of these.
    """
    marked = next((name for mark, name in BOMS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise BadInput(t("{file}: the encoding is not known. Save it as .xlsx, or as CSV in UTF-8.", file=file_name))


def _workbook(data: bytes, file_name: str) -> RawTable:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = [(sheet, header) for sheet in _sheets(book) if (header := _sheet_header(sheet)) is not None]
        if not found:
            raise BadInput(_no_header(file_name))
        sheet, (at, columns) = found[0]
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile) as error:
        raise BadInput(
            t("{file} cannot be opened. Is it damaged, or locked with a password?", file=file_name)
        ) from error
    _fill_merged(rows, sheet, at)
    text = [tuple(cell_text(cell) for cell in row) for row in rows]
    others = tuple(other.name for other, _ in found[1:])
    return RawTable(sheet.name, "", at + 1, columns, tuple(_rows(text, at, columns)), others)


def _sheets(book: CalamineWorkbook) -> Iterator[CalamineSheet]:
    # Sheets that hold no cells (charts, macros) cannot be read and hold no people.
    for page in book.sheets_metadata:
        if page.typ == SheetTypeEnum.WorkSheet:
            yield book.get_sheet_by_name(page.name)


def _sheet_header(sheet: CalamineSheet) -> tuple[int, Header] | None:
    return _header(
        [[cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False, nrows=HEADER_WITHIN)]
    )


def _fill_merged(rows: list[list[Cell]], sheet: CalamineSheet, header_at: int) -> None:
    # One country merged over the rows of a team is how such lists are made; only the first cell of the block has the
    # value.
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top > header_at and left == right:
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, Header] | None:
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        header = read_header(row)
        if header is not None:
            return at, header
    return None


def _rows(rows: Sequence[Sequence[str]], header_at: int, header: Header) -> Iterator[RawRow]:
    width, secret = len(header.names), header.secret
    for number, row in enumerate(rows[header_at + 1 :], start=header_at + 2):
        cells = [("" if at in secret else cell) for at, cell in enumerate(row[:width])]
        if any(cells):
            yield RawRow(number, (*cells, *[""] * (width - len(cells))))


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


def _no_header(file_name: str) -> Message:
    return t(
        "{file}: no header row in the first ten rows. It needs 姓名 (name), 所在国家 (country), 境外电话 (phone).",
        file=file_name,
    )
