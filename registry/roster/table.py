"""A roster as text, before anything in it is judged. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.roster.columns import Header, with_unnamed


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row below the header: its number as the spreadsheet shows it, and its cells as text, as many as the header
    has.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class RawTable:
    """One sheet of a roster as text.

    Attributes:
        sheet: name of the sheet; empty for .csv. `encoding` of a .csv, else empty.
        header_row: number of the (last) header row as the spreadsheet shows it.
        rows: rows that are not blank. Cells of columns that are never read are empty.
        hidden: the sheet is not shown when the file is opened.
    """

    sheet: str
    encoding: str
    header_row: int
    header: Header
    rows: tuple[RawRow, ...]
    hidden: bool = False


@dataclass(frozen=True)
class RosterFile:
    """All sheets of a file with people, and the names of those with something in them and no header row."""

    tables: tuple[RawTable, ...]
    other_sheets: tuple[str, ...] = ()


def below_header(rows: Iterator[Sequence[str]], first: int, header: Header) -> tuple[Header, tuple[RawRow, ...]]:
    """Return the rows under a header that are not blank, the first of them numbered `first`, and the header with the
    columns that have no heading and yet something in them.
    """
    filled = [(number, tuple(row)) for number, row in enumerate(rows, start=first) if any(row)]
    bare = {at for at, name in enumerate(header.names) if not name}
    unnamed = {at for _, row in filled for at in bare if at < len(row) and row[at]} if bare else set()
    width = len(header.names)
    unnamed |= {at for _, row in filled if len(row) > width for at in range(width, len(row)) if row[at]}
    header = with_unnamed(header, unnamed)
    width, secret = len(header.names), header.secret
    return header, tuple(RawRow(number, _fitted(row, width, secret)) for number, row in filled)


def _fitted(row: tuple[str, ...], width: int, secret: frozenset[int]) -> tuple[str, ...]:
    if len(row) == width and not secret:
        return row
    cells = [*row[:width], *[""] * (width - len(row))]
    for at in secret:
        cells[at] = ""
    return tuple(cells)
