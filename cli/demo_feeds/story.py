"""What happens in the demo, and to which countries. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from core.places.names import codes

DO_NOT_GO = "ML"
"""The home ministry says: do not go, and leave. The notice that goes out by itself."""
ADVICE = "IT"
"""The home ministry gives general advice: a line of the digest."""
PEER_RAISE = "MG"
"""Another government goes from level 2 to 4: a draft for an officer."""
TOUCHED = "KE"
"""Another government moves a date and nothing else."""
QUAKE = "PH"
"""A strong earthquake: a draft for an officer, who is called."""

SAMPLE_EN = "Sample text of a demonstration, not a real advisory."
SAMPLE_ZH = "（示例文本，仅供演示，并非真实提醒。）"

# China and its parts are home; nobody lives in the others.
LEFT_OUT = frozenset({"CN", "HK", "MO", "TW", "AQ", "BV", "GS", "HM", "IO", "TF", "UM"})
DEPENDENT = frozenset([
    "AI", "AS", "AW", "AX", "BL", "BM", "BQ", "CC", "CK", "CW", "CX", "EH", "FK", "FO", "GF",
    "GG", "GI", "GL", "GP", "GU", "IM", "JE", "KY", "MF", "MP", "MQ", "MS", "NC", "NF", "NU",
    "PF", "PM", "PN", "PR", "RE", "SH", "SJ", "SX", "TC", "TK", "VG", "VI", "WF", "YT",
])  # fmt: skip
"""Territories of another country: some publishers list them, some do not."""
US_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})


@dataclass(frozen=True)
class Page:
    """One page of a publisher as it goes over the wire. `name` is the file it is kept in."""

    source: str
    url: str
    name: str
    body: bytes


def listed(without: Iterable[str]) -> list[str]:
    """Return the codes a publisher lists: all that are lived in, but for those it leaves out."""
    return sorted(codes() - LEFT_OUT - set(without))


def draw(code: str, most: int) -> int:
    """Return a number from 0 to `most` - 1 that looks random and is always the same for a country."""
    return crc32(f"lingbao/{code}".encode()) % most


def made_up_level(code: str, later: bool) -> int:
    """Return the level (1 to 4) the other governments of the demo give a country; one of them is raised later."""
    if code == PEER_RAISE:
        return 4 if later else 2
    return (1, 1, 1, 1, 1, 2, 2, 2, 3, 4)[draw(code, 10)]
