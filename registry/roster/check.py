"""Check a roster file: read it and judge every row. Pure; nothing is written anywhere."""

from __future__ import annotations

import hashlib
from datetime import date

from registry.roster.read import read_table
from registry.roster.report import RosterReport
from registry.roster.rows import check_row, is_person


def check_roster(data: bytes, file_name: str, day: date) -> RosterReport:
    """Return the report on a roster.

    Args:
        data: the bytes of the file; file_name: its ending tells the format.
        day: today at the office: tells planned stays from present ones.

    Raises:
        BadInput: the file cannot be read as a roster at all.
    """
    table = read_table(data, file_name)
    people = [row for row in table.rows if is_person(row, table.header)]
    numbers = {row.number for row in people}
    return RosterReport(
        file_name=file_name,
        sha256=hashlib.sha256(data).hexdigest(),
        table=table,
        rows=tuple(check_row(row, table.header, day) for row in people),
        set_aside=tuple(row.number for row in table.rows if row.number not in numbers),
    )
