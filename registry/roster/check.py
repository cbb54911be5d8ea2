"""Check a roster file: read it and judge every row. Pure; nothing is written anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from core.i18n import t
from registry.matching import plain_name
from registry.roster.columns import Column
from registry.roster.model import Finding, Outcome, RowResult, Weight
from registry.roster.read import read_file
from registry.roster.report import RosterReport, place
from registry.roster.rows import check_row, is_person
from registry.roster.table import RawRow, RawTable

Place = tuple[str, int, int]
"""A cell: name of the sheet, number of the row as the spreadsheet shows it, position of the column from 0."""


def check_roster(
    data: bytes, file_name: str, day: date, *, mended: Mapping[Place, str] | None = None
) -> RosterReport:  # fmt: skip
    """Return the report on a roster.

    Args:
        data: the bytes of the file; file_name: its ending tells the format.
        day: today at the office: tells planned stays from present ones.
        mended: what is to be read in cells in place of what the file has.

    Raises:
        BadInput: the file cannot be read as a roster at all.
    """
    file = read_file(data, file_name)
    if mended:
        file = replace(file, tables=tuple(_mended(table, mended) for table in file.tables))
    rows: list[RowResult] = []
    set_aside: list[tuple[str, int]] = []
    for table in file.tables:
        people, nobody = _judged(table, day)
        rows += people
        set_aside += [(table.sheet, number) for number in nobody]
    return RosterReport(
        file_name=file_name,
        sha256=hashlib.sha256(data).hexdigest(),
        tables=file.tables,
        rows=tuple(_with_repetitions(rows, file.tables)),
        set_aside=tuple(set_aside),
        other_sheets=file.other_sheets,
    )


def _mended(table: RawTable, mended: Mapping[Place, str]) -> RawTable:
    touched = {row for sheet, row, _ in mended if sheet == table.sheet}

    def cells(row: RawRow) -> tuple[str, ...]:
        return tuple(mended.get((table.sheet, row.number, at), cell) for at, cell in enumerate(row.cells))

    return replace(table, rows=tuple(RawRow(r.number, cells(r)) if r.number in touched else r for r in table.rows))


def _judged(table: RawTable, day: date) -> tuple[list[RowResult], list[int]]:
    people: list[RowResult] = []
    nobody: list[int] = []
    for row in table.rows:
        if is_person(row, table.header):
            people.append(check_row(row, table, day))
        else:
            nobody.append(row.number)
    return people, nobody


def _with_repetitions(rows: Sequence[RowResult], tables: Sequence[RawTable]) -> list[RowResult]:
    """Name every row that tells of a person nothing but what an earlier one tells: it adds nobody."""
    headings = {table.sheet: table.header.name_of(Column.NAME) for table in tables}
    first: dict[tuple[str, str], RowResult] = {}
    judged = []
    for row in rows:
        # Two of one name without any address may well be two people.
        if row.person is None or not row.person.addresses:
            judged.append(row)
            continue
        earlier = first.setdefault((plain_name(row.name), row.person.addresses[0].value), row)
        judged.append(_repeating(row, earlier, headings[row.sheet]) if _same(row, earlier) else row)
    return judged


def _same(row: RowResult, earlier: RowResult) -> bool:
    one, other = row.person, earlier.person
    if row is earlier or one is None or other is None:
        return False
    if not one.postings and other.postings:
        return False  # another place, in words that are no country
    return set(one.addresses) <= set(other.addresses) and set(one.postings) <= set(other.postings)


def _repeating(row: RowResult, earlier: RowResult, heading: str) -> RowResult:
    where = place(earlier.sheet if earlier.sheet != row.sheet else "", earlier.row)
    message = t("The same person stands in row {row} already.", row=where)
    finding = Finding(row.row, heading, row.name, message, Weight.NOTE, row.sheet)
    outcome = Outcome.CHANGED if row.outcome == Outcome.ACCEPTED else row.outcome
    return replace(row, outcome=outcome, findings=(*row.findings, finding))
