"""Files of the kinds that rosters arrive in and no library at hand writes: old workbooks, locked ones, damaged ones."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | float
SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file (MS-CFB 3): the coat of .xls and of locked .xlsx. Streams are filled up to 4096 bytes."""
    padded = {
        name: data + bytes(max(4096, -(-len(data) // SECTOR) * SECTOR) - len(data)) for name, data in streams.items()
    }
    counts = [len(data) // SECTOR for data in padded.values()]
    tables = 1
    while (tables + 1 + sum(counts)) > tables * SECTOR // 4:
        tables += 1
    chain = [FAT] * tables + [END]
    starts = []
    for count in counts:
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + count), END]
    chain += [FREE] * (tables * SECTOR // 4 - len(chain))
    names = ["Root Entry", *padded]
    entries = b"".join(
        _entry(name, 5 if at == 0 else 2, END if at == 0 else starts[at - 1],
               0 if at == 0 else len(padded[name]), child=1 if at == 0 else FREE,
               right=at + 1 if 0 < at < len(names) - 1 else FREE)
        for at, name in enumerate(names)
    )  # fmt: skip
    header = struct.pack(
        "<8s16x5H6x9L", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, tables, 0, 4096, END, 0, END, 0,
    )  # fmt: skip
    header += struct.pack("<109L", *range(tables), *[FREE] * (109 - tables))
    body = struct.pack(f"<{len(chain)}L", *chain) + entries.ljust(SECTOR, b"\0") + b"".join(padded.values())
    return header + body


def _entry(name: str, kind: int, start: int, size: int, *, child: int, right: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBLLL36xLQ", text, len(text), kind, 1, FREE, right, child, start, size)


def xls(*rows: Sequence[Cell], sheet: str = "花名册") -> bytes:
    """Return an .xls (BIFF8) with one sheet of texts, numbers and `#N/A`; an empty text is an empty cell."""

    def record(kind: int, data: bytes) -> bytes:
        """Return one record of the stream."""
        return struct.pack("<HH", kind, len(data)) + data

    def text(value: str, length: str) -> bytes:
        """Return a text as UTF-16, with its length before it."""
        return struct.pack(length, len(value)) + b"\x01" + value.encode("utf-16-le")

    begin = struct.pack("<HHHHLL", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    page = record(0x0809, begin[:2] + b"\x10\x00" + begin[4:])
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            where = struct.pack("<HHH", at, place, 0)
            if value == "#N/A":
                page += record(0x0205, where + b"\x2a\x01")
            elif isinstance(value, str) and value:
                page += record(0x0204, where + text(value, "<H"))
            elif not isinstance(value, str):
                page += record(0x0203, where + struct.pack("<d", value))
    page += record(0x000A, b"")
    start = len(record(0x0809, begin)) + 4 + 6 + len(text(sheet, "<B")) + 4
    front = (
        record(0x0809, begin) + record(0x0085, struct.pack("<LH", start, 0) + text(sheet, "<B")) + record(0x000A, b"")
    )
    return compound({"Workbook": front + page})


def locked() -> bytes:
    """Return what a workbook with a password looks like from outside."""
    return compound({"EncryptionInfo": b"\x04\x00\x04\x00", "EncryptedPackage": bytes(range(256)) * 20})


def written(fill: Callable[[xlsxwriter.Workbook], None], **options: object) -> bytes:
    """Return a workbook that `fill` wrote."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, **options})
    fill(book)
    book.close()
    return buffer.getvalue()


def typed(fill: Callable[[Worksheet], None]) -> bytes:
    """Return a workbook as a program makes it that computes no formulas."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "花名册"
    fill(page)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rezipped(data: bytes, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> bytes:
    """Return a workbook with its parts renamed, changed or left out (None)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(*part)
    return buffer.getvalue()


def bomb() -> bytes:
    """Return an .xlsx of under a megabyte with a sheet of 500 MB, that says of itself to be small."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(500):
            part.write(bytes(1_000_000))
    data = buffer.getvalue()
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<L", 1000) + data[at + 28 :]
