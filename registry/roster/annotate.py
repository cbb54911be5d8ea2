"""The roster back as a workbook: doubtful cells yellow, refused cells red, each with a comment that says what to do.

Nothing in a cell can act: what looks like a formula or a link stays text (CSV injection, OWASP).
"""

from __future__ import annotations

import io
from collections import defaultdict

import pandas as pd
from xlsxwriter import Workbook

from core.i18n import Language, t
from registry.roster.model import Finding, Weight
from registry.roster.report import RosterReport

COLOURS = {Weight.NOTE: "#DDEBF7", Weight.DOUBT: "#FFEB9C", Weight.REFUSAL: "#FFC7CE"}
HEAVIER = (Weight.NOTE, Weight.DOUBT, Weight.REFUSAL)
AS_TEXT = {"options": {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}}


def annotated(report: RosterReport, language: Language) -> bytes:
    """Return an .xlsx with the rows of the roster, findings marked in place, and all findings on a second sheet.

    The rows are the read ones, one below the other; the first column is the row number of the original. Columns with
    identity papers are left out.
    """
    header = report.table.header
    shown = [at for at, name in enumerate(header.names) if at not in header.secret and name]
    number = t("Row in your file").render(language)
    rows = [[row.number, *(row.cells[at] for at in shown)] for row in report.table.rows]
    frame = pd.DataFrame(rows, columns=[number, *(header.names[at] for at in shown)], dtype=object)
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=AS_TEXT) as writer:
        roster, problems = t("Roster").render(language), t("Findings").render(language)
        frame.to_excel(writer, sheet_name=roster, index=False)
        _findings_frame(report, language).to_excel(writer, sheet_name=problems, index=False)
        _mark(writer, roster, report, shown, language)
    return buffer.getvalue()


def _findings_frame(report: RosterReport, language: Language) -> pd.DataFrame:
    words = {
        Weight.NOTE: t("remark only").render(language),
        Weight.DOUBT: t("row doubtful").render(language),
        Weight.REFUSAL: t("row refused").render(language),
    }
    columns = [t("Row in your file"), t("Column"), t("What was read"), t("What it means"), t("What to do")]
    rows = [[one.row, one.column, one.read, words[one.weight], one.message.render(language)] for one in report.findings]
    return pd.DataFrame(rows, columns=[column.render(language) for column in columns], dtype=object)


def _mark(
    writer: pd.ExcelWriter[Workbook], name: str, report: RosterReport, shown: list[int], language: Language
) -> None:
    sheet, names = writer.sheets[name], report.table.header.names
    formats = {weight: writer.book.add_format({"bg_color": colour}) for weight, colour in COLOURS.items()}
    lines = {row.number: at for at, row in enumerate(report.table.rows, start=1)}
    cells = {row.number: row.cells for row in report.table.rows}
    columns = {names[at]: (place, at) for place, at in reversed(list(enumerate(shown, start=1)))}
    by_cell: defaultdict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_cell[finding.row, finding.column].append(finding)
    for (row, column), findings in by_cell.items():
        place, at = columns.get(column, (0, -1))
        weight = max((finding.weight for finding in findings), key=HEAVIER.index)
        text = "\n".join(finding.message.render(language) for finding in findings)
        if place:
            sheet.write_string(lines[row], place, cells[row][at], formats[weight])
        else:
            sheet.write_number(lines[row], 0, row, formats[weight])
        sheet.write_comment(lines[row], place, text)
