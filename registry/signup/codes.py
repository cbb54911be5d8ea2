"""Codes and tickets. A code proves an address and is kept as a keyed hash only; a ticket names a row without telling which."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from core.errors import NotFound
from core.i18n import t
from core.keys import KeyGone, blind_index, seal, unseal

DIGITS = 6


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def code_hash(index_key: bytes, purpose: str, code: str) -> bytes:
    """Return the hash under which a code is kept. Without the key of this database all million codes would soon be tried."""
    return blind_index(index_key, f"code/{purpose}", code)


def fits(index_key: bytes, purpose: str, code: str, kept: bytes) -> bool:
    """Tell whether a code is the one that was sent, in a time that tells nothing. Blanks around and within it do not matter."""
    return hmac.compare_digest(code_hash(index_key, purpose, "".join(code.split())), kept)


def ticket(index_key: bytes, kind: str, row_id: int) -> str:
    """Return a ticket for a row: unguessable, and showing neither the number of the row nor how many there are."""
    sealed = seal(_ticket_key(index_key), f"{row_id:012d}", kind)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_ticket(index_key: bytes, kind: str, text: str) -> int:
    """Return the row of a ticket.

    Raises:
        NotFound: it is none of ours.
    """
    plain = text.strip()
    try:
        sealed = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
        return int(unseal(_ticket_key(index_key), sealed, kind))
    except (KeyGone, binascii.Error, ValueError) as error:
        raise NotFound(t("This ticket is none of ours. Copy it as it was shown.")) from error


def _ticket_key(index_key: bytes) -> bytes:
    return hmac.new(index_key, b"ticket", hashlib.sha256).digest()
