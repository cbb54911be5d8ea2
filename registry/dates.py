"""Dates as rosters write them: a short, strict list of forms. Pure. Everything else goes back to the person; nothing
is guessed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from core.i18n import t
from registry.cells import Problem, clean

# Spreadsheets count days from here (their 1900 is a leap year by mistake).
EPOCH = date(1899, 12, 30)
SERIALS = range(30_000, 60_001)  # 1982 to 2064
FORMS = (
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
SERIAL = re.compile(r"(\d{5})(?:\.0+)?")


@lru_cache(maxsize=4096)
def read_date(text: str) -> date | Problem:
    """Read `2026年3月5日`, `2026/3/5`, `2026-03-05`, `20260305`, full-width digits, or a spreadsheet's day number."""
    plain = "".join(clean(text).split()) if "年" in text else clean(text)
    serial = SERIAL.fullmatch(plain)
    if serial and int(serial[1]) in SERIALS:
        return EPOCH + timedelta(days=int(serial[1]))
    for form in FORMS:
        found = form.fullmatch(plain)
        if found:
            return _day(text, *(int(part) for part in found.groups()))
    return Problem(text, t("This is no complete date. Write it as 2026-03-05."))


def _day(text: str, year: int, month: int, day: int) -> date | Problem:
    if not 1950 <= year <= 2100:
        return Problem(text, t("The year {year} cannot be right. Write the date as 2026-03-05.", year=year))
    try:
        return date(year, month, day)
    except ValueError:
        return Problem(text, t("There is no such day. Write the date as 2026-03-05."))
