"""The personal link in a notice that asks "are you safe?": a token that names its delivery and cannot be made up. Pure.

It is the reference of the delivery and a keyed hash of it, in the same letters as references: nothing is stored, it can be
typed, and a mail server that writes everything small does it no harm.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from notify.ref import ALPHABET, delivery_of, reference

PATH = "/safe"
MAC = 15
"""Letters of the hash: 75 bits. Nobody guesses one in the days for which an answer counts."""

LENGTH = 6 + MAC


@dataclass(frozen=True)
class Links:
    """Makes and reads tokens under a key of this database that stays when master keys are rotated."""

    key: bytes

    @classmethod
    def under(cls, index_key: bytes) -> Links:
        """Return the maker for a database, from the key of its blind index."""
        return cls(hmac.digest(index_key, b"safe-link", hashlib.sha256))

    def token(self, instance_uid: str, delivery_id: int) -> str:
        """Return the token of a delivery.

        Raises:
            ValueError: the number is none of a delivery.
        """
        return reference(instance_uid, delivery_id) + self._mac(instance_uid, delivery_id)

    def delivery_of(self, instance_uid: str, token: str) -> int | None:
        """Return the delivery that a token names, whatever the case of its letters; None if it is none of ours."""
        plain = token.strip().upper()
        number = delivery_of(instance_uid, plain[: LENGTH - MAC]) if len(plain) == LENGTH and plain.isascii() else None
        if not number:
            return None
        return number if hmac.compare_digest(plain[LENGTH - MAC :], self._mac(instance_uid, number)) else None

    def _mac(self, instance_uid: str, delivery_id: int) -> str:
        digest = hmac.digest(self.key, f"{instance_uid}/{delivery_id}".encode(), hashlib.sha256)
        value = int.from_bytes(digest[:10], "big")
        return "".join(ALPHABET[value >> 5 * at & 31] for at in range(MAC))
