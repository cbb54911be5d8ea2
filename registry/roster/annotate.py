"""The roster back as a workbook: doubtful cells yellow, refused cells red, each with a comment that says what to do.

Nothing in a cell can act: what looks like a formula or a link stays text (CSV injection, OWASP).
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.i18n import Language, t
from registry.roster.model import Finding, Weight
from registry.roster.report import RosterReport
from registry.roster.table import RawTable

COLOURS = {Weight.NOTE: "#DDEBF7", Weight.DOUBT: "#FFEB9C", Weight.REFUSAL: "#FFC7CE"}
HEAVIER = (Weight.NOTE, Weight.DOUBT, Weight.REFUSAL)
AS_TEXT = {"options": {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}}
# What a cell and a sheet can hold; and above so many comments a spreadsheet takes minutes to open.
LONGEST = 32_000
MOST_LINES = 1_000_000
MOST_COMMENTS = 20_000


@dataclass
class Pen:
    """What marks cells: a colour for each weight, the language of the comments, and how many may still be written."""

    colours: dict[Weight, Format]
    language: Language
    left: int = MOST_COMMENTS

    def mark(self, sheet: Worksheet, at: tuple[int, int], value: str | int, findings: Sequence[Finding]) -> None:
        """Colour a cell by its heaviest finding and say beside it what to do."""
        weight = max((finding.weight for finding in findings), key=HEAVIER.index)
        if isinstance(value, int):
            sheet.write_number(*at, value, self.colours[weight])
        else:
            sheet.write_string(*at, value[:LONGEST], self.colours[weight])
        if self.left:
            self.left -= 1
            sheet.write_comment(*at, "\n".join(finding.message.render(self.language) for finding in findings))


def annotated(report: RosterReport, language: Language) -> bytes:
    """Return an .xlsx with the sheets of the roster, findings marked in place, and all findings on a sheet of their own.

    The rows are the read ones, one below the other; the first column is the row number of the original. Columns with
    identity papers are left out. Above 20 000 findings the later cells are coloured and have no comment.
    """
    findings = report.findings
    by_sheet: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_sheet[finding.sheet].append(finding)
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=AS_TEXT) as writer:
        pen = Pen({weight: writer.book.add_format({"bg_color": one}) for weight, one in COLOURS.items()}, language)
        last = _free(t("Findings").render(language), report)
        for table in report.tables:
            name = table.sheet or t("Roster").render(language)
            _frame(table, language).to_excel(writer, sheet_name=name, index=False)
            _mark(writer.sheets[name], table, by_sheet[table.sheet], pen)
        _findings_frame(findings[:MOST_LINES], language).to_excel(writer, sheet_name=last, index=False)
    return buffer.getvalue()


def _free(name: str, report: RosterReport) -> str:
    """Return a name that no sheet of the roster has; names of sheets are the same in any case of letters."""
    taken = {table.sheet.lower() for table in report.tables}
    while name.lower() in taken:
        name += "_"
    return name


def _shown(table: RawTable) -> list[int]:
    return [at for at, name in enumerate(table.header.names) if at not in table.header.secret and name]


def _frame(table: RawTable, language: Language) -> pd.DataFrame:
    shown, names = _shown(table), table.header.names
    rows = [[row.number, *(row.cells[at][:LONGEST] for at in shown)] for row in table.rows[:MOST_LINES]]
    columns = [t("Row in your file").render(language), *(names[at] for at in shown)]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _findings_frame(findings: Sequence[Finding], language: Language) -> pd.DataFrame:
    words = {
        Weight.NOTE: t("remark only").render(language),
        Weight.DOUBT: t("row doubtful").render(language),
        Weight.REFUSAL: t("row refused").render(language),
    }
    columns = [t("Sheet"), t("Row in your file"), t("Column"), t("What was read"), t("What it means"), t("What to do")]
    rows = [
        [one.sheet, one.row, one.column, one.read[:LONGEST], words[one.weight], one.message.render(language)]
        for one in findings
    ]
    return pd.DataFrame(rows, columns=[column.render(language) for column in columns], dtype=object)


def _mark(sheet: Worksheet, table: RawTable, findings: Sequence[Finding], pen: Pen) -> None:
    lines = {row.number: at for at, row in enumerate(table.rows[:MOST_LINES], start=1)}
    names = table.header.names
    columns = {names[at]: (column, at) for column, at in reversed(list(enumerate(_shown(table), start=1)))}
    by_cell: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_cell[finding.row, finding.column].append(finding)
    for (row, heading), found in by_cell.items():
        if row in lines:
            column, at = columns.get(heading, (0, -1))
            value = table.rows[lines[row] - 1].cells[at] if column else row
            pen.mark(sheet, (lines[row], column), value, found)
