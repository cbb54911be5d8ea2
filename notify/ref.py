"""Reference codes: six letters and digits that name one delivery, on the notice and on the telephone. Pure.

The code is the number of the delivery, shuffled, in Crockford's base 32 (no I, L, O, U). It ties a message at a provider that
has no field for our own id to the row it belongs to, and it can be read out loud.
"""

from __future__ import annotations

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 30
MASK = (1 << BITS) - 1
GAP = "{ref}"


def reference(instance_uid: str, delivery_id: int) -> str:
    """Return the code of a delivery: one to one for the first 2^30 deliveries of an instance.

    Raises:
        ValueError: the number is past 2^30.
    """
    if not 0 < delivery_id <= MASK:
        raise ValueError(f"delivery number out of range: {delivery_id}")
    seed = hashlib.sha256(instance_uid.encode()).digest()
    # Multiplying by an odd number and adding are both one-to-one modulo a power of two; the fold keeps neighbours apart.
    odd = int.from_bytes(seed[:4], "big") | 1
    value = (delivery_id * odd + int.from_bytes(seed[4:8], "big")) & MASK
    value ^= value >> 15
    return "".join(ALPHABET[value >> shift & 31] for shift in range(BITS - 5, -1, -5))


def fill(body: str, code: str) -> str:
    """Put the code into a text."""
    return body.replace(GAP, code)
