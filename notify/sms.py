"""How many parts an SMS takes. Pure.

Sources: 3GPP TS 23.038 section 6.2.1 (alphabet and extension table), 3GPP TS 23.040 section 9.2.3.24 (joined parts
carry a header of six octets, which leaves 153 septets or 67 UCS-2 units of each).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
SINGLE = {"gsm7": 160, "ucs2": 70}
JOINED = {"gsm7": 153, "ucs2": 67}


@dataclass(frozen=True)
class Parts:
    """The size of a text as SMS.

    Attributes:
        encoding: `gsm7` if every character is in the GSM 7-bit alphabet, else `ucs2`: one curly quote is enough.
        units: septets (`gsm7`; an extended character takes two) or UTF-16 units (`ucs2`; an emoji takes two).
        parts: messages the network carries and the provider bills; 0 for an empty text.
    """

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int


def count(text: str) -> Parts:
    """Return how `text` goes over the air. A character of two units is never split between two parts."""
    letters = frozenset(text)
    if letters <= BASIC:
        return _parts("gsm7", len(text), repeat(1, len(text)))
    if letters <= BASIC | EXTENDED:
        costs = [2 if letter in EXTENDED else 1 for letter in text]
        return _parts("gsm7", sum(costs), costs)
    costs = [2 if letter > "\uffff" else 1 for letter in text]
    return _parts("ucs2", sum(costs), costs)


def _parts(encoding: Literal["gsm7", "ucs2"], units: int, costs: Iterable[int]) -> Parts:
    if units <= SINGLE[encoding]:
        return Parts(encoding, units, 1 if units else 0)
    room, parts, used = JOINED[encoding], 1, 0
    for cost in costs:
        used += cost
        if used > room:
            parts, used = parts + 1, cost
    return Parts(encoding, units, parts)
