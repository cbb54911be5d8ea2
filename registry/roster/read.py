"""Reading the bytes of a roster: what kind of file it is, whatever its name says. Pure.

Every sheet with a header row counts. What is not read is named, so that nobody is lost in silence.
"""

from __future__ import annotations

import re

from core.errors import BadInput
from core.i18n import t
from registry.roster.book import read_book
from registry.roster.header import WITHIN
from registry.roster.table import RosterFile
from registry.roster.text import read_text

MAX_BYTES = 100_000_000
ENDINGS = frozenset({"csv", "txt", "tsv", "xlsx", "xlsm", "xls", "et"})
BOOKS = (b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
WEB_PAGE = re.compile(rb"\s*(?:<\?xml|<!doctype|<html|<head|<table|<meta|mime-version:)", re.IGNORECASE)


def read_file(data: bytes, file_name: str) -> RosterFile:
    """Read a roster. The content tells what it is: half of the files named .xls are none.

    Raises:
        BadInput: it is no such file, is damaged or locked by a password, or no header row is among the first thirty
            rows.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(t("{file} is too large: more than {limit} MB.", file=file_name, limit=MAX_BYTES // 1_000_000))
    if file_name.lower().rpartition(".")[2] not in ENDINGS:
        raise BadInput(t("{file} is no roster: save it as .xlsx, .xls or .csv.", file=file_name))
    if WEB_PAGE.match(data.removeprefix(b"\xef\xbb\xbf")[:200]):
        raise BadInput(t("{file} is a web page with another name. Open it and save it as .xlsx.", file=file_name))
    if data.startswith(BOOKS):
        file = read_book(data, file_name)
    else:
        table = read_text(data, file_name)
        file = RosterFile((table,) if table is not None else ())
    if not file.tables:
        raise BadInput(
            t(
                "{file}: no header row in the first {rows} rows. It needs 姓名 (name), 所在国家 (country), 境外电话 (phone).",
                file=file_name, rows=WITHIN,
            )
        )  # fmt: skip
    return file
