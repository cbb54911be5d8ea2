"""Until when a Chinese reminder holds, and the numbers printed at its end. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sources.model import Contact

BEIJING = ZoneInfo("Asia/Shanghai")
"""The ministry dates its notices in Beijing time, wherever the place is."""

_VALID = re.compile(
    r"有效期(?:限)?(?:延长|延续|顺延|延|截)?(?:至|到|为)[::]?\s*(?:北京时间)?\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日(?!\s*起)"
)
_LABEL = re.compile(
    r"报警|匪警|警察|警方|火警|消防|急救|救护|医疗|救助|救援|应急|领事|领保|使馆|领馆|热线|求助|值班|电话|手机"
)
_NUMBER = re.compile(r"(?<![\d.])(?:\+|00)?\(?\d[\d\-() ]{0,22}\d(?![\d.]*(?:小时|年|月|日|时|人|级|%|公里|号))(?!\d)")
_EDGE = " \t,、;。/:或和及与."
_LONGEST_LABEL = 40
"""Longest words before a number that can be its label; more is a sentence that happens to hold a number."""


def expiry_of(text: str) -> datetime | None:
    """Return when the reminder `text` ends, or None if it does not say: the last instant of the day named, as UTC.

    Reads 本提醒有效期至YYYY年M月D日 and 有效期延至…; of several the latest counts (an extension repeats the old date).
    A date that does not exist in the calendar is no date.
    """
    ends = [end for match in _VALID.finditer(text) if (end := _end_of_day(match)) is not None]
    return max(ends, default=None)


def _end_of_day(match: re.Match[str]) -> datetime | None:
    try:
        day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=BEIJING)
    except ValueError:
        return None
    return (day + timedelta(days=1) - timedelta(seconds=1)).astimezone(UTC)


def contacts_of(text: str) -> tuple[Contact, ...]:
    """Return the telephone numbers printed in the closing lines of a Chinese notice, each with the words before it.

    A heading (驻X使馆领事保护与协助电话：) labels the bare numbers on the lines below it, and one number labels the
    next (报警电话：191，199). Numbers without a label, dates and counts are no contacts. Numbers stay as printed.
    """
    found: list[Contact] = []
    heading = ""
    for line in unicodedata.normalize("NFKC", text).splitlines():
        read, heading = _line(line.strip(), heading)
        found += read
    return tuple(dict.fromkeys(found))


def _line(line: str, heading: str) -> tuple[list[Contact], str]:
    """Return the contacts of one line and the label that holds for bare numbers after it."""
    found: list[Contact] = []
    at = 0
    for match in _NUMBER.finditer(line):
        said = line[at : match.start()].strip(_EDGE).lstrip(")").rstrip("(").strip(_EDGE)
        label = said or heading
        at = match.end()
        if _LABEL.search(label) and len(label) <= _LONGEST_LABEL:
            found.append(Contact(label=label, number=match[0].strip()))
            heading = label
    if not found:
        is_heading = _LABEL.search(line) and line.endswith(":") and len(line) <= _LONGEST_LABEL
        return found, line.strip(_EDGE) if is_heading else ""
    return found, heading
