"""The same look into an .xls before it is opened (MS-CFB, MS-XLS): its chains end, and its cells are where cells can be. Pure.

A reader that believes a damaged file follows a chain of sectors in a circle, or makes room for 65 536 columns.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from zipfile import BadZipFile

from registry.roster.scan import MAX_CELLS, BookScan, SheetScan, TooMuch

LAST = 0xFFFFFFFA
STREAM, ROOT = 2, 5
SMALL = 4096
BOUNDSHEET, DIMENSIONS, TABLE_OF_TEXTS, BOOL_OR_ERROR, FORMULA, END, BEGIN = 0x85, 0x200, 0xFC, 0x205, 0x06, 0x0A, 0x809
CELLS = frozenset({0x201, 0x203, 0x204, 0x27E, 0xFD, 0xD6, 0xBD, 0xBE, BOOL_OR_ERROR, FORMULA})
COLUMNS = 256
# MS-XLS 2.5.10, BErr
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def scan_xls(data: bytes) -> BookScan:
    """Look through the chains and cells of an .xls.

    Raises:
        BadZipFile: it is damaged (the same class as for the other kind of workbook).
        TooMuch: it says that a sheet has more than 30 million cells.
    """
    try:
        return BookScan(_sheets(_workbook(data)))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadZipFile(str(error)) from error


def _workbook(data: bytes) -> bytes:
    """Return the stream of the workbook, and walk every other chain to its end."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in {512, 4096}:
        raise BadZipFile("sectors")
    first_dir, _, cutoff, first_small, _, first_difat = struct.unpack_from("<6L", data, 48)
    tables = [*struct.unpack_from("<109L", data, 76)]
    for sector in _difat(data, first_difat, size):
        tables += struct.unpack_from(f"<{size // 4 - 1}L", data, (sector + 1) * size)
    fat = [
        one
        for table in tables
        if table < LAST
        for one in struct.unpack_from(f"<{size // 4}L", data, (table + 1) * size)
    ]

    def read(first: int) -> bytes:
        """Return what stands in a chain of whole sectors."""
        return b"".join(data[(at + 1) * size : (at + 2) * size] for at in _chain(fat, first))

    directory, raw = read(first_dir), read(first_small)
    small = struct.unpack(f"<{len(raw) // 4}L", raw[: len(raw) // 4 * 4])
    found, container = b"", b""
    for entry in (directory[at : at + 128] for at in range(0, len(directory) - 127, 128)):
        length, kind = struct.unpack_from("<HB", entry, 64)
        first, bytes_in = struct.unpack_from("<LQ", entry, 116)
        if kind == ROOT:
            container = read(first)
        elif kind == STREAM and bytes_in:
            is_small = bytes_in < min(cutoff, SMALL)
            stream = (
                b"".join(container[at * 64 : at * 64 + 64] for at in _chain(small, first)) if is_small else read(first)
            )
            name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le").lower()
            found = stream[:bytes_in] if name in {"workbook", "book"} and not found else found
    return found


def _difat(data: bytes, first: int, size: int) -> Iterator[int]:
    seen = set()
    while first < LAST:
        if first in seen:
            raise BadZipFile("circle")
        seen.add(first)
        yield first
        (first,) = struct.unpack_from("<L", data, (first + 2) * size - 4)


def _chain(fat: Sequence[int], at: int) -> Iterator[int]:
    left = len(fat)
    while at < LAST:
        if left == 0:
            raise BadZipFile("circle")
        left -= 1
        yield at
        at = fat[at]


def _sheets(stream: bytes) -> dict[str, SheetScan]:
    names: dict[int, str] = {}
    sheets: dict[str, SheetScan] = {}
    here = SheetScan()
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        if kind == BEGIN:
            here = sheets.setdefault(names[at], SheetScan()) if at in names else SheetScan()
        elif kind == BOUNDSHEET:
            (place,) = struct.unpack_from("<L", body)
            names[place] = body[8:].decode("utf-16-le" if body[7] & 1 else "latin-1")
        elif kind == TABLE_OF_TEXTS and struct.unpack_from("<L", body, 4)[0] > len(stream):
            raise BadZipFile("texts")
        elif kind == DIMENSIONS:
            _check_size(body)
        elif kind in CELLS:
            _look(kind, body, here)
        at += 4 + length
    return sheets


def _check_size(body: bytes) -> None:
    top, bottom, left, right = struct.unpack_from("<LLHH" if len(body) >= 14 else "<4H", body)
    if bottom < top or right < left or (bottom - top) * (right - left) > MAX_CELLS:
        raise TooMuch


def _look(kind: int, body: bytes, here: SheetScan) -> None:
    row, column = struct.unpack_from("<HH", body)
    if column >= COLUMNS:
        raise BadZipFile("columns")
    if kind == BOOL_OR_ERROR and body[7]:
        here.hidden_values[row, column] = ERRORS.get(body[6], "#N/A")
    elif kind == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        here.hidden_values[row, column] = ERRORS.get(body[8], "#N/A")
