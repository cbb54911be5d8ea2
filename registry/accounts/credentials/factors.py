"""The second factor: codes of an app that change every 30 seconds (TOTP, RFC 6238), and recovery codes. Pure, apart from chance."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp

from core.keys import blind_index

SECONDS = 30
SLACK = 1
"""Steps that the clock of a phone may be off, both ways (RFC 6238, 5.2)."""
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and figures that look alike."""
GROUPS, GROUP = 4, 4
APP_CODE = re.compile(r"\d{6}")


def proposed_secret(index_key: bytes, token: str) -> str:
    """Return the secret proposed to who holds a link, in base32: always the same one, so that showing it writes nothing.

    It cannot be worked out from the link alone: a mail that lies about gives no second factor away.
    """
    made = hmac.digest(index_key, b"office-second-factor\0" + token.encode(), sha256)
    return base64.b32encode(made[:20]).decode()


def uri(secret: str, *, name: str, issuer: str) -> str:
    """Return what a QR code carries: `otpauth://totp/…` (Key Uri Format)."""
    return pyotp.TOTP(secret, name=name, issuer=issuer).provisioning_uri()


def app_code(text: str) -> str:
    """Return a code of an app as typed, without blanks; empty if it is none."""
    bare = re.sub(r"\s", "", text)
    return bare if APP_CODE.fullmatch(bare) and bare.isascii() else ""


def step_of(secret: str, code: str, now: datetime) -> int:
    """Return the time step whose code this is, now or one step around it; 0 if it is none."""
    current = int(now.timestamp()) // SECONDS
    steps = range(current - SLACK, current + SLACK + 1)
    made = pyotp.HOTP(secret)
    return max((step for step in steps if hmac.compare_digest(made.at(step), code)), default=0)


def fresh_codes() -> tuple[str, ...]:
    """Return ten new recovery codes, each with 79 bits of chance."""
    return tuple(
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)) for _ in range(CODES)
    )


def code_hash(index_key: bytes, user_id: int, code: str) -> bytes:
    """Return what is kept of a recovery code, however it was typed: a hash under the key of the blind index."""
    bare = re.sub(r"[\s\-]", "", code).lower()
    return blind_index(index_key, f"recovery-code/{user_id}", bare)
