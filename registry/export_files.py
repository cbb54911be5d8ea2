"""Exported people as a file: .csv, .xlsx or JSON Lines, written page by page, so that memory does not grow with the register."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import IO, TYPE_CHECKING

import orjson
import xlsxwriter

from core.i18n import Language, t
from registry.export import ExportPage
from registry.export_cells import HEADINGS, cells, plain

if TYPE_CHECKING:
    import pandas as pd

FORMULA = tuple("=+-@\t\r")
AS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST = 32_000
MOST_LINES = 1_000_000
"""Rows of one sheet, below its header; more go to another. A spreadsheet has 1 048 576."""


class Form(StrEnum):
    """The format of an exported file."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


def write_people(handle: IO[bytes], pages: Iterable[ExportPage], form: Form, language: Language, day: date) -> None:
    """Write people to a file that is open. Every cell is text: a spreadsheet computes none of them.

    Args:
        language: of the headings and the words in the cells; JSON Lines have names and codes of their own.
        day: today at the office.
    """
    if form is Form.JSONL:
        for page in pages:
            handle.writelines(orjson.dumps(plain(row), option=orjson.OPT_UTC_Z) + b"\n" for row in page.rows)
    elif form is Form.CSV:
        _write_csv(handle, _frames(pages, language, day))
    else:
        _write_xlsx(handle, _frames(pages, language, day), t("Roster").render(language))


def _frames(pages: Iterable[ExportPage], language: Language, day: date) -> Iterator[pd.DataFrame]:
    """Give one frame for each page; the first is empty and has the headings, whoever follows."""
    import pandas as pd  # 0.7 s to import: only for whoever wants a table

    columns = list(HEADINGS[language])
    yield pd.DataFrame(columns=columns, dtype=object)
    for page in pages:
        yield pd.DataFrame([cells(row, language, day) for row in page.rows], columns=columns, dtype=object)


def _write_csv(handle: IO[bytes], frames: Iterator[pd.DataFrame]) -> None:
    """Write a .csv in UTF-8, with the mark by which a spreadsheet knows it.

    What a spreadsheet would compute gets an apostrophe before it, which the reader of rosters takes off again. Source: OWASP,
    "CSV Injection".
    """
    text = io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")
    for at, frame in enumerate(frames):
        frame.map(_harmless).to_csv(text, index=False, header=at == 0, lineterminator="\r\n")
    text.detach()


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


def _write_xlsx(handle: IO[bytes], frames: Iterator[pd.DataFrame], name: str) -> None:
    book = xlsxwriter.Workbook(handle, AS_TEXT)
    line = MOST_LINES
    for frame in frames:
        headings = list(frame.columns)
        for row in frame.itertuples(index=False, name=None):
            if line >= MOST_LINES:
                sheet, line = _sheet(book, name, headings), 0
            line += 1
            for at, value in enumerate(row):
                sheet.write_string(line, at, value[:LONGEST])
    if not book.worksheets():
        _sheet(book, name, headings)
    book.close()


def _sheet(book: xlsxwriter.Workbook, name: str, headings: list[str]) -> xlsxwriter.worksheet.Worksheet:
    number = len(book.worksheets())
    sheet = book.add_worksheet(f"{name} {number + 1}" if number else name)
    for at, heading in enumerate(headings):
        sheet.write_string(0, at, heading)
    return sheet
