"""Reference codes: six letters and digits that name one delivery, on the notice and on the telephone. Pure.

The code is the number of the delivery, shuffled, in Crockford's base 32 (no I, L, O, U). It ties a message at a provider that
has no field for our own id to the row it belongs to, and it can be read out loud.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 30
MASK = (1 << BITS) - 1
GAP = "{ref}"
SAFE_GAP = "{safe}"
"""Stands at the end of a personal link in texts that ask whether their reader is safe (see `notify.safety.links`)."""

_OFFERED = re.compile(r"（[^（）]*\{safe\}[^（）]*）|\s?\([^()]*\{safe\}[^()]*\)|\S*\{safe\}")
"""The link with the words around it that offer it: wordings put both in brackets."""


def reference(instance_uid: str, delivery_id: int) -> str:
    """Return the code of a delivery: one to one for the first 2^30 deliveries of an instance.

    Raises:
        ValueError: the number is past 2^30.
    """
    if not 0 < delivery_id <= MASK:
        raise ValueError(f"delivery number out of range: {delivery_id}")
    # Multiplying by an odd number and adding are both one-to-one modulo a power of two; the fold keeps neighbours apart.
    odd, more = _shuffle(instance_uid)
    value = (delivery_id * odd + more) & MASK
    value ^= value >> 15
    return "".join(ALPHABET[value >> shift & 31] for shift in range(BITS - 5, -1, -5))


def delivery_of(instance_uid: str, code: str) -> int | None:
    """Return the delivery that a code names, whatever the case of its letters; None if it is no code."""
    digits = [ALPHABET.find(letter) for letter in code.strip().upper()]
    if len(digits) != BITS // 5 or -1 in digits:
        return None
    odd, more = _shuffle(instance_uid)
    value = sum(digit << shift for digit, shift in zip(digits, range(BITS - 5, -1, -5), strict=True))
    value ^= value >> 15  # Half of the bits moved by half: folding again unfolds.
    return (value - more) * pow(odd, -1, MASK + 1) & MASK


@cache
def _shuffle(instance_uid: str) -> tuple[int, int]:
    seed = hashlib.sha256(instance_uid.encode()).digest()
    return int.from_bytes(seed[:4], "big") | 1, int.from_bytes(seed[4:8], "big")


def fill(body: str, code: str, token: str = "") -> str:
    """Put the code into a text, and the token into the personal link; without a token the offer of the link is left out."""
    if SAFE_GAP in body:
        body = body.replace(SAFE_GAP, token) if token else _OFFERED.sub("", body)
    return body.replace(GAP, code)
