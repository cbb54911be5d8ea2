"""The telephone numbers of a notice: the embassies' lines and 12308, as the source prints them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.i18n import Language
from core.places.finder import resolve
from core.places.names import display
from sources.model import Contact

HOTLINE = "+86-10-12308"
"""The foreign ministry's line for consular protection, day and night; printed at the end of its own notices."""

MOST_MISSIONS = 3
"""With more missions than this in one notice a short message leaves them to the link: one of ten numbers helps nobody."""
_MISSION = re.compile(r"驻(?P<place>.{1,12}?)(?P<kind>大使馆|使馆|总领事馆|总领馆|领事馆|领馆)")


def short_contacts(contacts: Sequence[Contact], language: Language) -> str:
    """Return what fits a short message: every mission's line (a joint notice has several), and 12308."""
    chosen: dict[str, str] = {}
    for one in contacts:
        found = _MISSION.search(one.label)
        if found is not None and "12308" not in one.number:
            chosen.setdefault(_mission(found, language), one.number)
    missions = list(chosen.items()) if len(chosen) <= MOST_MISSIONS else []
    lines = [*missions, ("12308热线" if language == "zh" else "12308 hotline", _hotline(contacts))]
    return ("，" if language == "zh" else ", ").join(f"{label} {number}" for label, number in lines)


def contact_lines(contacts: Sequence[Contact], body: str, language: Language) -> list[str]:
    """Return the lines that a mail adds below the text: the numbers that are not in the text already, and 12308."""
    colon = "：" if language == "zh" else ": "
    lines = [f"{one.label}{colon}{one.number}" for one in contacts if one.number not in body]
    if not any("12308" in text for text in (body, *lines)):
        lines.append(
            f"外交部全球领事保护与服务应急热线（24小时）：{HOTLINE}"
            if language == "zh"
            else f"12308 hotline for consular protection (24 hours): {HOTLINE}"
        )
    return lines


def _hotline(contacts: Sequence[Contact]) -> str:
    return next((one.number for one in contacts if "12308" in one.number), HOTLINE)


def _mission(found: re.Match[str], language: Language) -> str:
    place, consulate = found["place"], "领" in found["kind"]
    if language == "zh":
        return f"驻{place}{'总领馆' if consulate else '使馆'}领保电话"
    codes = resolve(place)
    name = f" ({display(codes[0], 'en')})" if len(codes) == 1 and not consulate else f" ({place})"
    return f"Chinese {'consulate' if consulate else 'embassy'}{name}"
