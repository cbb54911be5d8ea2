"""What became of a roster, row by row. Pure. Rows in = accepted + changed + doubtful + refused, always."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.i18n import Language, Message, t
from registry.people import Channel
from registry.roster.model import Finding, Outcome, RowResult, Weight
from registry.roster.table import RawTable

MOST_NAMED = 50
LONGEST_READ = 200


@dataclass(frozen=True)
class RosterReport:
    """A roster, read and judged; nothing is written yet.

    Attributes:
        sha256: hash of the file as received.
        tables: every sheet with a header row.
        rows: one result for every row about somebody, in the order of the file.
        set_aside: sheet and number of rows that are no person (sums, remarks under the table).
        other_sheets: sheets that hold something and have no header row.
    """

    file_name: str
    sha256: str
    tables: tuple[RawTable, ...]
    rows: tuple[RowResult, ...]
    set_aside: tuple[tuple[str, int], ...] = ()
    other_sheets: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many rows had this outcome."""
        return sum(1 for row in self.rows if row.outcome == outcome)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every finding in the order of the file, notes included."""
        return tuple(finding for row in self.rows for finding in row.findings)

    @property
    def clean(self) -> bool:
        """Tell whether nothing needs a person: every row taken without doubt, nothing left unread by surprise."""
        taken = self.count(Outcome.ACCEPTED) + self.count(Outcome.CHANGED) == len(self.rows) > 0
        headers = [table.header for table in self.tables]
        return taken and not (self.other_sheets or any(header.unknown or header.repeated for header in headers))


def place(sheet: str, row: int) -> str:
    """Return where a row stands, as a spreadsheet writes it: `赞比亚!12`, or only the number."""
    return f"{sheet}!{row}" if sheet else str(row)


def remarks(report: RosterReport) -> Iterator[Message]:
    """Tell what holds for the file as a whole: what was read, and what was not."""
    for table in report.tables:
        yield from _of_table(table)
    if report.other_sheets:
        yield t("Not read, because it has no header row: sheet {sheets}.", sheets=", ".join(report.other_sheets))
    if report.set_aside:
        several = len(report.tables) > 1
        rows = [place(sheet if several else "", number) for sheet, number in report.set_aside]
        more = ["…"] if len(rows) > MOST_NAMED else []
        yield t("No person, set aside: row {rows}.", rows=", ".join(rows[:MOST_NAMED] + more))
    for number, people in _shared(report):
        yield t("{people} people share the number {number}: one notice goes to it for all.",
                people=people, number=number)  # fmt: skip


def _of_table(table: RawTable) -> Iterator[Message]:
    header = table.header
    if table.hidden:
        yield t("Read: hidden sheet {sheet}, header in row {row}. Every row is doubtful.",
                sheet=table.sheet, row=table.header_row)  # fmt: skip
    elif table.sheet:
        yield t("Read: sheet {sheet}, header in row {row}.", sheet=table.sheet, row=table.header_row)
    else:
        yield t("Read: {encoding}, header in row {row}.", encoding=table.encoding, row=table.header_row)
    if header.never_read:
        yield t(
            "Not read and not kept, because alerts do not need it: {columns}.", columns=", ".join(header.never_read)
        )
    if header.unknown:
        yield t("Not read, because the column is not known: {columns}.", columns=", ".join(header.unknown[:MOST_NAMED]))
    if header.repeated:
        yield t("Not read, because it is the second column of its kind: {columns}.", columns=", ".join(header.repeated))
    if header.not_needed:
        yield t("Not used: {columns}.", columns=", ".join(header.not_needed))


def _shared(report: RosterReport) -> list[tuple[str, int]]:
    """Return the numbers of three or more people, with how many they are: a foreman's phone, or a slip of filling
    down.
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for row in report.rows:
        if row.person is not None:
            for address in row.person.addresses:
                if address.channel == Channel.SMS:
                    names[address.value].add(row.person.name)
    return [(number, len(people)) for number, people in names.items() if len(people) > 2][:MOST_NAMED]


def summary(report: RosterReport) -> Message:
    """Return the count of rows in one sentence."""
    return t(
        "{rows} rows: {accepted} accepted, {changed} changed, {doubtful} doubtful, {refused} refused.",
        rows=len(report.rows), accepted=report.count(Outcome.ACCEPTED), changed=report.count(Outcome.CHANGED),
        doubtful=report.count(Outcome.DOUBTFUL), refused=report.count(Outcome.REFUSED),
    )  # fmt: skip


def lines(report: RosterReport, *, notes: bool = False) -> tuple[tuple[str, str, str, Message], ...]:
    """Return the lines of a table for people: row (with its sheet if there are several), column, what was read, what to
    do. Notes only if asked for.
    """
    several = len(report.tables) > 1
    wanted = [finding for finding in report.findings if notes or finding.weight != Weight.NOTE]
    return tuple(
        (place(one.sheet if several else "", one.row), one.column, one.read[:LONGEST_READ], one.message)
        for one in wanted
    )


def to_json(report: RosterReport, language: Language) -> str:
    """Return the whole report as one JSON object, what was read included: for the person whose file it is."""
    findings = [
        {
            "sheet": one.sheet, "row": one.row, "column": one.column, "read": one.read, "weight": one.weight,
            "outcome": row.outcome, "message": one.message.render(language),
        }
        for row in report.rows for one in row.findings
    ]  # fmt: skip
    return json.dumps(
        _counts(report) | {"remarks": [remark.render(language) for remark in remarks(report)], "findings": findings},
        ensure_ascii=False,
    )


def to_record(report: RosterReport, people: Mapping[str, int] | None = None) -> str:
    """Return what may be kept in the open: counts, and how often each finding came up; no name, number or other
    cell.

    Args:
        people: what the roster did, counted by people; None: it was not compared with anything.
    """
    often = Counter((one.weight.value, one.message.text) for one in report.findings)
    kinds = [{"weight": weight, "message": text, "times": times} for (weight, text), times in sorted(often.items())]
    return json.dumps(_counts(report) | {"findings": kinds, "people": people or {}}, ensure_ascii=False)


def _counts(report: RosterReport) -> dict[str, object]:
    return {
        "file": report.file_name, "sha256": report.sha256, "rows": len(report.rows),
        **{outcome.value: report.count(outcome) for outcome in Outcome},
        "set_aside": [{"sheet": sheet, "row": number} for sheet, number in report.set_aside],
        "other_sheets": report.other_sheets,
        "sheets": [_sheet(table) for table in report.tables],
    }  # fmt: skip


def _sheet(table: RawTable) -> dict[str, object]:
    header = table.header
    return {
        "sheet": table.sheet, "hidden": table.hidden, "encoding": table.encoding, "header_row": table.header_row,
        "columns": {
            "read": {column.value: [header.names[at] for at in places] for column, places in header.found.items()},
            "not_used": header.not_needed, "never_read": header.never_read,
            "unknown": header.unknown, "repeated": header.repeated,
        },
    }  # fmt: skip
