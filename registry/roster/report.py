"""What became of a roster, row by row. Pure. Rows in = accepted + doubtful + refused, always."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.i18n import Language, Message, t
from registry.roster.model import Finding, Outcome, RowResult, Weight
from registry.roster.read import RawTable


@dataclass(frozen=True)
class RosterReport:
    """A roster, read and judged; nothing is written yet.

    Attributes:
        sha256: hash of the file as received.
        rows: one result for every row about somebody, in the order of the file.
        set_aside: numbers of rows that are no person (sums, remarks under the table).
    """

    file_name: str
    sha256: str
    table: RawTable
    rows: tuple[RowResult, ...]
    set_aside: tuple[int, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many rows had this outcome."""
        return sum(1 for row in self.rows if row.outcome == outcome)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every finding in the order of the file, notes included."""
        return tuple(finding for row in self.rows for finding in row.findings)

    @property
    def clean(self) -> bool:
        """Tell whether nothing needs a person: every row accepted, no sheet and no column left unread by surprise."""
        all_accepted = self.count(Outcome.ACCEPTED) == len(self.rows) > 0
        return all_accepted and not (
            self.table.other_rosters or self.table.header.unknown or self.table.header.repeated
        )


def remarks(report: RosterReport) -> Iterator[Message]:
    """Tell what holds for the file as a whole: what was read, and what was not."""
    table, header = report.table, report.table.header
    if table.sheet:
        yield t("Read: sheet {sheet}, header in row {row}.", sheet=table.sheet, row=table.header_row)
    else:
        yield t("Read: {encoding}, header in row {row}.", encoding=table.encoding, row=table.header_row)
    if table.other_rosters:
        sheets = ", ".join(table.other_rosters)
        yield t("NOT read: sheet {sheets}, which lists people too. Save each as a file of its own.", sheets=sheets)
    if header.never_read:
        yield t(
            "Not read and not kept, because alerts do not need it: {columns}.", columns=", ".join(header.never_read)
        )
    if header.unknown:
        yield t("Not read, because the column is not known: {columns}.", columns=", ".join(header.unknown))
    if header.repeated:
        yield t("Not read, because it is the second column of its kind: {columns}.", columns=", ".join(header.repeated))
    if header.not_needed:
        yield t("Not used: {columns}.", columns=", ".join(header.not_needed))
    if report.set_aside:
        yield t("No person, set aside: row {rows}.", rows=", ".join(str(row) for row in report.set_aside))


def summary(report: RosterReport) -> Message:
    """Return the count of rows in one sentence."""
    return t(
        "{rows} rows: {accepted} accepted, {doubtful} doubtful, {refused} refused.",
        rows=len(report.rows), accepted=report.count(Outcome.ACCEPTED),
        doubtful=report.count(Outcome.DOUBTFUL), refused=report.count(Outcome.REFUSED),
    )  # fmt: skip


def lines(report: RosterReport, *, notes: bool = False) -> tuple[tuple[int, str, str, str, Message], ...]:
    """Return the lines of a table for people: row, column, what was read, weight, what to do. Notes only if asked
    for.
    """
    wanted = [finding for finding in report.findings if notes or finding.weight != Weight.NOTE]
    return tuple((one.row, one.column, one.read, one.weight.value, one.message) for one in wanted)


def to_json(report: RosterReport, language: Language) -> str:
    """Return the whole report as one JSON object, what was read included: for the person whose file it is."""
    findings = [
        {
            "row": one.row,
            "column": one.column,
            "read": one.read,
            "weight": one.weight,
            "message": one.message.render(language),
        }
        for one in report.findings
    ]
    return json.dumps(
        _counts(report) | {"remarks": [remark.render(language) for remark in remarks(report)], "findings": findings},
        ensure_ascii=False,
    )


def to_record(report: RosterReport) -> str:
    """Return what may be kept in the open: counts, and how often each finding came up; no name, number or other
    cell.
    """
    often = Counter((one.weight.value, one.message.text) for one in report.findings)
    kinds = [{"weight": weight, "message": text, "times": times} for (weight, text), times in sorted(often.items())]
    return json.dumps(_counts(report) | {"findings": kinds}, ensure_ascii=False)


def _counts(report: RosterReport) -> dict[str, object]:
    header = report.table.header
    return {
        "file": report.file_name, "sha256": report.sha256, "sheet": report.table.sheet,
        "encoding": report.table.encoding,
        "header_row": report.table.header_row, "rows": len(report.rows),
        **{outcome.value: report.count(outcome) for outcome in Outcome},
        "set_aside": report.set_aside, "other_rosters": report.table.other_rosters,
        "columns": {
            "read": {column.value: [header.names[at] for at in places] for column, places in header.found.items()},
            "not_used": header.not_needed, "never_read": header.never_read,
            "unknown": header.unknown, "repeated": header.repeated,
        },
    }  # fmt: skip
