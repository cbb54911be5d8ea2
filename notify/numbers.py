"""The telephone numbers of a notice: the embassies' lines and 12308, as the source prints them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.i18n import Language
from core.places.finder import resolve
from core.places.names import display
from sources.model import Contact

HOTLINE = "+86-10-12308"
"""The foreign ministry's line for consular protection, day and night; printed at the end of its own notices."""

HOTLINE_NAME: Mapping[Language, str] = {
    "zh": "外交部全球领事保护与服务应急热线（24小时）", "en": "12308 hotline for consular protection (24 hours)",
}  # fmt: skip
SERVICES = {"火警": "Fire brigade", "匪警": "Police", "报警": "Police", "急救": "Ambulance"}
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
    lines = [f"{_label(one, language)}{colon}{one.number}" for one in contacts if one.number not in body]
    if not any("12308" in text for text in (body, *lines)):
        lines.append(f"{HOTLINE_NAME[language]}{colon}{HOTLINE}")
    return lines


def _label(contact: Contact, language: Language) -> str:
    found = _MISSION.search(contact.label)
    if language == "zh" or "12308" in contact.number:
        return contact.label if language == "zh" else HOTLINE_NAME["en"]
    if found is not None:
        return _mission(found, language)
    return next((english for chinese, english in SERVICES.items() if chinese in contact.label), contact.label)


def _hotline(contacts: Sequence[Contact]) -> str:
    return next((one.number for one in contacts if "12308" in one.number), HOTLINE)


def _mission(found: re.Match[str], language: Language) -> str:
    place, consulate = found["place"], "领" in found["kind"]
    if language == "zh":
        return f"驻{place}{'总领馆' if consulate else '使馆'}领保电话"
    codes = resolve(place)
    name = f" ({display(codes[0], 'en')})" if len(codes) == 1 and not consulate else f" ({place})"
    return f"Chinese {'consulate' if consulate else 'embassy'}{name}"
