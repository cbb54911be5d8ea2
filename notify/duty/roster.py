"""The duty table as a file: CSV with a line for each shift. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import BadInput
from core.i18n import Message, t
from notify.duty.shifts import Shift, check, read_moment
from registry.phones import Phone, read_phone

COLUMNS = {
    "name": "name", "姓名": "name", "值班人": "name", "phone": "phone", "电话": "phone", "手机": "phone", "from": "from",
    "开始": "from", "起": "from", "until": "until", "结束": "until", "止": "until",
}  # fmt: skip
WANTED = ("name", "phone", "from", "until")


@dataclass(frozen=True)
class Wrong:
    """A line that cannot be read, counted from 1 with the header, and why."""

    line: int
    why: Message


def read_shift(name: str, phone: str, begins: str, ends: str, zone: str) -> Shift:
    """Read one shift as a person writes it; an hour alone (`08:00`) as its end is the next such hour.

    Raises:
        BadInput: a field cannot be read, or the shift makes no sense.
    """
    if not name.strip():
        raise BadInput(t("A shift needs a name."))
    number = read_phone(phone, host_country="CN")
    if not isinstance(number, Phone):
        raise BadInput(number.reason)
    if number.fixed:
        raise BadInput(t("An officer on duty needs a mobile number: a fixed line gets no SMS."))
    begin = read_moment(begins, zone)
    found = Shift(0, name.strip(), number.e164, begin, read_moment(ends, zone, after=begin))
    check(found)
    return found


def read_table(raw: bytes, zone: str) -> tuple[list[Shift], list[Wrong]]:
    """Read a file; every line is a shift or a reason why not.

    Raises:
        BadInput: it is no table with the columns name, phone, from, until.
    """
    rows = csv.DictReader(io.StringIO(_text(raw)))
    names = {
        COLUMNS[head.strip().casefold()]: head for head in rows.fieldnames or () if head.strip().casefold() in COLUMNS
    }
    if set(names) != set(WANTED):
        raise BadInput(t("The file needs the columns name, phone, from, until (姓名, 电话, 开始, 结束)."))
    found: list[Shift] = []
    wrong: list[Wrong] = []
    for line, row in enumerate(rows, 2):
        fields = {name: (row[head] or "").strip() for name, head in names.items()}
        if any(fields.values()):
            _read_line(line, fields, zone, found, wrong)
    return found, wrong


def _read_line(line: int, fields: Mapping[str, str], zone: str, found: list[Shift], wrong: list[Wrong]) -> None:
    try:
        found.append(read_shift(fields["name"], fields["phone"], fields["from"], fields["until"], zone))
    except BadInput as error:
        wrong.append(Wrong(line, error.message))


def _text(raw: bytes) -> str:
    for coding in ("utf-8-sig", "gb18030"):  # the second is what Excel in China writes
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    raise BadInput(t("The file is no text."))
