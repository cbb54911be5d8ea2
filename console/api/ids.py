"""Public ids: the number of a row, enciphered under a key of the company. Pure.

Rows are numbered in the order in which all companies write them: a company that saw these numbers could count the people of
the others. A public id tells neither order nor distance, and the same row has another one for every company and kind.

A Feistel network over 64 bits, whose rounds are HMAC-SHA-256 (Luby and Rackoff 1988: four rounds make a permutation that
cannot be told from chance; eight are used). It hides, and does not prove: whether a row may be seen is asked of the register.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

ROUNDS = 8
HALF = 32
MASK = (1 << HALF) - 1
LARGEST = (1 << 63) - 1  # what a database column of ours can hold
FORM = re.compile("[0-9a-f]{16}")
NOWHERE = 0
"""No row has this number: what is no id leads to it, and is looked for like any other."""


class Kind(StrEnum):
    """What an id names. An id of one kind is worthless as one of another."""

    PERSON = "person"
    POSTING = "posting"
    ADDRESS = "address"
    ROSTER = "roster"
    NOTICE = "notice"
    ALERT = "alert"
    CURSOR = "cursor"
    QUESTION = "question"
    DRAFT = "draft"
    CONTACT = "contact"
    TOKEN = "token"  # noqa: S105 (a kind, no secret)
    SESSION = "session"


@dataclass(frozen=True)
class Ids:
    """The ids of one company.

    Attributes:
        secret: key of the blind index of this database: it stays when master keys are rotated.
    """

    secret: bytes
    employer_id: int

    def show(self, kind: Kind, number: int) -> str:
        """Return the public id of a row: 16 hexadecimal digits."""
        left, right = number >> HALF, number & MASK
        for turn in range(ROUNDS):
            left, right = right, left ^ self._round(kind, turn, right)
        return f"{left << HALF | right:016x}"

    def read(self, kind: Kind, text: str) -> int:
        """Return the number behind an id; `NOWHERE` if it is none of ours."""
        if not FORM.fullmatch(text):
            return NOWHERE
        value = int(text, 16)
        left, right = value >> HALF, value & MASK
        for turn in reversed(range(ROUNDS)):
            left, right = right ^ self._round(kind, turn, left), left
        number = left << HALF | right
        return number if number <= LARGEST else NOWHERE

    def mark(self, first: int, second: int = 0) -> str:
        """Return a cursor: the place after which the next page begins, with a proof that we wrote it."""
        place = self.show(Kind.CURSOR, first) + self.show(Kind.CURSOR, second)
        return place + _mac(self._keys[Kind.CURSOR], place.encode())[:8].hex()

    def place(self, cursor: str) -> tuple[int, int] | None:
        """Return the place that a cursor names; (0, 0) for none, None if it is not one of this company."""
        if not cursor:
            return 0, 0
        first, second = self.read(Kind.CURSOR, cursor[:16]), self.read(Kind.CURSOR, cursor[16:32])
        written = self.mark(first, second)
        return (first, second) if hmac.compare_digest(written.encode(), cursor.encode()) else None

    @cached_property
    def _keys(self) -> dict[Kind, bytes]:
        return {kind: _mac(self.secret, f"api-id\0{self.employer_id}\0{kind}".encode()) for kind in Kind}

    def _round(self, kind: Kind, turn: int, half: int) -> int:
        return int.from_bytes(_mac(self._keys[kind], turn.to_bytes(1) + half.to_bytes(4))[:4])


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, hashlib.sha256)
