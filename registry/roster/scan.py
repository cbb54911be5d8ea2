"""A look into the parts of an .xlsx before it is opened: how much it would unfold to, and what its cells hide. Pure.

A reader of workbooks gives an empty text both for an empty cell and for a formula that failed or was never computed;
only the file itself tells them apart. And a file of a few kilobytes can unfold to more memory than there is.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from html import unescape
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

MAX_UNFOLDED = 400_000_000
MAX_CELLS = 30_000_000
CHUNK = 1 << 20
CARRY = 4096
LEAST_ROWS, LEAST_COLUMNS = 100_000, 26
# What lies far out is looked for first: columns after Z, rows from 100 000. Every cell is asked only if that is too much.
FAR = re.compile(rb"""r=["'](?:([A-Z]{2,3})(\d+)|[A-Z]?(\d{6,7}))["']""")
ANY = re.compile(rb"""\br=["'](?:([A-Z]{1,3})(\d+)|(\d+))["']""")
FAILED = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+)(\d+)["'][^>]*>(.{0,400}?)</(?:\w+:)?c>""", re.DOTALL
)
ERROR_VALUE = re.compile(rb"<(?:\w+:)?v>(#[^<]{1,20})</")
# A formula whose result is an empty text says so (t="str"); one without any result was never computed.
UNCOMPUTED = re.compile(
    rb"""<(?:\w+:)?c\b(?![^>]*\bt=["']str["'])[^>]*\br=["']([A-Z]+)(\d+)["'][^>/]*>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]{0,1000})</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class TooMuch(Exception):
    """The file unfolds to more than a roster can hold."""


@dataclass
class SheetScan:
    """What was seen in one sheet.

    Attributes:
        hidden_values: what stands in cells that a reader gives as empty: the error or the formula, by row and column
            from 0.
    """

    hidden_values: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = LEAST_ROWS
    columns: int = LEAST_COLUMNS


@dataclass(frozen=True)
class BookScan:
    """What was seen in a workbook: its sheets by name, and whether it counts days from 1904."""

    sheets: dict[str, SheetScan]
    from_1904: bool = False


def scan_book(data: bytes) -> BookScan:
    """Look through every part of an .xlsx.

    Raises:
        TooMuch: it unfolds to more than 400 MB, or a sheet to more than 30 million cells.
        BadZipFile: the archive is damaged or locked.
    """
    parts: dict[str, SheetScan] = {}
    unfolded = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                info.file_size = 2 * MAX_UNFOLDED  # what the file says of itself is not believed
                scan = SheetScan()
                sheet = "worksheets/" in info.filename.replace("\\", "/")
                with archive.open(info) as part:
                    unfolded += _scan_part(part, scan, MAX_UNFOLDED - unfolded, sheet=sheet)
                if scan.rows * scan.columns > MAX_CELLS:
                    _measure(archive, info, scan)
                parts[info.filename.replace("\\", "/")] = scan
            return _named(archive, parts)
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, LookupError) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _scan_part(part: IO[bytes], scan: SheetScan, left: int, *, sheet: bool) -> int:
    size, carry = 0, b""
    while chunk := part.read(CHUNK):
        size += len(chunk)
        if size > left:
            raise TooMuch
        if sheet:
            whole = carry + chunk
            _look(whole, scan)
            carry = whole[-CARRY:]
    return size


def _measure(archive: zipfile.ZipFile, info: zipfile.ZipInfo, scan: SheetScan) -> None:
    """Find the true size of a sheet that seems too large."""
    scan.rows = scan.columns = 1
    carry = b""
    with archive.open(info) as part:
        while chunk := part.read(CHUNK):
            _reach(carry + chunk, scan, ANY)
            carry = chunk[-CARRY:]
    if scan.rows * scan.columns > MAX_CELLS:
        raise TooMuch


def _reach(text: bytes, scan: SheetScan, pattern: re.Pattern[bytes]) -> None:
    for column, row, alone in pattern.findall(text):
        scan.rows = max(scan.rows, int(row or alone))
        scan.columns = max(scan.columns, _number(column)) if column else scan.columns


def _look(text: bytes, scan: SheetScan) -> None:
    _reach(text, scan, FAR)
    if b't="e"' in text or b"t='e'" in text:
        for column, row, inside in FAILED.findall(text):
            value = ERROR_VALUE.search(inside)
            _keep(scan, column, row, value[1] if value else b"#N/A")
    if b"f>" in text or b"<f" in text:
        for column, row, formula in UNCOMPUTED.findall(text):
            _keep(scan, column, row, b"=" + formula)


def _keep(scan: SheetScan, column: bytes, row: bytes, value: bytes) -> None:
    scan.hidden_values[int(row) - 1, _number(column) - 1] = unescape(value.decode("utf-8", "replace"))


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _named(archive: zipfile.ZipFile, parts: dict[str, SheetScan]) -> BookScan:
    """Give the parts the names their sheets have; what cannot be named was at least measured."""
    book = next((name for name in archive.namelist() if name.replace("\\", "/").endswith("xl/workbook.xml")), "")
    try:
        tree = ElementTree.fromstring(archive.read(book)) if book else Element("none")
        links = posixpath.join(posixpath.dirname(book), "_rels", "workbook.xml.rels")
        targets = {one.get("Id", ""): one.get("Target", "") for one in ElementTree.fromstring(archive.read(links))}
    except (ParseError, DefusedXmlException, KeyError):
        return BookScan({})
    sheets = {}
    for one in tree.iter():
        if one.tag.endswith("}sheet") and (target := targets.get(one.get(RELATION, ""))):
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            sheets[one.get("name", "")] = parts.get(path, SheetScan())
    flags = [one.get("date1904", "") for one in tree.iter() if one.tag.endswith("}workbookPr")]
    return BookScan(sheets, any(flag in {"1", "true", "on"} for flag in flags))
