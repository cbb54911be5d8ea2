"""Keys: a person's own data key, wrapped by a rotating master key; and the blind index for look-up by exact value.

Layout of a sealed value: 12 bytes nonce, then AES-256-GCM ciphertext with tag. The associated data names the column and the
person, so that a value moved to another row or column does not open. Destroying the wrapped key of a person erases the
person's fields everywhere, while hash chains over the ciphertext stay verifiable (DESIGN promise 11).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import LingbaoError, WrongSetting
from core.i18n import t
from core.settings import Settings

NONCE = 12
KEY_FILE = Path("keys") / "master.keys"


class KeyGone(LingbaoError):
    """The key of a person was destroyed (erasure), or the master key that wrapped it is not here."""


def seal(key: bytes, text: str, context: str) -> bytes:
    """Encrypt `text` under a 32-byte key. `context` says where the value belongs, e.g. `address.value/17`."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher(key).encrypt(nonce, text.encode(), context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> str:
    """Decrypt what `seal` made.

    Raises:
        KeyGone: wrong key, wrong place, or a changed byte.
    """
    try:
        return _cipher(key).decrypt(sealed[:NONCE], sealed[NONCE:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: cut off within the nonce
        raise KeyGone(t("A protected value does not open: {context}.", context=context)) from error


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@dataclass(frozen=True)
class MasterKeys:
    """The master keys at hand: the current one wraps, all of them unwrap."""

    keys: dict[str, bytes]
    current: str

    def new_key(self) -> tuple[bytes, bytes]:
        """Make a data key; return it in clear and wrapped as `id:ciphertext`."""
        key = secrets.token_bytes(32)
        return key, self.wrap(key)

    def wrap(self, key: bytes) -> bytes:
        """Wrap a data key under the current master key."""
        nonce = os.urandom(NONCE)
        name = self.current.encode()
        return name + b":" + nonce + _cipher(self.keys[self.current]).encrypt(nonce, key, name)

    def unwrap(self, wrapped: bytes | None) -> bytes:
        """Unwrap a data key.

        Raises:
            KeyGone: the key was destroyed, or its master key is not at hand.
        """
        if wrapped is None:
            raise KeyGone(t("The key of this person was destroyed."))
        label, _, rest = wrapped.partition(b":")
        name = label.decode(errors="replace")
        master = self.keys.get(name)
        if master is None:
            raise KeyGone(t("Master key {name} is not here.", name=name))
        try:
            return _cipher(master).decrypt(rest[:NONCE], rest[NONCE:], label)
        except (InvalidTag, ValueError) as error:  # ValueError: cut off within the nonce
            raise KeyGone(t("Master key {name} does not open this key.", name=name)) from error


def blind_index(index_key: bytes, kind: str, value: str) -> bytes:
    """Return a keyed hash (16 bytes) of a value, by which an exact match can be found without storing the value."""
    return hmac.new(index_key, f"{kind}\0{value}".encode(), hashlib.sha256).digest()[:16]


def load_master_keys(settings: Settings, *, create: bool = False) -> MasterKeys:
    """Read the master keys from the setting, else from the key file; with `create`, make the file on first use.

    Raises:
        WrongSetting: there is no key, or it is no 32 bytes in base64.
    """
    text = settings.master_keys.get_secret_value()
    path = settings.home / KEY_FILE
    if not text:
        if not path.exists():
            if not create:
                raise WrongSetting(
                    t("There is no master key: {path}. Restore it, or run `lingbao db init`.", path=path)
                )
            _write_key(path)
        text = path.read_text().strip()
    return _parse(text)


def _parse(text: str) -> MasterKeys:
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        name, _, value = part.partition(":")
        try:
            key = base64.b64decode(value, validate=True)
        except ValueError as error:
            raise WrongSetting(t("master_keys: key {name} is not base64.", name=name)) from error
        if len(key) != 32 or not name:
            raise WrongSetting(t("master_keys: key {name} must have 32 bytes.", name=name))
        if name in keys:
            raise WrongSetting(t("master_keys: two keys are named {name}.", name=name))
        keys[name] = key
    if not keys:
        raise WrongSetting(t("master_keys: there is no key in it."))
    return MasterKeys(keys, next(iter(keys)))


def _write_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())  # the database outlives a power cut; without this key it could not be read
