"""Reading a roster from a text table (.csv): encoding, delimiter, quotation marks. Pure."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

from core.errors import BadInput
from core.i18n import t
from registry.roster.columns import Header
from registry.roster.header import WITHIN, find_header
from registry.roster.table import RawTable, below_header

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ",\t;|"
SAMPLE = 20_000


def read_text(data: bytes, file_name: str) -> RawTable | None:
    """Read a text table; None if there is no header row in its first thirty rows.

    Raises:
        BadInput: the encoding is not known, or a quotation mark is not closed, so that rows would run together.
    """
    text, encoding = decode(data, file_name)
    found = _delimiter(text)
    if found is None:
        return None
    delimiter, at, header = found
    rows = _rows(text, delimiter, file_name)
    below = islice(_whole(rows, delimiter, len(header.names), file_name), at + 1, None)
    header, people = below_header(below, at + 2, header)
    return RawTable("", encoding, at + 1, header, people)


def decode(data: bytes, file_name: str) -> tuple[str, str]:
    """Return the text and its encoding: by its mark, else UTF-8, UTF-16 if every other byte says so, else GB 18030.

    Raises:
        BadInput: it is none of these.
    """
    for encoding in _candidates(data):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise BadInput(t("{file}: the encoding is not known. Save it as .xlsx, or as CSV in UTF-8.", file=file_name))


def _candidates(data: bytes) -> tuple[str, ...]:
    for mark, name in BOMS:
        if data.startswith(mark):
            return (name,)
    sample = data[:SAMPLE]
    # In UTF-16 every comma and line end has a zero byte, always on the same side; a stray zero byte has no side.
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(data) % 2 == 0 and max(even, odd) > 10 * min(even, odd) and even + odd > len(sample) // 50:
        return ("utf-16-be",) if even > odd else ("utf-16-le",)
    return ("utf-8", "gb18030")


def _delimiter(text: str) -> tuple[str, int, Header] | None:
    """Return the delimiter under which there is a header, the place of that header, and the header."""
    for delimiter in DELIMITERS:
        rows = list(islice(csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=delimiter), WITHIN + 1))
        found = find_header([[cell.strip() for cell in row] for row in rows])
        if found is not None:
            return delimiter, *found
    return None


def _rows(text: str, delimiter: str, file_name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        raise BadInput(
            t("{file}, line {line}: a quotation mark is not closed. Save the file again as .xlsx.",
              file=file_name, line=reader.line_num)
        ) from error  # fmt: skip


def _whole(rows: Iterator[list[str]], delimiter: str, width: int, file_name: str) -> Iterator[list[str]]:
    """Pass the rows on.

    Raises:
        BadInput: a cell has swallowed whole rows between two stray quotation marks. People would be lost in it.
    """
    enough = max(2, (width - 1) // 2)
    for number, row in enumerate(rows, start=1):
        for cell in row:
            if "\n" in cell and any(line.count(delimiter) >= enough for line in cell.splitlines()):
                raise BadInput(
                    t("{file}, row {row}: a quotation mark joins several rows. Save the file again as .xlsx.",
                      file=file_name, row=number)
                )  # fmt: skip
        yield row
